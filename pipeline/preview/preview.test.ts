import { closePreview } from './close.ts';
import { refuseLabel, runCommand } from './command.ts';
import { explainFork } from './fork.ts';
import { lockPreview } from './lock.ts';
import { openPreview } from './open.ts';
import { costSoFar } from './record.ts';
import { type SweepRequest, sweep } from './sweep.ts';
import { createPreviewWorld, MANIFESTS } from './testing.ts';
import { parseCommand, type Verb } from './verbs.ts';

type PreviewWorld = ReturnType<typeof createPreviewWorld>;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const CAPACITY = { rules: 90, targetGroups: 90 };

const open = (preview: PreviewWorld, more: object = {}) =>
  openPreview(
    {
      ...preview.context,
      number: 1,
      commit: 'c000001',
      images: preview.world.images({}),
      manifests: MANIFESTS,
      capacity: CAPACITY,
      full: false,
      ...more,
    },
    preview.ports,
  );
const close = (preview: PreviewWorld) =>
  closePreview({ number: 1, actor: 'ann', reason: 'closed', evenIfOpen: false, lockWaitMs: 0 }, preview.ports);
const closePullRequest = (preview: PreviewWorld): void => {
  preview.pullRequests.set(1, { number: 1, open: false, headCommit: 'c000001', title: 'Change' });
};
const run = (preview: PreviewWorld, more: Partial<SweepRequest> = {}) =>
  sweep({ ...preview.context, dryRun: false, idleMinutes: 60, ...more }, preview.ports);
const command = (preview: PreviewWorld, verb: Verb, person = 'ann') =>
  runCommand({ ...preview.context, number: 1, verb, person, lockWaitMs: 0 }, preview.ports);
/** What staging runs: the images of this world, one of them older. */
async function releaseStaging(preview: PreviewWorld, older: string): Promise<void> {
  const services = Object.fromEntries(
    Object.entries(preview.world.images({})).map(([service, { digest }]) => [
      service,
      { digest: service === older ? 'sha256:old' : digest, templateVersion: '1' },
    ]),
  );
  const release = { id: 'r1', environment: 'staging', commit: 'c0', actor: 'a', kind: 'deploy', reason: '' } as const;
  const { ledger } = preview.ports;
  await ledger.saveRelease({ ...release, services, createdAt: '2026-01-01T00:00:00.000Z', status: 'live' });
  await ledger.moveHead('staging', { from: 0, release: 'r1', commit: 'c0' });
}

