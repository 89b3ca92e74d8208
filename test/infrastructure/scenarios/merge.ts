import type { Scene } from '../scene.ts';

let scene: Scene;

/** What a deployment learns about the pull request that it comes from. */
export function merges(given: () => Scene): void {
  beforeAll(() => {
    scene = given();
  });

  test('a deployment finds the hashes and labels of the pull request that was merged, and none for another commit', async () => {
    const pull = scene.github.pullRequests().find(({ title }) => title === 'secrets');
    const { runs, mergeCommit = '', baseCommit, number } = await scene.github.mergePullRequest(pull?.number ?? 0);
    for (const run of runs) scene.github.runs.cancel(run);
    // Read once, when the client is loaded.
    process.env['GITHUB_API_URL'] = scene.github.url;
    const { findReview } = await import('../../../pipeline/ports/review.ts');
    const token = scene.github.issueToken({ 'pull-requests': 'read' });
    const review = await findReview(token, scene.github.repository, mergeCommit);
    expect(review).toMatchObject({ pullRequest: number, labels: ['allow-destroy'] });
    expect(review.hashes.get('production-data')).toMatch(/^[0-9a-f]{64}$/);
    const other = await findReview(token, scene.github.repository, baseCommit);
    expect(other).toEqual({ labels: [], hashes: new Map() });
    await scene.finished(runs);
  }, 60_000);
}
