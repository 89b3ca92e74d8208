import { deployReport } from '../report/release.ts';
import { planReport } from '../report/release-plan.ts';
import type { Template } from './template.ts';
import { createWorld, type World } from './testing.ts';

const d = (digest: string): string => `sha256:${digest}`;

/** From now on `web` declares this migration. */
function declare(world: World, level: number, compatibleFrom: number): void {
  world.changeTemplates(`level ${level}`, (made: Template) =>
    made.service === 'web' && made.kind === 'web'
      ? { ...made, migration: { command: ['migrate', String(level)], level, compatibleFrom } }
      : made,
  );
}

const deployLevel = (world: World, n: number, compatibleFrom: number, more = {}) => {
  declare(world, n, compatibleFrom);
  return world.deploy(`c00000${n}`, { web: `w${n}` }, more);
};

const commands = (world: World) => world.tasks.ran.map(({ command }) => command.join(' '));

test('a migration runs once, with the new revision, before anything moves', async () => {
  const world = createWorld();
  await world.deploy('c000000', { web: 'w0' });
  const run = world.tasks.run.bind(world.tasks);
  world.tasks.run = async (request) => {
    expect(world.ecs.image(request.taskDefinition)).toMatch(/@sha256:w1$/);
    expect(world.serving().web).toBe(d('w0'));
    return run(request);
  };
  expect(await deployLevel(world, 1, 0)).toMatchObject({ outcome: 'deployed' });
  expect(world.tasks.ran).toMatchObject([
    { cluster: 'staging', service: 'staging-web', container: 'web', command: ['migrate', '1'] },
  ]);
  expect((await world.ledger.control('staging')).migrations).toMatchObject({
    web: [{ level: 1, compatibleFrom: 0, done: true }],
  });
  await world.deploy('c000002', { web: 'w2' });
  expect(commands(world)).toEqual(['migrate 1']);
});

test('a migration that fails stops everything, and says what it printed last', async () => {
  const world = createWorld();
  await world.deploy('c000000', { web: 'w0' });
  world.tasks.exitCodes.set('migrate 1', 3);
  const updates = world.ecs.updates;
  const result = await deployLevel(world, 1, 0);
  expect(result).toMatchObject({
    outcome: 'failed',
    failure: {
      stage: 'migrate',
      services: [
        {
          service: 'web',
          message: 'the migration ended with exit code 3',
          logs: ['starting', 'Error: model not found'],
        },
      ],
    },
  });
  expect(deployReport(result)).toMatch(/It failed while a migration ran; nothing moved.*Error: model not found/s);
  expect(world.ecs.updates).toBe(updates);
  world.tasks.exitCodes.clear();
  expect(await deployLevel(world, 1, 0)).toMatchObject({ outcome: 'deployed' });
  expect(commands(world)).toEqual(['migrate 1', 'migrate 1']);
});

test('a rollback across a compatible migration goes through, across an incompatible one only with consent', async () => {
  const world = createWorld();
  await deployLevel(world, 1, 0);
  await deployLevel(world, 2, 1);
  await deployLevel(world, 3, 2);
  // Two levels back: level 3 works with code of level 2 on only.
  expect(await world.rollback('c000001')).toMatchObject({
    outcome: 'refused',
    problems: [
      'web: its data is at level 3, which works only with code from level 2 on; this code is of level 1',
      expect.stringContaining('allow-incompatible-migration'),
    ],
  });
  expect((await world.ledger.control('staging')).freeze).toBeUndefined();
  expect(planReport(await world.dryRunRollback('c000001'))).toMatch(/would be \*\*refused\*\*.*data is at level 3/s);
  expect(planReport(await world.dryRunRollback(''))).toContain(
    '| web | stays; the code works with it | 3, code 2 | from 2 |',
  );
  expect(await world.rollback()).toMatchObject({
    outcome: 'rolled back',
    plan: { crossed: [{ level: 3, compatible: true }] },
  });
  expect(await world.rollback('c000001', { allowIncompatible: true })).toMatchObject({ outcome: 'rolled back' });
  expect(world.serving().web).toBe(d('w1'));
  expect(commands(world)).toEqual(['migrate 1', 'migrate 2', 'migrate 3']);
});

test('a rollback to before the first migration knows that the data has moved on', async () => {
  const world = createWorld();
  await world.deploy('c000000', { web: 'w0' });
  await deployLevel(world, 1, 0);
  await deployLevel(world, 2, 1);
  expect(await world.rollback('c000000')).toMatchObject({ outcome: 'refused' });
});

test('a migration that the running code cannot bear is not run by a merge', async () => {
  const world = createWorld();
  await deployLevel(world, 1, 0);
  expect(await deployLevel(world, 2, 2)).toMatchObject({
    outcome: 'refused',
    problems: [
      expect.stringMatching(/works only with code from level 2 on, and level 1 serves.*two releases/),
      expect.anything(),
    ],
  });
  expect(commands(world)).toEqual(['migrate 1']);
  expect(await deployLevel(world, 2, 2, { allowIncompatible: true })).toMatchObject({ outcome: 'deployed' });
});

test('a deployment that failed after its migration leaves the data where it is, and everyone knows', async () => {
  const world = createWorld();
  await deployLevel(world, 1, 0);
  world.behaviours.set(d('w2'), 'answers wrongly');
  expect(await deployLevel(world, 2, 1)).toMatchObject({ outcome: 'failed', failure: { stage: 'verify' } });
  expect(world.serving().web).toBe(d('w1'));
  expect((await world.ledger.control('staging')).migrations?.['web']).toMatchObject([
    { level: 1 },
    { level: 2, done: true },
  ]);
});

test('a run that died left its migration running: the next one waits for it before it starts its own', async () => {
  const world = createWorld();
  await deployLevel(world, 1, 0);
  const looked: string[] = [];
  const look = world.tasks.look.bind(world.tasks);
  world.tasks.left.push({ cluster: 'staging', id: 'task-left' });
  world.tasks.look = async (task) => {
    looked.push(task.id);
    return task.id === 'task-left' ? { stopped: looked.length > 3, stoppedReason: '' } : look(task);
  };
  await deployLevel(world, 2, 0);
  expect(looked.slice(0, 4)).toEqual(Array(4).fill('task-left'));
  expect(commands(world)).toEqual(['migrate 1', 'migrate 2']);
});