describe('open', () => {
  test('brings up the preview and says so in one comment and one deployment', async () => {
    const preview = createPreviewWorld();
    expect(await open(preview)).toMatchObject({ outcome: 'open', url: 'https://pr-1.preview.example.test' });
    expect(preview.world.serving().web).toBe('sha256:w1');
    expect([...preview.comments.values()]).toEqual([
      expect.stringContaining('### Preview: https://pr-1.preview.example.test'),
    ]);
    expect(preview.comment()).toMatch(/`c000001` is up, ready after .* \(\[run\]\(https:\/\/github.test\/runs\/1\)\)/);
    expect(preview.comment()).toContain('#### Predictions: unchanged');
    // Two tasks of 0.25 vCPU and 0.5 GB on Spot, with an address each.
    expect(preview.comment()).toContain('$0.44 for a day awake');
    expect(preview.deployments).toEqual(['pr-1 c000001 started', 'success https://pr-1.preview.example.test']);
  });

  test('runs only what staging does not run already', async () => {
    const preview = createPreviewWorld();
    await releaseStaging(preview, 'api');
    expect(await open(preview)).toMatchObject({ outcome: 'failed' });
    expect(preview.provisioned).toEqual(['apply 1 api']);
    expect(preview.comment()).toContain("| all others | https://pr-1.preview.example.test | staging's |");
  });

  test('what changed does not run without what it works together with, and the comment says which is which', async () => {
    const preview = createPreviewWorld();
    await releaseStaging(preview, 'api');
    const manifests = MANIFESTS.map((manifest) =>
      manifest.name === 'web'
        ? { ...manifest, owns: { queues: [{ name: 'letters' }] } }
        : { ...manifest, ...(manifest.name === 'api' && { uses: [{ queue: 'letters', access: 'write' as const }] }) },
    );
    await open(preview, { manifests });
    expect(preview.provisioned).toEqual(['apply 1 api,web']);
    expect(preview.comment()).toContain('| `api` | https://pr-1.preview.example.test | changed by this pull request |');
    expect(preview.comment()).toContain(
      '| `web` | https://pr-1.preview.example.test | works together with what changed |',
    );
  });

  test('a pull request that changes no service gets no preview, and loses the one that it had', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    await releaseStaging(preview, 'none');
    expect(await open(preview)).toMatchObject({ outcome: 'nothing' });
    expect(preview.existing.size).toBe(0);
    expect([...preview.comments.values()]).toEqual([expect.stringContaining('Nothing to preview')]);
    expect(await preview.record()).toBeUndefined();
  });

  test('a second push updates the same comment', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    preview.pullRequests.set(1, { number: 1, open: true, headCommit: 'c000000', title: 'Change' });
    // Force-pushed to an older commit: a branch under review may do that.
    expect(await open(preview, { commit: 'c000000' })).toMatchObject({ outcome: 'open' });
    expect(preview.comments.size).toBe(1);
  });

  test('what it has cost stays when an hour comes to cost more', async () => {
    const preview = createPreviewWorld();
    await releaseStaging(preview, 'scorer');
    await open(preview);
    expect((await preview.record())?.hourlyCost).toBe(0);
    preview.world.clock.time += 100 * HOUR_MS;
    await open(preview, { full: true });
    const record = await preview.record();
    expect(record?.hourlyCost).toBeGreaterThan(0);
    expect(record && costSoFar(record, preview.world.clock.time)).toBeLessThan(0.01);
  });

  test('a run that was overtaken by a push leaves the preview alone', async () => {
    const preview = createPreviewWorld();
    expect(await open(preview, { commit: 'c000000' })).toMatchObject({
      outcome: 'stale',
      message: expect.stringContaining('c000001'),
    });
    expect(preview.provisioned).toEqual([]);
  });

  test('a release that fails is explained in the comment', async () => {
    const preview = createPreviewWorld();
    preview.world.behaviours.set('sha256:w1', 'crashes');
    expect(await open(preview)).toMatchObject({ outcome: 'failed', message: expect.stringContaining('web') });
    expect(preview.comment()).toContain('Error: model not found');
    expect(preview.deployments.at(-1)).toBe('failure');
    expect(await preview.record()).toMatchObject({ state: 'failed' });
  });

  test('a stack that fails is explained too', async () => {
    const preview = createPreviewWorld();
    preview.failProvision('preview-pr-1: no more target groups');
    expect(await open(preview)).toMatchObject({ outcome: 'failed', message: 'preview-pr-1: no more target groups' });
    expect(preview.comment()).toContain('no more target groups');
  });

  test('without room on the load balancer nothing is touched, and the comment says what to do', async () => {
    const preview = createPreviewWorld();
    const capacity = { rules: 2, targetGroups: 90 };
    expect(await open(preview, { capacity })).toMatchObject({ outcome: 'refused' });
    expect(preview.provisioned).toEqual([]);
    expect(preview.comment()).toMatch(/No room for a preview[\s\S]*needs 4 listener rules[\s\S]*2 of 2 left/);
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
    // No record and no place is left; the releases stay on record.
    expect([...preview.documents.all.keys()]).toEqual(['pr-places places']);
    expect(preview.documents.all.get('pr-places places')?.value).toEqual({});
  });

  test('says what it could not destroy, and keeps its place until the sweep could', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    preview.stuck.add(1);
    expect(await close(preview)).toEqual({ outcome: 'destroyed', left: ['ECS service pr-1-web'] });
    expect(preview.comment()).toContain('ECS service pr-1-web');
    expect(preview.documents.all.get('pr-places places')?.value).toHaveProperty('1');
    preview.stuck.clear();
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'destroyed', left: [] }]);
    expect(preview.documents.all.get('pr-places places')?.value).toEqual({});
  });

  test('a pull request that was reopened meanwhile keeps its preview', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    expect(await close(preview)).toMatchObject({ outcome: 'kept' });
    expect(preview.provisioned).toEqual(['apply 1 api,batch,scorer,web']);
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
      'no push and no visit for 7 days',
    ],
    [
      'was forgotten half made',
      (preview: PreviewWorld) => void preview.documents.all.delete('pr-1 preview'),
      'it is the remains of one that was being made or destroyed',
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

  test('somebody who looks at it keeps it, and is warned a day before it goes', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    preview.world.clock.time += 6 * DAY_MS + HOUR_MS;
    await run(preview);
    expect(preview.comment()).toContain('[!WARNING]');
    preview.visitAt(preview.world.clock.time - HOUR_MS / 2);
    await run(preview);
    expect(preview.comment()).not.toContain('[!WARNING]');
    preview.world.clock.time += 6 * DAY_MS;
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'kept' }]);
  });

  test('says what is left', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    preview.stuck.add(1);
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'destroyed', left: ['ECS service pr-1-web'] }]);
  });

  test('leaves a preview alone that somebody is at', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    await lockPreview({ number: 1, actor: 'bob', reason: 'open', waitMs: 0 }, preview.ports);
    expect((await run(preview)).previews).toMatchObject([
      { outcome: 'kept', reason: expect.stringContaining('locked by bob') },
    ]);
  });

  test('a preview that GitHub cannot tell about keeps none of the others from being swept', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    preview.existing.add(0);
    const ask = preview.ports.github.pullRequest;
    Object.assign(preview.ports.github, {
      pullRequest: (number: number) => (number === 0 ? Promise.reject(new Error('GitHub is away')) : ask(number)),
    });
    expect((await run(preview)).previews).toMatchObject([
      { number: 0, outcome: 'failed', reason: 'GitHub is away' },
      { number: 1, outcome: 'destroyed', left: [] },
    ]);
  });

  test('tasks of one that failed are not paid for until it expires', async () => {
    const preview = createPreviewWorld();
    preview.world.behaviours.set('sha256:w1', 'crashes');
    await open(preview);
    preview.world.clock.time += 61 * 60_000;
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'asleep' }]);
    expect(preview.power).toContain('stop 1');
    const record = await preview.record();
    expect(record).toMatchObject({ state: 'failed' });
    expect(record).not.toHaveProperty('awakeSince');
    expect(preview.comment()).toContain('Error: model not found');
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'kept' }]);
  });

  test('says so in the comment when the run that opened it died', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    const known = preview.documents.all.get('pr-1 preview');
    Object.assign(known ?? {}, { value: { ...(await preview.record()), state: 'opening' } });
    await run(preview);
    expect(preview.comment()).toContain('The run that opened it ended early');
  });
});

