import type { PullRequest } from '../ports/github.ts';
import type { PreviewRecord } from './record.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

export interface PreviewState {
  readonly pullRequest: PullRequest | undefined;
  /** What is known of the preview; undefined when only remains of one exist. */
  readonly record: PreviewRecord | undefined;
  readonly now: number;
  readonly expiryDays: number;
}

/** The newest of a push, a visit and a wish to keep it. */
export const lastActivity = ({ pushedAt, visitedAt = 0, extendedAt = 0 }: PreviewRecord): number =>
  Math.max(pushedAt, visitedAt, extendedAt);

export const expiresAt = (record: PreviewRecord, expiryDays: number): number =>
  lastActivity(record) + expiryDays * DAY_MS;

/** Whether it ends within a day: the comment says so. */
export const endsSoon = (
  record: PreviewRecord,
  { now, expiryDays }: Pick<PreviewState, 'now' | 'expiryDays'>,
): boolean => expiresAt(record, expiryDays) - now <= DAY_MS;

/** Whether nobody used a preview that runs for so long that its services are better stopped. Without tasks it costs nothing meanwhile. */
export const isIdle = (record: PreviewRecord, { now, idleMinutes }: { now: number; idleMinutes: number }): boolean =>
  // Who woke it may have left before it was there; one that failed may run and run.
  (record.state === 'open' ||
    record.state === 'waking' ||
    (record.state === 'failed' && record.awakeSince !== undefined)) &&
  record.hourlyCost > 0 &&
  now - Math.max(lastActivity(record), record.awakeSince ?? 0) >= idleMinutes * 60_000;

/** Why a preview should not exist any more; undefined: it should. Pure. */
export function reasonToDestroy({ pullRequest, record, now, expiryDays }: PreviewState): string | undefined {
  if (pullRequest === undefined) return 'there is no such pull request';
  if (!pullRequest.open) return 'the pull request is closed';
  if (record === undefined) return 'it is the remains of one that was being made or destroyed';
  return expiresAt(record, expiryDays) <= now ? `no push and no visit for ${expiryDays} days` : undefined;
}
