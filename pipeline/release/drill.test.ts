import { drillReport, timesLine } from '../report/drill.ts';
import { drill } from './drill.ts';
import { rollbackTimes } from './rollback-times.ts';
import { createWorld, type World } from './testing.ts';
import type { Release } from './types.ts';

const request = {
  project: { domain: 'example.test', urlPattern: 'https://{host}' },
  environment: 'staging',
  actor: 'clock',
  trigger: 'schedule',
} as const;

let world: World;
beforeEach(async () => {
  world = createWorld();
  await world.deploy('c000001');
});

test('rolls back and forward, records the times, and lets deployments run again', async () => {
  await world.deploy('c000002', { web: 'w2', scorer: 's2' });
  const before = world.serving();
  const result = await drill(request, world.ports);
  expect(result).toMatchObject({ outcome: 'drilled', back: { outcome: 'rolled back' }, times: { count: 2 } });
  expect(world.serving()).toEqual(before);
  expect((await world.ledger.control('staging')).freeze).toBeUndefined();
  const [entry] = await world.ledger.history('staging', 1);
  expect(entry).toMatchObject({
    kind: 'drill',
    outcome: 'drilled',
    actor: 'clock',
    detail: expect.stringMatching(/in [\d.]+ s/),
  });
  expect(drillReport(result)).toMatch(
    /### staging: a rollback works[\s\S]*Rollbacks of staging so far: 2, half of them within/,
  );
  expect(await world.deploy('c000003', { web: 'w3' })).toMatchObject({ outcome: 'deployed' });
});

test('a second drill goes to and fro between the same two releases', async () => {
  await world.deploy('c000002', { web: 'w2' });
  const before = world.serving();
  await drill(request, world.ports);
  expect(await drill(request, world.ports)).toMatchObject({ outcome: 'drilled' });
  expect(world.serving()).toEqual(before);
});

test('after a rollback to the very first release, the way to and fro is the one that was gone before', async () => {
  await world.deploy('c000002', { web: 'w2' });
  const second = (await world.ledger.control('staging')).head?.release;
  await world.rollback();
  await world.ledger.resume('staging');
  const before = world.serving();
  const result = await drill(request, world.ports);
  expect(result).toMatchObject({ outcome: 'drilled', back: { to: { id: second } } });
  expect(world.serving()).toEqual(before);
});

test('no drill where there is nothing to go back to, or somebody froze it', async () => {
  expect(await drill(request, world.ports)).toMatchObject({ outcome: 'not drilled' });
  await world.deploy('c000002', { web: 'w2' });
  await world.rollback();
  const result = await drill(request, world.ports);
  expect(result).toMatchObject({ outcome: 'not drilled', reason: expect.stringContaining('frozen by ann') });
  expect(drillReport(result)).toContain('no drill today');
});

test('a way back that fails is bad news, and staging serves what it served', async () => {
  await world.deploy('c000002', { web: 'w2' });
  const before = world.serving();
  world.behaviours.set('sha256:w1', 'crashes');
  const result = await drill(request, world.ports);
  expect(result).toMatchObject({ outcome: 'failed', step: 'back' });
  expect(world.serving()).toEqual(before);
  expect((await world.ledger.control('staging')).freeze).toBeUndefined();
  expect(drillReport(result)).toContain('THE DRILL FAILED on its way back');
});

test('times are those of rollbacks that went well', () => {
  const rollback = (seconds: number, status: Release['status'] = 'superseded') =>
    ({ kind: 'rollback', status, seconds }) as Release;
  const many = Array.from({ length: 20 }, (_, index) => rollback(20 - index));
  expect(rollbackTimes([...many, rollback(900, 'failed'), { ...rollback(800), kind: 'deploy' }])).toEqual({
    ...{ count: 20, p50: 10, p95: 19 },
  });
  expect(rollbackTimes([])).toBeUndefined();
  expect(timesLine('staging', undefined)).toContain('No rollback');
});