describe('sleep', () => {
  test('nobody looks: the waking page takes over, then the services stop, and nothing is paid any more', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    preview.power.length = 0;
    preview.world.clock.time += 61 * 60_000;
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'asleep' }]);
    expect(preview.power).toEqual(['cover 1 at 1', 'stop 1']);
    const asleep = await preview.record();
    expect(asleep).toMatchObject({ state: 'asleep' });
    expect(asleep?.awakeSeconds).toBeGreaterThanOrEqual(3660);
    expect(asleep).not.toHaveProperty('awakeSince');
    expect(preview.comment()).toContain('sleeps, and wakes with the first request');
    // Once is enough.
    preview.world.clock.time += 61 * 60_000;
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'kept' }]);
    expect(preview.power.slice(2)).toEqual(['stop 1']);
  });

  test('a preview of functions alone has nothing to put to sleep', async () => {
    const preview = createPreviewWorld();
    await releaseStaging(preview, 'scorer');
    await open(preview);
    const known = preview.documents.all.get('pr-1 preview') ?? {};
    Object.assign(known, { value: { ...(await preview.record()), state: 'open' } });
    preview.world.clock.time += 61 * 60_000;
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'kept', reason: 'the pull request is open' }]);
    expect(await command(preview, 'sleep')).toMatchObject({ message: expect.stringContaining('costs nothing') });
    expect(preview.power.filter((line) => /^(?:cover|stop)/.test(line))).toEqual([]);
    expect(preview.documents.all.get('pr-places places')?.value).toMatchObject({ '1': { rules: 1 } });
  });

  test('a visit keeps it awake', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    preview.world.clock.time += 61 * 60_000;
    preview.visitAt(preview.world.clock.time - 60_000);
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'kept' }]);
  });

  test('a load balancer without room for the waking page keeps it awake', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    preview.refuseSleep('there is no room for the rule of the waking page');
    preview.world.clock.time += 61 * 60_000;
    expect((await run(preview)).previews).toMatchObject([
      { outcome: 'kept', reason: expect.stringContaining('no room') },
    ]);
    expect(preview.power).not.toContain('stop 1');
  });

  test('a push to a preview that sleeps wakes it before it is checked', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    await command(preview, 'sleep');
    preview.power.length = 0;
    expect(await open(preview)).toMatchObject({ outcome: 'open' });
    expect(preview.power[0]).toBe('uncover 1');
    expect(await preview.record()).toMatchObject({ state: 'open' });
  });
});

