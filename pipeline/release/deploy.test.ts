import { LEASE_MS, takeLock } from './lock.ts';
import { resume } from './resume.ts';
import { createWorld, type World } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;
const FIRST = { web: d('w1'), api: d('a1'), scorer: d('s1'), batch: d('b1') };

async function deployed(world: World, ...args: Parameters<World['deploy']>): Promise<string> {
  const result = await world.deploy(...args);
  if (result.outcome !== 'deployed') throw new Error(`expected a release, got ${JSON.stringify(result)}`);
  return result.release.id;
}

describe('deploy', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });

  test('the first release starts every service with the tasks that its template wants', async () => {
    const result = await world.deploy('c000001');
    expect(result).toMatchObject({
      outcome: 'deployed',
      release: { status: 'live', kind: 'deploy', commit: 'c000001' },
    });
    expect(world.serving()).toEqual(FIRST);
    expect(world.ecs.services.get('staging-web')?.desired).toBe(2);
    expect((await world.ledger.control('staging')).lock).toBeUndefined();
    expect(world.announcements).toMatchObject([{ version: 'c000001', environment: 'staging' }]);
  });

  test('a container learns its release', async () => {
    await world.deploy('c000001');
    const revision = world.ecs.services.get('staging-web')?.current.taskDefinition ?? '';
    expect(world.ecs.definitions.get(revision)?.containerDefinitions?.[0]?.environment).toEqual([
      { name: 'VARIANT', value: 'first' },
      { name: 'SLIPWAY_RELEASE', value: 'c000001' },
    ]);
  });

  test('only what changed moves', async () => {
    await world.deploy('c000001');
    const updates = world.ecs.updates;
    const result = await world.deploy('c000002', { web: 'w2' });
    expect(result).toMatchObject({ outcome: 'deployed', plan: { moves: [{ service: 'web', reasons: ['image'] }] } });
    expect(world.serving()).toEqual({ ...FIRST, web: d('w2') });
    expect(world.ecs.updates).toBe(updates + 1);
  });

  test('a deployment without changes is a no-op, and yet nothing older may follow it', async () => {
    const first = await deployed(world, 'c000001');
    const updates = world.ecs.updates;
    await deployed(world, 'c000002', { web: 'w2' }).then(() => world.deploy('c000003', { web: 'w2' }));
    expect(world.ecs.updates).toBe(updates + 1);
    expect(first).not.toBe((await world.ledger.control('staging')).head?.release);
    expect(await world.deploy('c000002', { web: 'w9' })).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining('c000002 is older than c000003')],
    });
  });

  test('an older commit never replaces a newer one', async () => {
    await world.deploy('c000001');
    await world.deploy('c000002', { web: 'w2' });
    const result = await world.deploy('c000001', { web: 'w1' });
    expect(result).toMatchObject({ outcome: 'refused', problems: [expect.stringMatching(/older.*rollback workflow/)] });
    expect(await world.deploy('c000001', { web: 'w1' }, { force: true })).toMatchObject({ outcome: 'refused' });
    expect(world.serving().web).toBe(d('w2'));
  });

  test('a changed template alone makes a new release with the same images', async () => {
    await world.deploy('c000001');
    world.changeTemplates('second');
    const result = await world.deploy('c000001');
    expect(result).toMatchObject({ outcome: 'deployed', plan: { moves: expect.arrayContaining([]) } });
    expect(result.outcome === 'deployed' && result.plan.moves.map(({ reasons }) => reasons)).toEqual(
      Array(4).fill(['template']),
    );
    expect(world.serving()).toEqual(FIRST);
  });

  test('a service that someone else moved is brought back', async () => {
    await world.deploy('c000001');
    world.lambda.live = 1;
    expect(await world.deploy('c000002')).toMatchObject({
      plan: { moves: [{ service: 'scorer', reasons: ['drift'] }] },
    });
    expect(world.serving()).toEqual(FIRST);
  });
});

describe('lock', () => {
  const request = { environment: 'staging', holder: 'bob, run 7', reason: 'deploy c000009', waitMs: 0 };
  const take = (world: World) => takeLock(request, { ...world.ports, onProgress: () => undefined });

  test('who waits in vain learns who holds the lock and why', async () => {
    const world = createWorld();
    await take(world);
    expect(await world.deploy('c000001')).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringMatching(/locked by bob, run 7 since .* \(deploy c000009\)/)],
    });
  });

  test('a run that died in the middle is undone by the next one, after its lease', async () => {
    const world = createWorld();
    const good = await deployed(world, 'c000001');
    // Killed right after it moved the services: the lock stays, the release stays `deploying`.
    await take(world);
    const head = await world.ledger.release('staging', good);
    if (head === undefined) throw new Error('no head');
    await world.ledger.saveRelease({ ...head, id: '2026-dead', status: 'deploying', previous: good });
    world.ecs.definitions.set('dead:1', { family: 'staging-web', containerDefinitions: [{ image: 'x@sha256:dead' }] });
    await world.ecs.updateService({ service: 'staging-web' }, { taskDefinition: 'dead:1' });
    expect(world.serving().web).toBe(d('dead'));

    const result = await world.deploy('c000001', {}, { lockWaitMs: LEASE_MS + 5_000 });
    expect(result).toMatchObject({ outcome: 'unchanged', settled: [{ release: '2026-dead', outcome: 'undone' }] });
    expect(await world.ledger.release('staging', '2026-dead')).toMatchObject({ status: 'interrupted' });
    expect(world.serving()).toEqual(FIRST);
  });

  test('a run that died after the head moved was complete', async () => {
    const world = createWorld();
    const id = await deployed(world, 'c000001');
    const release = await world.ledger.release('staging', id);
    if (release === undefined) throw new Error('no release');
    await world.ledger.saveRelease({ ...release, status: 'deploying' });
    expect(await world.deploy('c000001')).toMatchObject({ outcome: 'unchanged', settled: [{ outcome: 'finished' }] });
    expect(await world.ledger.release('staging', id)).toMatchObject({ status: 'live' });
  });

  test('a deployment that lost its lock does not move the head', async () => {
    const world = createWorld();
    let renew = (): void => undefined;
    world.clock.every = (_milliseconds?: number, action?: () => void) => {
      renew = action ?? renew;
      return () => undefined;
    };
    world.ports.ledger.renewLock = async () => undefined;
    const { load } = world.ports.templates;
    world.ports.templates.load = async (environment) => {
      renew();
      return load(environment);
    };
    expect(await world.deploy('c000001')).toMatchObject({
      outcome: 'stopped',
      message: 'another run took the lock over',
    });
    expect((await world.ledger.control('staging')).head).toBeUndefined();
  });
});

describe('freeze', () => {
  test('a frozen environment takes no deployment until someone resumes', async () => {
    const world = createWorld();
    await world.deploy('c000001');
    await world.deploy('c000002', { web: 'w2' });
    await world.rollback();
    expect(await world.deploy('c000003', { web: 'w3' })).toMatchObject({
      outcome: 'frozen',
      freeze: { by: 'ann', reason: 'bad answers' },
    });
    expect(world.serving()).toEqual(FIRST);
    expect(await resume('staging', world.ports)).toMatchObject({ outcome: 'resumed' });
    expect(await world.deploy('c000003', { web: 'w3' })).toMatchObject({ outcome: 'deployed' });
    expect(await resume('staging', world.ports)).toEqual({ outcome: 'not frozen', environment: 'staging' });
  });
});
