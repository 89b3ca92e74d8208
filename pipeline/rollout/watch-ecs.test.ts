import type { EcsDeployment, EcsService } from '../ports/ecs.ts';
import { judge } from './watch-ecs.ts';

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
  ['scaled to zero meanwhile', { ...service({ ...OURS, running: 0 }), desired: 0 }, { state: 'moving' }],
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
