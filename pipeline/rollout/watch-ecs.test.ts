import type { EcsDeployment, EcsService } from '../ports/ecs.ts';
import { strategyFor } from './ecs-strategy.ts';
import { superfluous } from './lambda-versions.ts';
import { untilNextLook } from './pace.ts';
import { judge, judgeShift } from './watch-ecs.ts';

const OURS: EcsDeployment = {
  id: 'ours',
  status: 'PRIMARY',
  taskDefinition: 'web:2',
  rolloutState: 'COMPLETED',
  rolloutStateReason: '',
  desired: 2,
  running: 2,
  failedTasks: 0,
};
const other: EcsDeployment = { ...OURS, id: 'other', taskDefinition: 'web:1', rolloutStateReason: 'circuit breaker' };
const service = (...deployments: readonly EcsDeployment[]): EcsService => ({
  status: 'ACTIVE',
  taskDefinition: 'web:2',
  desired: 2,
  deployments,
  events: ['(service web) was unable to place a task'],
});

test.each([
  ['complete and running', service(OURS), { state: 'stable' }],
  ['complete on paper, with a task missing', service({ ...OURS, running: 1 }), { state: 'moving' }],
  ['still starting', service({ ...OURS, rolloutState: 'IN_PROGRESS', running: 0 }), { state: 'moving' }],
  ['scaled to zero meanwhile', { ...service({ ...OURS, running: 0 }), desired: 0 }, { state: 'failed' }],
  [
    'given up by ECS',
    service({ ...OURS, rolloutState: 'FAILED', rolloutStateReason: 'no' }),
    { state: 'failed', message: 'no' },
  ],
  ['losing tasks', service({ ...OURS, rolloutState: 'IN_PROGRESS', failedTasks: 3 }), { state: 'failed' }],
  [
    'vanished: the service is stable on another revision',
    service(other),
    { state: 'failed', message: expect.stringContaining('web:1 serves instead (circuit breaker)') },
  ],
  ['overtaken', service(other, { ...OURS, status: 'ACTIVE' }), { state: 'failed' }],
  [
    'vanished without a successor',
    service(),
    { state: 'failed', message: expect.stringContaining('unable to place a task') },
  ],
  ['on a revision that is not ours', service({ ...OURS, taskDefinition: 'web:9' }), { state: 'failed' }],
] as const)('our deployment is %s', (_name, seen, expected) => {
  expect(judge(seen, 'ours', 'web:2')).toMatchObject(expected);
});

test('a worker that ran and has nothing to do may be scaled to zero, and only on our revision', () => {
  const idle = { ...service({ ...OURS, running: 0 }), desired: 0 };
  expect(judge(idle, 'ours', 'web:2', true)).toEqual({ state: 'stable' });
  expect(judge({ ...idle, deployments: [other] }, 'ours', 'web:2', true)).toMatchObject({ state: 'failed' });
});

test.each([
  [0, 250],
  [60_000, 600],
  [15 * 60_000, 9_000],
  [120 * 60_000, 10_000],
])('after %i ms the next look is %i ms away', (elapsed, expected) =>
  expect(untilNextLook(elapsed, 250)).toBe(expected),
);

describe('a canary or blue/green deployment', () => {
  const shift = (status: string, stage = 'BAKE_TIME') => ({
    arn: 'a',
    status,
    stage,
    reason: 'alarm',
    trafficPercent: 100,
  });
  test.each([
    ['has not begun', undefined, { state: 'moving' }],
    ['is baking', shift('IN_PROGRESS'), { state: 'moving', detail: expect.stringContaining('100 % of the traffic') }],
    ['went back', shift('ROLLBACK_SUCCESSFUL'), { state: 'failed', message: expect.stringContaining('alarm') }],
    ['was stopped', shift('STOPPED'), { state: 'failed' }],
    ['is over', shift('SUCCESSFUL'), { state: 'stable' }],
  ] as const)('%s', (_name, seen, expected) => expect(judgeShift({ state: 'stable' }, seen)).toMatchObject(expected));
});

test.each([
  ['rolling stays rolling', undefined, undefined, true, {}],
  ['rolling again after a canary', undefined, 'CANARY', true, { strategy: 'ROLLING' }],
  [
    'a canary for what is new',
    { strategy: 'canary', percent: 5, bakeMinutes: 3 },
    'CANARY',
    true,
    { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 3 } },
  ],
  [
    'blue/green for what is new',
    { strategy: 'blue-green', bakeMinutes: 3 },
    undefined,
    true,
    { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 3 },
  ],
  [
    'going back never bakes',
    { strategy: 'canary', bakeMinutes: 3 },
    'CANARY',
    false,
    { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
  ],
] as const)('%s', (_name, rollout, strategy, isNew, expected) => {
  const service = { desired: 2, deploymentConfiguration: { maximumPercent: 200, ...(strategy && { strategy }) } };
  const { deploymentConfiguration = {} } = strategyFor(
    { ...(rollout && { rollout }) },
    isNew ? { isNew } : {},
    service,
  );
  expect(deploymentConfiguration).toMatchObject(expected);
  // What the service is set up with otherwise stays.
  if (deploymentConfiguration.strategy) expect(deploymentConfiguration.maximumPercent).toBe(200);
  else expect(deploymentConfiguration).toEqual({});
});

test('a first release has nothing to be compared with, so it does not bake', () => {
  const rollout = { strategy: 'canary', bakeMinutes: 3 } as const;
  expect(strategyFor({ rollout }, { isNew: true }, { desired: 0 })).toEqual({
    deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
  });
});

test('versions that a release, the alias or a run that is just ending may need are never deleted', () => {
  const versions = Array.from({ length: 15 }, (_, index) => String(index + 1));
  expect(superfluous(versions, new Set(['2', '14']), ['4', undefined])).toEqual(['1', '3', '5']);
  expect(superfluous(['1', '2'], new Set(), ['2'])).toEqual([]);
});
