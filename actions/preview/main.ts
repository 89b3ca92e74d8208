import { closePreview } from '../../pipeline/preview/close.ts';
import { openPreview } from '../../pipeline/preview/open.ts';
import { DEFAULT_LOCK_WAIT_MS } from '../../pipeline/release/deploy.ts';
import { images } from '../kit/images.ts';
import { choice, commit, days, InputError, optionalNumber, text } from '../kit/inputs.ts';
import { connectPreviewPorts } from '../kit/preview-ports.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const command = choice('command', ['open', 'close']);
  const number = optionalNumber('number');
  if (number === undefined) throw new InputError('input "number" is missing');
  const inputs = { number, expiryDays: days('expiry-days') };
  const surroundings = readSurroundings(process.env);
  const ports = connectPreviewPorts({ surroundings, token: text('token'), progress: log });
  const { project, actor, run } = surroundings;
  if (command === 'close') return close({ number, actor }, ports);
  return open({ ...inputs, project, actor, run, images: images('images'), commit: commit('commit') }, ports);
});

async function open(...[request, ports]: Parameters<typeof openPreview>): Promise<ActionResult> {
  const result = await openPreview(request, ports);
  switch (result.outcome) {
    case 'open':
      return { summary: result.report, outputs: { url: result.url } };
    case 'stale':
      return { summary: `${result.message}; nothing was done\n`, outputs: { url: '' }, warning: result.message };
    case 'failed':
      return { summary: result.report, outputs: { url: '' }, error: result.message };
  }
}

async function close(
  request: { number: number; actor: string },
  ports: Parameters<typeof closePreview>[1],
): Promise<ActionResult> {
  const reason = 'the pull request was closed';
  const result = await closePreview({ ...request, reason, evenIfOpen: false, lockWaitMs: DEFAULT_LOCK_WAIT_MS }, ports);
  const environment = `pr-${request.number}`;
  switch (result.outcome) {
    case 'kept':
      return { summary: `${environment} stays: ${result.message}\n`, outputs: { url: '' }, warning: result.message };
    case 'failed':
      return {
        summary: `${environment} was not destroyed: ${result.message}\n`,
        outputs: { url: '' },
        error: result.message,
      };
    case 'destroyed': {
      if (result.left.length === 0)
        return { summary: `${environment} is destroyed, nothing is left\n`, outputs: { url: '' } };
      const error = `Left of ${environment}: ${result.left.join(', ')}. The next sweep tries again.`;
      return { summary: `${error}\n`, outputs: { url: '' }, error };
    }
  }
}
