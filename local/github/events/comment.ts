import type { Shapes } from '../api/shapes/shapes.ts';
import { resolveCommit } from '../repository/git.ts';
import type { Site } from '../site.ts';
import { type Comment, GitHubError, type Issue, type PullRequest } from '../types.ts';
import type { RepositoryEvent } from './event.ts';

const DEFAULT_BRANCH = 'main';

/** A new comment on an issue or a pull request. Runs at the default branch, whatever a pull request changes. */
export async function commentEvent(
  site: Site,
  shapes: Shapes,
  { comment, issue }: { readonly comment: Comment; readonly issue: Issue | PullRequest },
): Promise<RepositoryEvent> {
  const ref = `refs/heads/${DEFAULT_BRANCH}`;
  const commit = await resolveCommit(site.folder, ref);
  if (!commit) throw new GitHubError(422, `There is no branch ${DEFAULT_BRANCH}`);
  return {
    name: 'issue_comment',
    action: 'created',
    ref,
    commit,
    filterRef: ref,
    changedPaths: async () => [],
    payload: {
      action: 'created',
      issue: shapes.issue(issue, 1),
      comment: shapes.comment(comment),
      repository: shapes.repository(),
      sender: shapes.user(comment.author),
    },
    actor: comment.author,
    title: issue.title,
    branch: DEFAULT_BRANCH,
    headCommit: commit,
    ...('head' in issue ? { pullRequest: issue } : {}),
  };
}
