import { takeLock } from '../release/lock.ts';
import { closedComment, previewMarker } from '../report/preview.ts';
import { type PreviewContext, type PreviewPorts, previewEnvironment } from './ports.ts';

export type CloseResult =
  | { readonly outcome: 'destroyed'; readonly left: readonly string[] }
  /** Reopened meanwhile, or a deployment is under way: the next sweep looks again. */
  | { readonly outcome: 'kept'; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string; readonly left: readonly string[] };

export interface CloseRequest extends Pick<PreviewContext, 'actor'> {
  readonly number: number;
  readonly reason: string;
  readonly lockWaitMs: number;
  /** An expired preview goes although its pull request is open. */
  readonly evenIfOpen: boolean;
}

/** Destroys a preview and proves by listing that nothing of it is left. Safe to repeat. */
export async function closePreview(request: CloseRequest, ports: PreviewPorts): Promise<CloseResult> {
  const { number, actor, reason, lockWaitMs: waitMs } = request;
  const environment = previewEnvironment(number);
  const lock = await takeLock(
    { environment, holder: actor, reason: `destroy: ${reason}`, waitMs },
    { ...ports, onProgress: ports.progress.line },
  );
  if (!lock.ok) return { outcome: 'kept', message: lock.problem };
  try {
    // Looked up right before destroying: a pull request may have been reopened since the event.
    const pullRequest = await ports.github.pullRequest(number);
    if (pullRequest?.open && !request.evenIfOpen) {
      return { outcome: 'kept', message: `pull request ${number} is open` };
    }
    return await destroy(number, pullRequest !== undefined, ports);
  } finally {
    await lock.lock.release();
  }
}

async function destroy(number: number, known: boolean, ports: PreviewPorts): Promise<CloseResult> {
  const environment = previewEnvironment(number);
  const { inventory, ledger, github, progress } = ports;
  progress.phase(`destroy ${environment}`);
  // First, so that a preview that is half gone is never taken for one that is up.
  await ledger.dropHead(environment);
  const problem = await ports.provision({ number, mode: 'destroy' });
  await inventory.deleteUnmanaged(environment);
  const left = await inventory.leftovers(environment);
  await Promise.all([
    github.retireDeployments(environment),
    known ? github.upsertComment(number, previewMarker(number), closedComment(number, left)) : undefined,
  ]);
  if (problem !== undefined) return { outcome: 'failed', message: problem, left };
  return { outcome: 'destroyed', left };
}
