import { closePreview } from './close.ts';
import { tell } from './comment.ts';
import { isIdle, lastActivity, reasonToDestroy } from './expiry.ts';
import { lockPreview } from './lock.ts';
import { freePlace, placed } from './places.ts';
import { type PreviewContext, type PreviewPorts, previewEnvironment } from './ports.ts';
import { type PreviewRecord, readRecord, updateRecord } from './record.ts';
import { sleepPreview, stopFailed } from './sleep.ts';

export interface SweepRequest extends PreviewContext {
  /** Only this preview; absent: all that exist. */
  readonly number?: number;
  readonly dryRun: boolean;
  /** Minutes without a visit after which the services of a preview are stopped. */
  readonly idleMinutes: number;
}

/** What the sweep decided about one preview, and what came of it. */
export type Swept = { readonly number: number; readonly reason: string } & (
  | { readonly outcome: 'kept' | 'would destroy' | 'would sleep' | 'asleep' }
  | { readonly outcome: 'destroyed' | 'failed'; readonly left: readonly string[] }
);

export interface SweepResult {
  readonly previews: readonly Swept[];
}

/**
 * Finds the previews that exist - by name and tag in the account and by the places they hold, whatever events GitHub lost - and destroys
 * those whose pull request is gone, closed or idle for long. Those that nobody looks at are put to sleep.
 */
export async function sweep(request: SweepRequest, ports: PreviewPorts): Promise<SweepResult> {
  const numbers = request.number === undefined ? await existing(ports) : [request.number];
  ports.progress.line(`Previews: ${numbers.map(previewEnvironment).join(', ') || 'none'}`);
  const previews: Swept[] = [];
  // One after the other: each destroy is a Terraform run of its own.
  for (const number of numbers) previews.push(await sweepOne(number, request, ports).catch(failure(number)));
  return { previews };
}

/** One preview that cannot be looked at keeps none of the others from being swept. */
const failure =
  (number: number) =>
  (error: unknown): Swept => ({
    ...{ number, outcome: 'failed', left: [] },
    reason: error instanceof Error ? error.message : String(error),
  });

async function existing({ inventory, documents }: PreviewPorts): Promise<readonly number[]> {
  const [found, holding] = await Promise.all([inventory.previews(), placed(documents)]);
  return [...new Set([...found, ...holding])].sort((left, right) => left - right);
}

async function sweepOne(number: number, request: SweepRequest, ports: PreviewPorts): Promise<Swept> {
  const { actor, expiryDays, dryRun } = request;
  const [pullRequest, record] = await Promise.all([
    ports.github.pullRequest(number),
    withVisits(number, request, ports),
  ]);
  const reason = reasonToDestroy({ pullRequest, record, expiryDays, now: ports.clock.now() });
  if (reason === undefined) return record === undefined ? kept(number, OPEN) : look(record, request, ports);
  if (dryRun) return { number, outcome: 'would destroy', reason };
  const evenIfOpen = pullRequest?.open ?? false;
  const result = await closePreview({ number, actor, reason, evenIfOpen, lockWaitMs: 0 }, ports);
  if (result.outcome === 'kept') return kept(number, result.message);
  if (result.outcome === 'failed') return { number, outcome: 'failed', reason: result.message, left: result.left };
  if (result.left.length === 0) await freePlace(number, ports.documents);
  return { number, outcome: 'destroyed', reason, left: result.left };
}

const OPEN = 'the pull request is open';
const kept = (number: number, reason: string): Swept => ({ number, outcome: 'kept', reason });

/** The record with the newest visit: people who look at a preview keep it alive. */
async function withVisits(
  number: number,
  { dryRun }: SweepRequest,
  { documents, visits }: PreviewPorts,
): Promise<PreviewRecord | undefined> {
  const known = (await readRecord(number, documents))?.value;
  if (known === undefined) return undefined;
  const visitedAt = await visits.last(previewEnvironment(number), lastActivity(known));
  if (visitedAt === undefined || visitedAt <= (known.visitedAt ?? 0)) return known;
  if (dryRun) return { ...known, visitedAt };
  return updateRecord(number, documents, (newest) => newest && { ...newest, visitedAt });
}

/** A preview that stays: it may sleep, its maker may have died, and its comment shows the time. */
async function look(record: PreviewRecord, request: SweepRequest, ports: PreviewPorts): Promise<Swept> {
  const { number } = record;
  const idle = isIdle(record, { now: ports.clock.now(), idleMinutes: request.idleMinutes });
  const why = `nobody has looked at it for ${request.idleMinutes} minutes`;
  if (request.dryRun) return idle ? { number, outcome: 'would sleep', reason: why } : kept(number, OPEN);
  const locked = await lockPreview({ number, actor: request.actor, reason: 'sweep', waitMs: 0 }, ports);
  if (!locked.ok) return kept(number, locked.problem);
  try {
    const settled = await updateRecord(number, ports.documents, (newest) => newest && settleInterrupted(newest));
    if (settled === undefined) return kept(number, 'it was destroyed meanwhile');
    const slept = idle
      ? await (settled.state === 'failed' ? stopFailed : sleepPreview)(settled, ports)
      : await settlePower(settled, ports);
    const shown = slept?.outcome === 'asleep' ? slept.record : settled;
    await tell(shown, request, ports);
    if (slept?.outcome === 'asleep') return { number, outcome: 'asleep', reason: why };
    return kept(number, slept === undefined ? OPEN : slept.message);
  } finally {
    await locked.lock.release();
  }
}

/** Who put it to sleep or woke it may have died half way. */
async function settlePower({ number, state }: PreviewRecord, { power }: PreviewPorts): Promise<undefined> {
  if (state === 'asleep') await power.stop(number);
  if (state === 'open') await power.uncover(number);
}

/** Nobody holds the lock, and yet it is being opened: the run that did it is dead. */
const settleInterrupted = (record: PreviewRecord): PreviewRecord =>
  record.state === 'opening'
    ? { ...record, state: 'failed', failure: `The run that opened it ended early. Run it again or push: ${record.run}` }
    : record;
