import { takeLock } from '../release/lock.ts';
import { closePreview } from './close.ts';
import { openPreview } from './open.ts';
import { sweep } from './sweep.ts';
import { createPreviewWorld } from './testing.ts';

type PreviewWorld = ReturnType<typeof createPreviewWorld>;
const DAY_MS = 24 * 60 * 60 * 1000;

const open = (preview: PreviewWorld, commit = 'c000001') =>
  openPreview({ ...preview.context, number: 1, commit, images: preview.world.images({}) }, preview.ports);
const close = (preview: PreviewWorld) =>
  closePreview({ number: 1, actor: 'ann', reason: 'closed', evenIfOpen: false, lockWaitMs: 0 }, preview.ports);
const closePullRequest = (preview: PreviewWorld): void => {
  preview.pullRequests.set(1, { number: 1, open: false, headCommit: 'c000001', title: 'Change' });
};

describe('open', () => {
  test('brings up the preview and says so in one comment and one deployment', async () => {
    const preview = createPreviewWorld();
    expect(await open(preview)).toMatchObject({ outcome: 'open', url: 'https://pr-1.preview.example.test' });
    expect(preview.world.serving().web).toBe('sha256:w1');
    expect([...preview.comments.values()]).toEqual([
      expect.stringContaining('### Preview: https://pr-1.preview.example.test'),
    ]);
    expect(preview.deployments).toEqual(['pr-1 c000001 started', 'success https://pr-1.preview.example.test']);
  });

  test('a second push updates the same comment', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    preview.pullRequests.set(1, { number: 1, open: true, headCommit: 'c000000', title: 'Change' });
    // Force-pushed to an older commit: a branch under review may do that.
    expect(await open(preview, 'c000000')).toMatchObject({ outcome: 'open' });
    expect(preview.comments.size).toBe(1);
  });

  test('a run that was overtaken by a push leaves the preview alone', async () => {
    const preview = createPreviewWorld();
    expect(await open(preview, 'c000000')).toMatchObject({
      outcome: 'stale',
      message: expect.stringContaining('c000001'),
    });
    expect(preview.provisioned).toEqual([]);
  });

  test('a release that fails is explained in the comment', async () => {
    const preview = createPreviewWorld();
    preview.world.behaviours.set('sha256:w1', 'crashes');
    expect(await open(preview)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('web: 3 tasks stopped'),
    });
    expect([...preview.comments.values()][0]).toContain('Error: model not found');
    expect(preview.deployments.at(-1)).toBe('failure');
  });

  test('a stack that fails is explained too', async () => {
    const preview = createPreviewWorld();
    preview.failProvision('preview-pr-1: no more target groups');
    expect(await open(preview)).toMatchObject({ outcome: 'failed', message: 'preview-pr-1: no more target groups' });
    expect([...preview.comments.values()][0]).toContain('no more target groups');
  });
});

describe('close', () => {
  test('destroys the preview and proves it', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    expect(await close(preview)).toEqual({ outcome: 'destroyed', left: [] });
    expect([...preview.comments.values()]).toEqual([expect.stringContaining('Nothing of it is left')]);
    expect(preview.deployments.at(-1)).toBe('pr-1 inactive');
  });

  test('says what it could not destroy', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    preview.stuck.add(1);
    expect(await close(preview)).toEqual({ outcome: 'destroyed', left: ['ECS service pr-1-web'] });
    expect([...preview.comments.values()][0]).toContain('ECS service pr-1-web');
  });

  test('a pull request that was reopened meanwhile keeps its preview', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    expect(await close(preview)).toMatchObject({ outcome: 'kept' });
    expect(preview.provisioned).toEqual(['apply 1']);
  });

  test('after closing and reopening the preview is released from scratch', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    await close(preview);
    preview.world.ecs.createService('pr-1-web');
    preview.pullRequests.set(1, { number: 1, open: true, headCommit: 'c000001', title: 'Change' });
    expect(await open(preview)).toMatchObject({ outcome: 'open' });
    expect(preview.world.ecs.services.get('pr-1-web')?.desired).toBe(2);
  });
});

describe('sweep', () => {
  const run = (preview: PreviewWorld, more: object = {}) =>
    sweep({ ...preview.context, dryRun: false, ...more }, preview.ports);

  test('keeps the preview of an open pull request', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    expect((await run(preview)).previews).toEqual([{ number: 1, outcome: 'kept', reason: 'the pull request is open' }]);
  });

  test.each([
    ['was closed without an event', closePullRequest, 'the pull request is closed'],
    ['is gone', (preview: PreviewWorld) => void preview.pullRequests.delete(1), 'there is no such pull request'],
    [
      'was idle for a week',
      (preview: PreviewWorld) => {
        preview.world.clock.time += 8 * DAY_MS;
      },
      'no push for 7 days',
    ],
  ])('destroys the preview of a pull request that %s', async (_name, happen, reason) => {
    const preview = createPreviewWorld();
    await open(preview);
    happen(preview);
    expect((await run(preview, { dryRun: true })).previews).toEqual([{ number: 1, outcome: 'would destroy', reason }]);
    expect(preview.existing.has(1)).toBe(true);
    expect((await run(preview)).previews).toEqual([{ number: 1, outcome: 'destroyed', reason, left: [] }]);
    expect((await run(preview)).previews).toEqual([]);
  });

  test('says what is left', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    preview.stuck.add(1);
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'destroyed', left: ['ECS service pr-1-web'] }]);
  });

  test('leaves a preview alone that is being deployed', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    const request = { environment: 'pr-1', holder: 'bob', reason: 'deploy', waitMs: 0 };
    await takeLock(request, { ...preview.ports, onProgress: () => undefined });
    expect((await run(preview)).previews).toMatchObject([
      { outcome: 'kept', reason: expect.stringContaining('locked by bob') },
    ]);
  });
});
