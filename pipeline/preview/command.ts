import { destroyLocked } from './close.ts';
import { tell } from './comment.ts';
import { lockPreview } from './lock.ts';
import type { PreviewContext, PreviewPorts } from './ports.ts';
import { type PreviewRecord, readRecord, updateRecord } from './record.ts';
import { sleepPreview, wakePreview } from './sleep.ts';
import { FULL_LABEL, type Verb } from './verbs.ts';

export interface CommandRequest extends PreviewContext {
  readonly number: number;
  /** Login of the person. */
  readonly person: string;
  readonly verb: Verb;
  readonly lockWaitMs: number;
}

export type CommandResult =
  | { readonly outcome: 'done'; readonly message: string }
  | { readonly outcome: 'refused'; readonly message: string };

/**
 * Why a label is not obeyed; undefined: it is. Who may triage may add labels, but what they lead to - a stranger's commit that is built, stacks that are applied - is
 * for who may write.
 */
export async function refuseLabel(
  { person, label }: { readonly person: string; readonly label: string },
  { github }: Pick<PreviewPorts, 'github'>,
): Promise<string | undefined> {
  if (await github.mayWrite(person)) return undefined;
  return `${person} may not write to this repository, so the label ${label} leads to nothing`;
}

/** Does what somebody asked for, if they may write to the repository. */
export async function runCommand(request: CommandRequest, ports: PreviewPorts): Promise<CommandResult> {
  const { number, person, verb, actor, lockWaitMs: waitMs } = request;
  if (!(await ports.github.mayWrite(person))) {
    return {
      outcome: 'refused',
      message: `${person} may not write to this repository, so /preview ${verb} was not done`,
    };
  }
  if (verb === 'full') return makeFull(request, ports);
  const locked = await lockPreview({ number, actor, reason: `/preview ${verb}`, waitMs }, ports);
  if (!locked.ok) return { outcome: 'refused', message: locked.problem };
  try {
    const known = await readRecord(number, ports.documents);
    if (known === undefined)
      return { outcome: 'refused', message: `Pull request ${number} has no preview; push to get one` };
    return await ACTIONS[verb](known.value, request, ports);
  } finally {
    await locked.lock.release();
  }
}

type Act = (record: PreviewRecord, request: CommandRequest, ports: PreviewPorts) => Promise<CommandResult>;

const ACTIONS: Readonly<Record<Exclude<Verb, 'full'>, Act>> = {
  async sleep(record, request, ports) {
    const result = await sleepPreview(record, ports);
    if (result.outcome === 'kept') return { outcome: 'refused', message: result.message };
    await tell(result.record, request, ports);
    return { outcome: 'done', message: 'The preview sleeps until somebody asks for it' };
  },
  async wake(record, request, ports) {
    await tell(await wakePreview(record, ports), request, ports);
    return { outcome: 'done', message: 'The preview is awake' };
  },
  async extend({ number }, request, ports) {
    const extended = await updateRecord(
      number,
      ports.documents,
      (known) => known && { ...known, extendedAt: ports.clock.now() },
    );
    if (extended !== undefined) await tell(extended, request, ports);
    return { outcome: 'done', message: `The preview stays for ${request.expiryDays} days more` };
  },
  async destroy({ number }, { person }, ports) {
    const result = await destroyLocked(
      { number, known: true, reason: `${person} wanted it; the next push makes a new one` },
      ports,
    );
    if (result.outcome === 'destroyed' && result.left.length === 0)
      return { outcome: 'done', message: 'The preview is destroyed' };
    const left = result.outcome === 'kept' ? result.message : result.left.join(', ');
    return { outcome: 'refused', message: `Not everything is destroyed; the sweep tries again: ${left}` };
  },
};

/** The label stays, so that later pushes are full previews, too; the workflow starts because a label that a token adds starts nothing. */
async function makeFull({ number }: CommandRequest, { github }: PreviewPorts): Promise<CommandResult> {
  const pullRequest = await github.pullRequest(number);
  if (!pullRequest?.open) return { outcome: 'refused', message: `Pull request ${number} is not open` };
  if (pullRequest.fork)
    return { outcome: 'refused', message: 'A pull request from a fork gets no preview of its own stacks' };
  await github.addLabel(number, FULL_LABEL);
  await github.dispatch('preview.yml', { number: String(number), commit: pullRequest.headCommit });
  return { outcome: 'done', message: 'A full preview is being made' };
}
