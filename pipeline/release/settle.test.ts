import { takeLock } from './lock.ts';
import { settleEnvironment } from './settle-environment.ts';
import { createWorld, type World } from './testing.ts';

/** A run that was killed after it moved `web`. */
async function worldWithDeadRun(): Promise<World> {
  const world = createWorld();
  const result = await world.deploy('c000001');
  if (result.outcome !== 'deployed') throw new Error(JSON.stringify(result));
  const request = { environment: 'staging', holder: 'bob, run 7', reason: 'deploy', waitMs: 0 };
  await takeLock(request, { ...world.ports, onProgress: () => undefined });
  await world.ledger.saveRelease({ ...result.release, id: '2026-dead', status: 'deploying' });
  world.ecs.definitions.set('dead:1', { family: 'staging-web', containerDefinitions: [{ image: 'x@sha256:dead' }] });
  await world.ecs.updateService({ service: 'staging-web' }, { taskDefinition: 'dead:1' });
  return world;
}

test('waits for the lease of the dead run and undoes it', async () => {
  const world = await worldWithDeadRun();
  expect(await settleEnvironment('staging', 'sweep', world.ports)).toMatchObject([
    { release: '2026-dead', outcome: 'undone' },
  ]);
  expect(world.serving().web).toBe('sha256:w1');
  expect((await world.ledger.control('staging')).lock).toBeUndefined();
});

test('a service that cannot be put back is on record, and the next deployment repairs it', async () => {
  const world = await worldWithDeadRun();
  world.ecs.refuseUpdate.set('staging-web', 'ThrottlingException: slow down');
  await settleEnvironment('staging', 'sweep', world.ports);
  expect(await world.ledger.release('staging', '2026-dead')).toMatchObject({
    status: 'interrupted',
    failure: expect.stringContaining('not put back: web'),
  });
  expect(await world.deploy('c000001')).toMatchObject({ plan: { moves: [{ service: 'web', reasons: ['drift'] }] } });
  expect(world.serving().web).toBe('sha256:w1');
});

test('where nothing was interrupted not even the lock is taken', async () => {
  const world = createWorld();
  await world.deploy('c000001');
  world.ports.ledger.acquireLock = async () => Promise.reject(new Error('the lock was taken'));
  expect(await settleEnvironment('staging', 'sweep', world.ports)).toEqual([]);
});
