import type { Release } from './types.ts';

export type RollbackTarget =
  | { readonly ok: true; readonly release: Release }
  | { readonly ok: false; readonly problem: string };

/** Reads one release of the environment. */
export type FindRelease = (id: string) => Promise<Release | undefined>;

/**
 * The release before the current one. Every release knows which one was live before it (`previous`), and a rollback knows which
 * deployed release it brought back (`restores`). So: take what the current release really is, step to what was live before that,
 * and take what *that* really is. Rolling back twice walks further into the past instead of back and forth, and a release that was
 * once rolled back from is never the answer.
 *
 * Example: D1, D2, D3 deployed. Rollback R1 brings back D2; a second one D1. After R1, D4 is deployed: its rollback is D2, not D3.
 */
export async function previousRelease(head: Release, find: FindRelease): Promise<RollbackTarget> {
  const current = await origin(head, find);
  const before = current?.previous === undefined ? undefined : await find(current.previous);
  const target = before === undefined ? undefined : await origin(before, find);
  if (target === undefined) {
    return { ok: false, problem: `${head.environment} has no release before ${current?.id ?? head.id} to go back to` };
  }
  return { ok: true, release: target };
}

/** The deployed release that a release is, or brings back. A rollback of some services is still the release that it mended. */
async function origin(release: Release, find: FindRelease): Promise<Release | undefined> {
  if (release.partial !== undefined) {
    const mended = release.previous === undefined ? undefined : await find(release.previous);
    return mended && origin(mended, find);
  }
  return release.restores === undefined ? release : find(release.restores);
}

export const COMMIT_PREFIX = /^[0-9a-f]{7,40}$/;
/** Releases that were live once; only these were proven. */
export const wasLive = ({ status }: Release): boolean => status === 'live' || status === 'superseded';

/** A release by id, or the newest one of a commit that was live, among `releases` (newest first). Pure. */
export function chosenRelease(wanted: string, releases: readonly Release[]): RollbackTarget {
  const ofCommit = releasesOfCommit(wanted, releases);
  const commits = [...new Set(ofCommit.map(({ commit }) => commit))];
  if (commits.length > 1) {
    return { ok: false, problem: `${wanted} is the beginning of ${commits.join(' and ')}; give more of the commit` };
  }
  const found = releases.find(({ id }) => id === wanted) ?? ofCommit.find(wasLive) ?? ofCommit[0];
  if (found === undefined) return { ok: false, problem: `there is no release ${wanted}` };
  if (!wasLive(found)) {
    return { ok: false, problem: `release ${found.id} was never live (${found.status}); choose one that was` };
  }
  return { ok: true, release: found };
}

function releasesOfCommit(prefix: string, releases: readonly Release[]): readonly Release[] {
  if (!COMMIT_PREFIX.test(prefix)) return [];
  return releases.filter(({ commit, kind }) => kind === 'deploy' && commit.startsWith(prefix));
}
