import type { Shapes } from '../api/shapes/shapes.ts';
import { changedPaths, mergeBase } from '../repository/history.ts';
import { DEVELOPER_LOGIN, type Site } from '../site.ts';
import type { PullRequest } from '../types.ts';
import type { RepositoryEvent } from './event.ts';

export type PullRequestAction = 'opened' | 'synchronize' | 'reopened' | 'closed' | 'labeled' | 'unlabeled';

/**
 * The events of a change to a pull request: `pull_request`, unless a conflict leaves no commit to run at, and
 * `pull_request_target`, which runs at the base branch.
 */
export function pullRequestEvents(
  site: Site,
  shapes: Shapes,
  change: {
    readonly action: PullRequestAction;
    readonly pull: PullRequest;
    readonly before?: string;
    readonly label?: string;
  },
): readonly RepositoryEvent[] {
  const { action, pull, before, label } = change;
  const shared = {
    action,
    filterRef: `refs/heads/${pull.base}`,
    changedPaths: () => pathsOf(site, pull),
    payload: {
      action,
      number: pull.number,
      pull_request: shapes.fullPull(pull),
      ...(before === undefined ? {} : { before, after: pull.headCommit }),
      ...(label === undefined ? {} : { label: shapes.label(label) }),
      repository: shapes.repository(),
      sender: shapes.user(DEVELOPER_LOGIN),
    },
    actor: DEVELOPER_LOGIN,
    title: pull.title,
    branch: pull.head,
    headCommit: pull.headCommit,
    pullRequest: pull,
  };
  const target = { ...shared, name: 'pull_request_target' as const, ref: `refs/heads/${pull.base}` };
  const own = runsAt(pull);
  return [
    ...(own ? [{ ...shared, name: 'pull_request' as const, ...own }] : []),
    { ...target, commit: pull.mergeCommit ?? pull.baseCommit },
  ];
}

/** A merged pull request runs at the branch that it was merged into, any other at its test merge. */
function runsAt({ mergeCommit, testMerge, base, number }: PullRequest): { ref: string; commit: string } | undefined {
  if (mergeCommit) return { ref: `refs/heads/${base}`, commit: mergeCommit };
  return testMerge ? { ref: `refs/pull/${number}/merge`, commit: testMerge } : undefined;
}

async function pathsOf(site: Site, { baseCommit, headCommit }: PullRequest): Promise<readonly string[]> {
  return changedPaths(site.folder, await mergeBase(site.folder, baseCommit, headCommit), headCommit);
}
