import { isoTime, type Site } from './site.ts';
import { GitHubError, type Issue, type PullRequest } from './types.ts';

/** Pull requests are issues too: one sequence of numbers. @throws GitHubError (404) */
export function knownIssue(site: Site, number: number): Issue | PullRequest {
  const issue = site.state.issues.get(number) ?? site.state.pulls.get(number);
  if (!issue) throw new GitHubError(404, 'Not Found');
  return issue;
}

export function openIssue(site: Site, request: Pick<Issue, 'title' | 'body' | 'labels' | 'author'>): Issue {
  const now = isoTime(site.cloud.now());
  return save(site, { ...request, number: site.state.next('numbers'), state: 'open', createdAt: now, updatedAt: now });
}

export function updateIssue(site: Site, issue: Issue, change: Partial<Issue>): Issue {
  const now = isoTime(site.cloud.now());
  const { closedAt: _, ...rest } = { ...issue, ...change, updatedAt: now };
  return save(site, rest.state === 'closed' ? { ...rest, closedAt: issue.closedAt ?? now } : rest);
}

/** Newest first, as GitHub lists them: issues and pull requests that have the state and all of the labels. */
export function listIssues(
  site: Site,
  { state, labels }: { readonly state: string; readonly labels: readonly string[] },
): readonly (Issue | PullRequest)[] {
  return [...site.state.issues.list(), ...site.state.pulls.list()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => labels.every((label) => issue.labels?.includes(label)))
    .toSorted((one, other) => other.number - one.number);
}

function save(site: Site, issue: Issue): Issue {
  site.state.issues.set(issue.number, issue);
  return issue;
}
