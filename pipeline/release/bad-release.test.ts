import { createWorld, type World } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;
const FIRST = { web: d('w1'), api: d('a1'), scorer: d('s1'), batch: d('b1') };

async function deployed(world: World, ...args: Parameters<World['deploy']>): Promise<string> {
  const result = await world.deploy(...args);
  if (result.outcome !== 'deployed') throw new Error(`expected a release, got ${JSON.stringify(result)}`);
  return result.release.id;
}

describe('a bad release', () => {
  let world: World;
  let good: string;
  beforeEach(async () => {
    world = createWorld();
    good = await deployed(world, 'c000001');
  });
  afterEach(async () => {
    // Whatever went wrong: the old release serves, whole, and the ledger says so.
    expect(world.serving()).toEqual(FIRST);
    expect((await world.ledger.control('staging')).head?.release).toBe(good);
    expect((await world.ledger.control('staging')).lock).toBeUndefined();
    expect((await world.ledger.release('staging', good))?.status).toBe('live');
  });

  test('an image that crashes leaves the old revision serving, and says why', async () => {
    world.behaviours.set(d('w2'), 'crashes');
    const result = await world.deploy('c000002', { web: 'w2', scorer: 's2' });
    expect(result).toMatchObject({
      outcome: 'failed',
      release: { status: 'failed', failure: expect.stringContaining('web: 3 tasks stopped') },
      failure: {
        stage: 'rollout',
        services: [
          {
            service: 'web',
            stoppedReason: 'Essential container in task exited (exit code 1)',
            logs: ['starting', 'Error: model not found'],
          },
        ],
        putBack: [
          { service: 'web', ok: true },
          { service: 'scorer', ok: true },
        ],
      },
    });
  });

  test('a stable service on another revision is a failure: the circuit breaker went back', async () => {
    world.behaviours.set(d('w2'), 'breaker goes back');
    expect(await world.deploy('c000002', { web: 'w2' })).toMatchObject({
      outcome: 'failed',
      failure: { services: [{ service: 'web', message: expect.stringContaining('ECS replaced our deployment') }] },
    });
  });

  test('a wrong answer puts every service back and names service, check, expected and actual', async () => {
    world.behaviours.set(d('w2'), 'answers wrongly');
    const result = await world.deploy('c000002', { web: 'w2', api: 'a2', scorer: 's2', batch: 'b2' });
    expect(result).toMatchObject({
      outcome: 'failed',
      failure: {
        stage: 'verify',
        checks: [{ service: 'web', check: 'web answers', expected: 'answer equals 42', actual: 'answer is 41' }],
      },
    });
  });

  test('after a failure the next deployment finds nothing to repair', async () => {
    world.behaviours.set(d('w2'), 'answers wrongly');
    await world.deploy('c000002', { web: 'w2', batch: 'b2' });
    expect(await world.deploy('c000003')).toMatchObject({ outcome: 'unchanged' });
  });

  test('a call that AWS refuses puts the other services back', async () => {
    world.ecs.refuseUpdate.set('staging-api', 'AccessDenied: not authorized to perform ecs:UpdateService');
    expect(await world.deploy('c000002', { web: 'w2', api: 'a2', scorer: 's2', batch: 'b2' })).toMatchObject({
      outcome: 'failed',
      failure: { services: [{ service: 'api', message: expect.stringContaining('AccessDenied') }] },
    });
  });

  test('an image that is gone stops the deployment before anything moves', async () => {
    world.missingImages.add(d('a2'));
    const updates = world.ecs.updates;
    expect(await world.deploy('c000002', { web: 'w2', api: 'a2' })).toMatchObject({
      outcome: 'failed',
      failure: {
        stage: 'preflight',
        services: [{ service: 'api', message: expect.stringContaining('does not exist') }],
      },
    });
    expect(world.ecs.updates).toBe(updates);
  });

  test('a head that moved meanwhile is not overwritten', async () => {
    const { moveHead } = world.ledger;
    world.ports.ledger.moveHead = async () => false;
    expect(await world.deploy('c000002', { web: 'w2' })).toMatchObject({
      outcome: 'failed',
      failure: { stage: 'record', services: [{ message: 'another deployment moved the head meanwhile' }] },
    });
    world.ports.ledger.moveHead = moveHead;
  });

  test('a first release that fails is withdrawn', async () => {
    const fresh = createWorld('pr-1');
    fresh.behaviours.set(d('w1'), 'crashes');
    expect(await fresh.deploy('c000001')).toMatchObject({
      outcome: 'failed',
      failure: {
        putBack: expect.arrayContaining([{ service: 'web', ok: true, message: expect.stringContaining('withdrawn') }]),
      },
    });
    expect(fresh.ecs.services.get('pr-1-web')?.desired).toBe(0);
    expect(await fresh.ecs.describeTaskDefinition('pr-1-batch')).toBeUndefined();
  });

  test('images and templates have to fit together', async () => {
    const images = {
      ...world.images({}),
      extra: { digest: 'sha256:x', tag: '', key: 'x', changed: true, bytesPushed: 0, seconds: 0 },
    };
    expect(await world.deploy('c000002', {}, { images })).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining('extra has an image but no template in staging')],
    });
  });
});
