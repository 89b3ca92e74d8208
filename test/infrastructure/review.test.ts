import { startGitHub, type TestGitHub } from '../../local/github/testing/start.ts';
import { NO_REVIEW, reviewMark } from '../../pipeline/plan/review.ts';

let site: TestGitHub;

beforeAll(async () => {
  site = await startGitHub({ 'README.md': 'one\n' });
});
afterAll(() => site.close());

test('a deployment finds the hashes and labels of the pull request that was merged, as a workflow wrote them', async () => {
  const { github } = site;
  await github.commit({ branch: 'change', files: { 'README.md': 'two\n' }, message: 'Change' });
  const { number, baseCommit } = await github.openPullRequest({ head: 'change', title: 'Change' });
  await github.labelPullRequest(number, ['allow-destroy']);
  const mark = (hash: string): string => `${reviewMark(new Map([['staging-data', hash]]))}\nPlan`;
  // Anybody may write what looks like our comment.
  await github.comment({ number, body: mark('forged'), author: 'mallory' });
  await github.comment({ number, body: mark('abc'), author: 'github-actions[bot]' });
  const { mergeCommit = '' } = await github.mergePullRequest(number);

  // Read once, when the client is loaded.
  process.env['GITHUB_API_URL'] = github.url;
  const { findReview } = await import('../../pipeline/ports/review.ts');
  const token = github.issueToken({ 'pull-requests': 'read' });
  expect(await findReview(token, github.repository, mergeCommit)).toEqual({
    pullRequest: number,
    labels: ['allow-destroy'],
    hashes: new Map([['staging-data', 'abc']]),
  });
  expect(await findReview(token, github.repository, baseCommit)).toEqual(NO_REVIEW);
});
