import type { Control } from './ledger.ts';
import type { ReleasePorts } from './ports.ts';
import { COMMIT_PREFIX, chosenRelease, previousRelease, type RollbackTarget } from './target.ts';
import type { Release } from './types.ts';

export interface Looked {
  readonly control: Control;
  readonly headRelease: Release;
  /** Newest first. */
  readonly releases: readonly Release[];
}

/**
 * The release that somebody means: its id, a commit or the beginning of one, a tag, or nothing at all. Nothing means the last release
 * that was healthy: the one that serves while a deployment is under way (or died half way), else the one before it.
 */
export async function findTarget(
  wanted: string,
  { control, headRelease: head, releases }: Looked,
  { ledger, history, clock }: ReleasePorts,
): Promise<RollbackTarget> {
  const find = async (id: string): Promise<Release | undefined> =>
    releases.find((release) => release.id === id) ?? ledger.release(head.environment, id);
  if (wanted === '') {
    const underWay = isUnderWay(control, releases, clock.now());
    return underWay ? { ok: true, release: head } : previousRelease(head, find);
  }
  const exact = await find(wanted);
  const known = chosenRelease(wanted, exact === undefined ? releases : [exact]);
  if (known.ok || exact !== undefined || COMMIT_PREFIX.test(wanted)) return known;
  const commit = await history.commitOf(wanted).catch(() => undefined);
  return commit === undefined ? known : chosenRelease(commit, releases);
}

/** A deployment that has not come to its end: it holds the lock, or it died and its release stays `deploying`. */
export function isUnderWay({ head, lock }: Control, releases: readonly Release[], now: number): boolean {
  const holds = lock !== undefined && lock.purpose === 'deploy' && lock.expires > now;
  return (
    holds ||
    releases.some(({ id, status, kind }) => status === 'deploying' && kind === 'deploy' && id !== head?.release)
  );
}
