import { tellClosed } from './comment.ts';
import { lockPreview } from './lock.ts';
import { freePlace } from './places.ts';
import { type PreviewContext, type PreviewPorts, previewEnvironment } from './ports.ts';
import { forgetRecord, readRecord } from './record.ts';

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
  const locked = await lockPreview({ number, actor, reason: `destroy: ${reason}`, waitMs }, ports);
  if (!locked.ok) return { outcome: 'kept', message: locked.problem };
  try {
    // Looked up right before destroying: a pull request may have been reopened since the event.
    const pullRequest = await ports.github.pullRequest(number);
    if (pullRequest?.open && !request.evenIfOpen) {
      return { outcome: 'kept', message: `pull request ${number} is open` };
    }
    return await destroyLocked({ number, known: pullRequest !== undefined, reason }, ports);
  } finally {
    await locked.lock.release();
  }
}

interface Destroy {
  readonly number: number;
  /** Whether there is a pull request to tell. */
  readonly known: boolean;
  readonly reason?: string;
}

/** The same for who holds the preview's lock. */
export async function destroyLocked({ number, known, reason }: Destroy, ports: PreviewPorts): Promise<CloseResult> {
  const environment = previewEnvironment(number);
  const { inventory, ledger, github, progress } = ports;
  progress.phase(`destroy ${environment}`);
  // First, so that a preview that is half gone is never taken for one that is up.
  await ledger.dropHead(environment);
  const record = await readRecord(number, ports.documents);
  const { place = 1, services = [], full = false } = record?.value ?? {};
  // Its rule holds the target group of a preview that sleeps, and what services wrote keeps buckets from being deleted.
  await inventory.deleteUnmanaged(environment);
  const problem = await ports.provision({ number, mode: 'destroy', place, services, full });
  await inventory.deleteUnmanaged(environment);
  const left = await deleteLeftovers(environment, ports);
  await Promise.all([
    github.retireDeployments(environment),
    known ? tellClosed({ number, left, ...(reason && { reason }) }, ports) : undefined,
  ]);
  if (left.length === 0) await forget(number, ports);
  if (problem !== undefined && left.length > 0) return { outcome: 'failed', message: problem, left };
  return { outcome: 'destroyed', left };
}

const LOOKS = 30;
const PAUSE_MS = 2_000;

/** What Terraform does not know any more is deleted one by one, which takes tables and services some time; what still exists after that is named. */
async function deleteLeftovers(
  environment: string,
  { inventory, progress, clock }: PreviewPorts,
): Promise<readonly string[]> {
  let left = await inventory.leftovers(environment);
  if (left.length === 0) return [];
  progress.line(`Terraform left ${left.join(', ')}`);
  await inventory.deleteAll(environment);
  for (let looks = 0; looks < LOOKS; looks++) {
    left = await inventory.leftovers(environment);
    if (left.length === 0) return [];
    await clock.sleep(PAUSE_MS);
  }
  return left;
}

/** Last of all: while anything exists, the record and the place say so. The place goes last, because the sweep finds what has one. */
async function forget(number: number, { documents }: PreviewPorts): Promise<void> {
  await forgetRecord(number, documents);
  await freePlace(number, documents);
}
