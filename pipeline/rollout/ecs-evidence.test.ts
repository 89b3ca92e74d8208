import type { ServiceTemplate } from '../release/template.ts';
import { askHealth, gatherEvidence } from './ecs-evidence.ts';

const template = {
  service: 'web',
  cluster: 'staging',
  serviceName: 'staging-web',
  targetGroupArn: 'blue',
  alternateTargetGroupArn: 'green',
  health: '/health',
  taskDefinition: {
    containerDefinitions: [
      { name: 'web', logConfiguration: { options: { 'awslogs-group': 'g', 'awslogs-stream-prefix': 'web' } } },
    ],
  },
} as unknown as ServiceTemplate;
const ports = {
  ecs: {
    stoppedTasks: async () => [
      { id: 'other', taskDefinition: 'web:1', stoppedReason: 'Scaling activity', exitCode: 0 },
      { id: 'ours', taskDefinition: 'web:2', stoppedReason: 'Essential container exited', exitCode: 137 },
    ],
  } as never,
  observe: {
    targetHealth: async (group: string) =>
      group === 'blue'
        ? [{ target: '10.0.0.1:8080', state: 'healthy', reason: '' }]
        : [{ target: '10.0.0.2:8080', state: 'unhealthy', reason: 'Health checks failed with these codes: [500]' }],
    lastLogLines: async ({ streamPrefix }: { streamPrefix: string }) => [`${streamPrefix}: token=abc`],
    invocations: async () => ({ invocations: 0, errors: 0 }),
  },
  send: async ({ url }: { url: string }) => ({ status: 500, body: `${url} has no model,\n api_key=abc` }),
};

test('everything that can be found out about a revision that does not serve, without secrets', async () => {
  expect(await gatherEvidence(template, 'web:2', ports)).toEqual({
    stoppedReason: 'Essential container exited (exit code 137)',
    health: ['10.0.0.2:8080 unhealthy Health checks failed with these codes: [500]'],
    healthAnswer: 'GET http://10.0.0.2:8080/health -> 500: http://10.0.0.2:8080/health has no model, api_key=***',
    logs: ['web/web/ours: token=***'],
  });
});

test('what cannot be had is left out', async () => {
  const broken = async () => {
    throw new Error('AccessDenied');
  };
  const nothing = {
    ecs: { stoppedTasks: broken } as never,
    observe: { targetHealth: broken, lastLogLines: broken, invocations: broken },
    send: broken,
  };
  expect(await gatherEvidence(template, 'web:2', nothing)).toEqual({});
  expect(await askHealth(template, { ...ports, send: broken })).toBeUndefined();
});
