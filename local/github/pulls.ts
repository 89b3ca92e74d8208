import type { Author } from './repository/author.ts';
import { resolveCommit } from './repository/git.ts';
import { mergeCommit, updateRef } from './repository/merge.ts';
import { DEVELOPER_LOGIN, isoTime, type Site } from './site.ts';
import { GitHubError, type PullRequest } from './types.ts';

export interface NewPullRequest {
  readonly head: string;
  readonly title: string;
  readonly base?: string;
  readonly body?: string;
  readonly draft?: boolean;
  readonly author?: string;
  readonly fork?: boolean;
}

export async function openPull(site: Site, request: NewPullRequest): Promise<PullRequest> {
  const { head, base = 'main' } = request;
  const headCommit = await tip(site, head, 'head');
  const baseCommit = await tip(site, base, 'base');
  if (headCommit === baseCommit)
    throw new GitHubError(422, `Validation Failed: No commits between ${base} and ${head}`);
  const twin = site.state.pulls
    .list()
    .find((pull) => pull.state === 'open' && pull.head === head && pull.base === base);
  if (twin)
    throw new GitHubError(422, `Validation Failed: A pull request already exists for ${head} (#${twin.number})`);
  const now = isoTime(site.cloud.now());
  return refresh(site, {
    number: site.state.next('numbers'),
    title: request.title,
    body: request.body ?? '',
    state: 'open',
    draft: request.draft ?? false,
    author: request.author ?? DEVELOPER_LOGIN,
    head,
    base,
    headCommit,
    baseCommit,
    fork: request.fork ?? false,
    createdAt: now,
    updatedAt: now,
  });
}

/** Looks again at both branches and makes the test merge that a run checks out. */
export async function refresh(site: Site, pull: PullRequest): Promise<PullRequest> {
  const headCommit = (await resolveCommit(site.folder, `refs/heads/${pull.head}`)) ?? pull.headCommit;
  const baseCommit = await tip(site, pull.base, 'base');
  const message = `Merge ${headCommit} into ${baseCommit}`;
  const merge = await mergeCommit(site.folder, { base: baseCommit, head: headCommit, message });
  await updateRef(site.folder, `refs/pull/${pull.number}/head`, headCommit);
  if (merge.ok) await updateRef(site.folder, `refs/pull/${pull.number}/merge`, merge.commit);
  const { testMerge: _, ...rest } = pull;
  return save(site, { ...rest, headCommit, baseCommit, ...(merge.ok ? { testMerge: merge.commit } : {}) });
}

export function closePull(site: Site, number: number): PullRequest {
  return save(site, { ...openOne(site, number), state: 'closed', closedAt: isoTime(site.cloud.now()) });
}

export async function reopenPull(site: Site, number: number): Promise<PullRequest> {
  const pull = knownPull(site, number);
  if (pull.state === 'open') throw new GitHubError(422, `#${number} is open already`);
  if (pull.mergeCommit) throw new GitHubError(422, `#${number} is merged and cannot be reopened`);
  const { closedAt: _, ...rest } = pull;
  return refresh(site, { ...rest, state: 'open' });
}

/** Merges with a merge commit and returns it with the tip that the base branch had before. */
export async function mergePull(
  site: Site,
  number: number,
  author?: Author,
): Promise<{ readonly pull: PullRequest; readonly before: string }> {
  const pull = await refresh(site, openOne(site, number));
  const merge = await mergeCommit(site.folder, {
    base: pull.baseCommit,
    head: pull.headCommit,
    message: `Merge pull request #${number} from ${pull.head}\n\n${pull.title}`,
    ...(author ? { author } : {}),
  });
  if (!merge.ok) {
    throw new GitHubError(405, `Pull Request is not mergeable: conflicts in ${merge.conflicts.join(', ')}`);
  }
  await updateRef(site.folder, `refs/heads/${pull.base}`, merge.commit);
  const closedAt = isoTime(site.cloud.now());
  return {
    pull: save(site, { ...pull, state: 'closed', mergeCommit: merge.commit, closedAt }),
    before: pull.baseCommit,
  };
}

/** @throws GitHubError (404) */
export function knownPull(site: Site, number: number): PullRequest {
  const pull = site.state.pulls.get(number);
  if (!pull) throw new GitHubError(404, `There is no pull request #${number}`);
  return pull;
}

export function save(site: Site, pull: PullRequest): PullRequest {
  const updated = { ...pull, updatedAt: isoTime(site.cloud.now()) };
  site.state.pulls.set(pull.number, updated);
  return updated;
}

function openOne(site: Site, number: number): PullRequest {
  const pull = knownPull(site, number);
  if (pull.state !== 'open') throw new GitHubError(405, `Pull request #${number} is not open`);
  return pull;
}

async function tip(site: Site, branch: string, field: 'head' | 'base'): Promise<string> {
  const commit = await resolveCommit(site.folder, `refs/heads/${branch}`);
  if (!commit) throw new GitHubError(422, `Validation Failed: ${field} '${branch}' is no branch`);
  return commit;
}