describe('what a run that died half way left', () => {
  const force = async (preview: PreviewWorld, change: object) =>
    Object.assign(preview.documents.all.get('pr-1 preview') ?? {}, {
      value: { ...(await preview.record()), ...change },
    });

  test('a destroyed preview that nobody was told about is destroyed again, and told about', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    const retire = preview.ports.github.retireDeployments;
    Object.assign(preview.ports.github, { retireDeployments: () => Promise.reject(new Error('GitHub is away')) });
    await expect(close(preview)).rejects.toThrow('GitHub is away');
    Object.assign(preview.ports.github, { retireDeployments: retire });
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'destroyed', left: [] }]);
    expect(preview.deployments.at(-1)).toBe('pr-1 inactive');
    expect((await run(preview)).previews).toEqual([]);
  });

  test('a place whose preview is gone is given back', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    closePullRequest(preview);
    preview.documents.all.delete('pr-1 preview');
    preview.existing.clear();
    await run(preview);
    expect(preview.documents.all.get('pr-places places')?.value).toEqual({});
  });

  test('a preview that is said to sleep is stopped, one that is said to be open is shown', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    await force(preview, { state: 'asleep' });
    await run(preview);
    expect(preview.power.at(-1)).toBe('stop 1');
    await force(preview, { state: 'open' });
    await run(preview);
    expect(preview.power.at(-1)).toBe('uncover 1');
  });

  test('a preview that was woken and left alone sleeps again', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    await force(preview, { state: 'waking' });
    preview.world.clock.time += 61 * 60_000;
    expect((await run(preview)).previews).toMatchObject([{ outcome: 'asleep' }]);
  });
});

describe('commands', () => {
  test.each([
    ['/preview sleep', { verb: 'sleep' }],
    ['please\n/preview extend\nthanks', { verb: 'extend' }],
    ['/preview dance', { problem: expect.stringContaining('Known: sleep, wake, extend') }],
    ['/preview', { problem: expect.any(String) }],
    ['I like /preview sleep', undefined],
    ['/previewer sleep', undefined],
  ])('%j', (text, expected) => expect(parseCommand(text)).toEqual(expected));

  test('only who may write is obeyed', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    expect(await command(preview, 'destroy', 'mallory')).toMatchObject({ outcome: 'refused' });
    expect(preview.existing.has(1)).toBe(true);
  });

  test('sleep, wake, extend and destroy', async () => {
    const preview = createPreviewWorld();
    await open(preview);
    expect(await command(preview, 'sleep')).toMatchObject({ outcome: 'done' });
    expect(await command(preview, 'wake')).toMatchObject({ outcome: 'done' });
    expect(await preview.record()).toMatchObject({ state: 'open', wakes: 1 });
    preview.world.clock.time += 5 * DAY_MS;
    await command(preview, 'extend');
    preview.world.clock.time += 5 * DAY_MS;
    expect((await run(preview, { idleMinutes: 1e6 })).previews).toMatchObject([{ outcome: 'kept' }]);
    expect(await command(preview, 'destroy')).toMatchObject({ outcome: 'done' });
    expect(preview.existing.size).toBe(0);
    expect(preview.comment()).toContain('Because ann wanted it');
  });

  test('full sets the label and starts the workflow; a fork gets none', async () => {
    const preview = createPreviewWorld();
    expect(await command(preview, 'full')).toMatchObject({ outcome: 'done' });
    expect(preview.labels).toEqual(['1 +preview-full']);
    expect(preview.dispatched).toEqual([{ workflow: 'preview.yml', number: '1', commit: 'c000001' }]);
    preview.pullRequests.set(1, { number: 1, open: true, headCommit: 'c000001', title: 'Change', fork: true });
    expect(await command(preview, 'full')).toMatchObject({ outcome: 'refused' });
  });
});

test('a fork is told why it has no preview, and a label for an earlier commit comes off', async () => {
  const preview = createPreviewWorld();
  preview.pullRequests.set(1, {
    ...{ number: 1, open: true, headCommit: 'c000002', title: 'Change' },
    ...{ fork: true, labels: ['preview-fork'] },
  });
  await explainFork({ number: 1, commit: 'c000002' }, preview.ports);
  expect(preview.labels).toEqual(['1 -preview-fork']);
  expect(preview.comment()).toContain('nothing that a stranger wrote runs in our account');
});

test('a label of who may only triage leads to nothing', async () => {
  const { ports } = createPreviewWorld();
  expect(await refuseLabel({ person: 'ann', label: 'preview-fork' }, ports)).toBeUndefined();
  expect(await refuseLabel({ person: 'tom', label: 'preview-fork' }, ports)).toContain('tom may not write');
});
