import { runsIn } from '../../pipeline/manifest/placement.ts';
import { closePreview } from '../../pipeline/preview/close.ts';
import { refuseLabel, runCommand } from '../../pipeline/preview/command.ts';
import { tellMessage } from '../../pipeline/preview/comment.ts';
import { explainFork } from '../../pipeline/preview/fork.ts';
import { openPreview } from '../../pipeline/preview/open.ts';
import { capacityFor } from '../../pipeline/preview/places.ts';
import type { PreviewContext, PreviewPorts } from '../../pipeline/preview/ports.ts';
import { commandOfLabel, parseCommand, type Verb } from '../../pipeline/preview/verbs.ts';
import { DEFAULT_LOCK_WAIT_MS } from '../../pipeline/release/deploy.ts';
import type { Progress } from '../../pipeline/release/ports.ts';
import { choice, commit, days, flag, InputError, optionalNumber, required, text } from '../kit/inputs.ts';
import { connectPreviewPorts, readManifests, sourceFolder } from '../kit/preview-ports.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { readSurroundings } from '../kit/surroundings.ts';

/** Target groups per load balancer; cannot be raised. */
const TARGET_GROUPS = 100;

type Command = (number: number, log: Progress) => Promise<ActionResult>;

const COMMANDS: Readonly<Record<'check-label' | 'find-stacks' | 'open' | 'close' | 'explain' | 'run', Command>> = {
  async 'check-label'(_number, log) {
    const refusal = await refuseLabel({ person: required('person'), label: required('label') }, connect(log).ports);
    return { summary: refusal ?? '', outputs: NOTHING, ...(refusal && { error: refusal }) };
  },
  async 'find-stacks'(number, log) {
    const { ports } = connect(log);
    return findStacks({ number, commit: commit('commit') }, ports);
  },
  async open(number, log) {
    const { context, ports, source } = connect(log);
    const all = await readManifests(source);
    const manifests = all.filter((manifest) => runsIn(manifest, `pr-${number}`));
    const { images, imagesFor } = await import('../kit/images.ts');
    const here = imagesFor(`pr-${number}`, images('images'), source);
    const quota = Number(text('rule-quota') || '100');
    if (!Number.isInteger(quota) || quota < 1) throw new InputError('input "rule-quota" has to be a whole number');
    const capacity = capacityFor(manifests, { rules: quota, targetGroups: TARGET_GROUPS });
    const request = { ...context, number, manifests, capacity, images: here, commit: commit('commit') };
    return open({ ...request, full: flag('full'), header: process.env['SLIPWAY_PREVIEW_HEADER'] === 'true' }, ports);
  },
  close: (number, log) => {
    const { context, ports } = connect(log);
    return close({ number, actor: context.actor }, ports);
  },
  async explain(number, log) {
    const { ports } = connect(log);
    const message = await explainFork({ number, commit: commit('commit') }, ports);
    return { summary: `${message}\n`, outputs: NOTHING };
  },
  run: (number, log) => {
    const { context, ports } = connect(log);
    return obey(number, context, ports);
  },
};

const NOTHING = { url: '', services: '[]', 'run-id': '' };

/** Which run has the stacks of a full preview. Without them there is none, and whoever asked for it is told in the comment. */
async function findStacks(
  asked: { readonly number: number; readonly commit: string },
  { github, clock }: PreviewPorts,
): Promise<ActionResult> {
  const [{ findSynthesis }, { createSyntheses }] = await Promise.all([
    import('../../pipeline/preview/full/synthesis.ts'),
    import('../../pipeline/ports/syntheses.ts'),
  ]);
  const { project } = readSurroundings(process.env);
  const found = await findSynthesis(asked.commit, { list: createSyntheses(text('token'), project.repository), clock });
  if (found.ok)
    return { summary: `Run ${found.run} synthesized it\n`, outputs: { ...NOTHING, 'run-id': String(found.run) } };
  await tellMessage({ number: asked.number, heading: 'No full preview', message: found.problem }, { github });
  return { summary: `${found.problem}\n`, outputs: NOTHING, error: found.problem };
}

