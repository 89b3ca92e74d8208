import { resume } from './resume.ts';
import { createWorld, type World } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;

/** Three releases, each of which changed every service. */
async function threeReleases(): Promise<{ world: World; ids: readonly string[] }> {
  const world = createWorld('production');
  const ids: string[] = [];
  for (const n of [1, 2, 3]) ids.push(await release(world, n));
  return { world, ids };
}

async function release(world: World, n: number): Promise<string> {
  const result = await world.deploy(`c00000${n}`, { web: `w${n}`, api: `a${n}`, scorer: `s${n}`, batch: `b${n}` });
  if (result.outcome !== 'deployed') throw new Error(JSON.stringify(result));
  return result.release.id;
}

const all = (n: number) => ({ web: d(`w${n}`), api: d(`a${n}`), scorer: d(`s${n}`), batch: d(`b${n}`) });

const revisionOf = (world: World, digest: string): string =>
  [...world.ecs.definitions.keys()].find((arn) => world.ecs.image(arn).endsWith(digest)) ?? '';

describe('rollback', () => {
  test('without a target brings every service back to the release before', async () => {
    const { world, ids } = await threeReleases();
    const revisions = world.ecs.definitions.size;
    expect(await world.rollback()).toMatchObject({
      outcome: 'rolled back',
      to: { id: ids[1] },
      release: { kind: 'rollback', status: 'live', restores: ids[1], previous: ids[2], commit: 'c000002' },
    });
    expect(world.serving()).toEqual(all(2));
    // Only the job is registered again; services and function go back to the revisions that were proven.
    expect(world.ecs.definitions.size).toBe(revisions + 1);
    expect(world.announcements.at(-1)).toMatchObject({ version: 'c000002', name: 'rollback: bad answers' });
  });

  test('twice walks further into the past instead of back and forth', async () => {
    const { world, ids } = await threeReleases();
    await world.rollback();
    expect(await world.rollback()).toMatchObject({ outcome: 'rolled back', to: { id: ids[0] } });
    expect(world.serving()).toEqual(all(1));
    expect(await world.rollback()).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining('no release before')],
    });
  });

  test('after a fix never lands on the release that was rolled back from', async () => {
    const { world, ids } = await threeReleases();
    await world.rollback();
    await resume('production', world.ports);
    await release(world, 4);
    expect(await world.rollback()).toMatchObject({ outcome: 'rolled back', to: { id: ids[1] } });
    expect(world.serving()).toEqual(all(2));
  });

  test('skips releases that failed', async () => {
    const { world, ids } = await threeReleases();
    world.behaviours.set(d('w9'), 'crashes');
    await world.deploy('c000009', { web: 'w9' });
    expect(await world.rollback()).toMatchObject({ outcome: 'rolled back', to: { id: ids[1] } });
  });

  test.each([
    ['id', (ids: readonly string[]) => ids[0] ?? ''],
    ['commit prefix', () => 'c000001'],
  ])('to a chosen release by %s', async (_name, choose) => {
    const { world, ids } = await threeReleases();
    expect(await world.rollback(choose(ids))).toMatchObject({ outcome: 'rolled back', to: { id: ids[0] } });
    expect(world.serving()).toEqual(all(1));
  });

  test('a target that does not exist is refused with the ones that do', async () => {
    const { world, ids } = await threeReleases();
    expect(await world.rollback('fffffff')).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining(`${ids[2]} (commit c000003)`)],
    });
    expect((await world.ledger.control('production')).freeze).toBeUndefined();
  });

  test('a release that was never live is refused', async () => {
    const { world } = await threeReleases();
    world.behaviours.set(d('w9'), 'crashes');
    await world.deploy('c000009', { web: 'w9' });
    expect(await world.rollback('c000009')).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringMatching(/was never live \(failed\)/)],
    });
  });

  test('a second time to the same release changes nothing, though its job went back by a new revision', async () => {
    const { world, ids } = await threeReleases();
    expect(await world.rollback(ids[1] ?? '')).toMatchObject({ outcome: 'rolled back' });
    expect(await world.rollback(ids[1] ?? '')).toMatchObject({ outcome: 'already there' });
    expect(world.serving()).toEqual(all(2));
  });

  test('to where it is already changes nothing', async () => {
    const { world } = await threeReleases();
    expect(await world.rollback('c000003')).toMatchObject({ outcome: 'already there' });
    expect(world.serving()).toEqual(all(3));
  });

  test.each([
    ['image', (world: World) => world.missingImages.add(d('a2')), /image .* does not exist/],
    [
      'task definition',
      (world: World) => world.ecs.definitions.delete(revisionOf(world, 'w2')),
      /task definition production-web:3 does not exist any more/,
    ],
  ])('a target whose %s is gone is refused before anything moves', async (_name, lose, message) => {
    const { world } = await threeReleases();
    lose(world);
    expect(await world.rollback()).toMatchObject({
      outcome: 'failed',
      failure: { stage: 'preflight', services: [{ message: expect.stringMatching(message) }] },
    });
    expect(world.serving()).toEqual(all(3));
  });

  test('a task definition that somebody deregistered is registered once more, as it was', async () => {
    const { world } = await threeReleases();
    const old = revisionOf(world, 'w2');
    world.ecs.inactive.add(old);
    expect(await world.rollback()).toMatchObject({ outcome: 'rolled back' });
    expect(world.serving()).toEqual(all(2));
    const now = world.ecs.services.get('production-web')?.current.taskDefinition ?? '';
    expect(now).not.toBe(old);
    expect(world.ecs.definitions.get(now)).toEqual(world.ecs.definitions.get(old));
  });

  test('to a tag goes to the release of its commit', async () => {
    const { world, ids } = await threeReleases();
    world.tags.set('v1.0.0', 'c000001');
    expect(await world.rollback('v1.0.0')).toMatchObject({ outcome: 'rolled back', to: { id: ids[0] } });
    expect(await world.rollback('v2.0.0')).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringMatching(/no release v2\.0\.0; what can be brought back: .*c000003\)/)],
    });
  });

  test('by the beginning of a commit that fits two is refused with both', async () => {
    const { world } = await threeReleases();
    await world.deploy('abcdef0111', { web: 'w7' });
    await world.deploy('abcdef0222', { web: 'w8' });
    expect(await world.rollback('abcdef0')).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining('abcdef0 is the beginning of abcdef0222 and abcdef0111')],
    });
    expect(await world.rollback('abcdef01')).toMatchObject({ outcome: 'rolled back' });
  });

  test('of some services leaves the others; after it, a rollback without a target goes to the release before, whole', async () => {
    const { world, ids } = await threeReleases();
    expect(await world.rollback('', { services: ['web', 'scorer'] })).toMatchObject({
      outcome: 'rolled back',
      release: { partial: ['web', 'scorer'], commit: 'c000003' },
    });
    expect(world.serving()).toEqual({ ...all(3), web: d('w2'), scorer: d('s2') });
    expect(await world.rollback()).toMatchObject({ outcome: 'rolled back', to: { id: ids[1] } });
    expect(world.serving()).toEqual(all(2));
  });

  test('of a service that the release does not have is refused with those that it has', async () => {
    const { world } = await threeReleases();
    expect(await world.rollback('', { services: ['wbe'] })).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringMatching(/has no service wbe; it has web, api, scorer, batch/)],
    });
    expect((await world.ledger.control('production')).freeze).toBeUndefined();
  });

  test('an old release that no longer answers as it did is put back, and the freeze stays', async () => {
    const { world, ids } = await threeReleases();
    world.behaviours.set(d('w2'), 'answers wrongly');
    expect(await world.rollback()).toMatchObject({ outcome: 'failed', failure: { stage: 'verify' } });
    expect(world.serving()).toEqual(all(3));
    const control = await world.ledger.control('production');
    expect(control).toMatchObject({ head: { release: ids[2] }, freeze: { by: 'ann' } });
  });

  test('an environment without releases has none to go back to', async () => {
    expect(await createWorld('production').rollback()).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining('no release yet')],
    });
  });
});
