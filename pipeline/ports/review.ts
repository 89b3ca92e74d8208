import { getOctokit } from '@actions/github';
import { NO_REVIEW, PLAN_MARKER, type Review, readReviewMark } from '../plan/review.ts';

/** What the pull request that brought `commit` to main showed before it was merged. GitHub over REST; `repository` is `owner/name`. */
export async function findReview(token: string, repository: string, commit: string): Promise<Review> {
  const { rest, paginate } = getOctokit(token);
  const [owner = '', repo = ''] = repository.split('/');
  const at = { owner, repo };
  const { data } = await rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: commit });
  const pull = data.find(({ merged_at, merge_commit_sha }) => merged_at && merge_commit_sha === commit);
  if (pull === undefined) return NO_REVIEW;
  const comments = await paginate(rest.issues.listComments, { ...at, issue_number: pull.number, per_page: 100 });
  // Anybody may write a comment that looks like ours; only a workflow's counts.
  const ours = comments.find(({ body, user }) => user?.type === 'Bot' && body?.includes(PLAN_MARKER));
  return {
    pullRequest: pull.number,
    labels: pull.labels.map(({ name }) => name),
    hashes: readReviewMark(ours?.body ?? ''),
  };
}