function connect(log: Progress): { context: PreviewContext; ports: PreviewPorts; source: string } {
  const surroundings = readSurroundings(process.env);
  const { project, actor, run: link } = surroundings;
  const source = sourceFolder(surroundings, text('path'));
  const synthesized = text('synthesized');
  const folder = synthesized === '' ? {} : { synthesized: sourceFolder(surroundings, synthesized) };
  const ports = connectPreviewPorts({ surroundings, token: text('token'), progress: log, source, ...folder });
  return { context: { project, actor, run: link, expiryDays: days('expiry-days') }, ports, source };
}

async function open(...[request, ports]: Parameters<typeof openPreview>): Promise<ActionResult> {
  const result = await openPreview(request, ports);
  switch (result.outcome) {
    case 'open':
      return {
        summary: result.report,
        outputs: { ...NOTHING, url: result.url, services: JSON.stringify(result.services) },
      };
    case 'nothing':
      return { summary: `${result.message}\n`, outputs: NOTHING };
    case 'stale':
      return { summary: `${result.message}; nothing was done\n`, outputs: NOTHING, warning: result.message };
    case 'refused':
      return { summary: `${result.message}\n`, outputs: NOTHING, warning: result.message };
    case 'failed':
      return { summary: result.report, outputs: NOTHING, error: result.message };
  }
}

async function close(request: { number: number; actor: string }, ports: PreviewPorts): Promise<ActionResult> {
  const reason = 'the pull request was closed';
  const result = await closePreview({ ...request, reason, evenIfOpen: false, lockWaitMs: DEFAULT_LOCK_WAIT_MS }, ports);
  const environment = `pr-${request.number}`;
  switch (result.outcome) {
    case 'kept':
      return { summary: `${environment} stays: ${result.message}\n`, outputs: NOTHING, warning: result.message };
    case 'failed':
      return {
        summary: `${environment} was not destroyed: ${result.message}\n`,
        outputs: NOTHING,
        error: result.message,
      };
    case 'destroyed': {
      if (result.left.length === 0)
        return { summary: `${environment} is destroyed, nothing is left\n`, outputs: NOTHING };
      const error = `Left of ${environment}: ${result.left.join(', ')}. The next sweep tries again.`;
      return { summary: `${error}\n`, outputs: NOTHING, error };
    }
  }
}

async function obey(number: number, context: PreviewContext, ports: PreviewPorts): Promise<ActionResult> {
  const asked = wanted();
  if (asked === undefined) return { summary: 'No command\n', outputs: NOTHING };
  if ('problem' in asked) return { summary: `${asked.problem}\n`, outputs: NOTHING, warning: asked.problem };
  const { verb, label } = asked;
  const person = required('person');
  const { outcome, message } = await runCommand(
    { ...context, number, person, verb, lockWaitMs: DEFAULT_LOCK_WAIT_MS },
    ports,
  );
  // A label is a wish and goes once it is done; `full` stays, because it is about later pushes, too.
  if (label !== undefined && verb !== 'full') await ports.github.removeLabel(number, label);
  return { summary: `${message}\n`, outputs: NOTHING, ...(outcome === 'refused' && { warning: message }) };
}

function wanted(): { readonly verb: Verb; readonly label?: string } | { readonly problem: string } | undefined {
  const label = text('label');
  if (label === '') return parseCommand(text('comment'));
  const verb = commandOfLabel(label);
  return verb && { verb, label };
}

process.exitCode = await run(async (log) => {
  const command = choice('command', ['check-label', 'find-stacks', 'open', 'close', 'explain', 'run']);
  const number = optionalNumber('number');
  if (number === undefined) throw new InputError('input "number" is missing');
  return COMMANDS[command](number, log);
});
