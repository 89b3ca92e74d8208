import type { Ledger } from './ledger.ts';
import type { Release } from './types.ts';

/** How long rollbacks took, in seconds from the command to the last check. */
export interface RollbackTimes {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

/** Releases that are looked at; what took long two years ago says nothing about today. */
const RECENT = 200;

/** The rollbacks among releases that went well; undefined when there is none. Pure. */
export function rollbackTimes(releases: readonly Release[]): RollbackTimes | undefined {
  const seconds = releases
    .filter(({ kind, status }) => kind === 'rollback' && (status === 'live' || status === 'superseded'))
    .flatMap((release) => release.seconds ?? [])
    .toSorted((left, right) => left - right);
  const rank = (share: number): number => seconds[Math.max(0, Math.ceil(share * seconds.length) - 1)] ?? 0;
  return seconds.length === 0 ? undefined : { count: seconds.length, p50: rank(0.5), p95: rank(0.95) };
}

/** The times of an environment's past rollbacks; a ledger that cannot be read is no reason to fail what has been done. */
export async function pastRollbacks(
  environment: string,
  ledger: Pick<Ledger, 'releases'>,
): Promise<RollbackTimes | undefined> {
  return rollbackTimes(await ledger.releases(environment, RECENT).catch(() => []));
}
