import type * as sdk from '@aws-sdk/client-ecs';
import { createTestCloud, type TestCloud, until } from '../../runtime/testing/cloud.ts';
import { createProgramRuntime } from '../../runtime/testing/programs.ts';
import { openStore } from '../../state/store.ts';
import { createElbv2Service } from '../elbv2/service.ts';
import type { AwsService } from '../kit/service.ts';
import { createEcsService } from './service.ts';

const digest = (character: string): string => `sha256:${character.repeat(64)}`;
const image = (character: string): string => `127.0.0.1:1/slipway/web@${digest(character)}`;

const SERVER = (version: string, health = 200): string => `
const server = require('node:http').createServer((request, response) => {
  response.writeHead(request.url === '/health' ? ${health} : 200).end('${version}');
});
server.listen(Number(process.env.PORT), process.env.HOST);
console.log('listening with secret ' + process.env.TOKEN);
process.on('SIGTERM', () => server.close(() => process.exit(0)));`;

const PROGRAMS = {
  [digest('1')]: SERVER('one'),
  [digest('2')]: SERVER('two'),
  [digest('3')]: 'process.exit(7)',
  [digest('4')]: SERVER('never healthy', 500),
  [digest('6')]: `setTimeout(() => {${SERVER('slow to start')}}, 700)`,
  [digest('5')]: 'console.log("job ran"); process.exitCode = Number(process.env.CODE ?? 0)',
};

let lines: string[] = [];
let raised: string[] = [];
const support: readonly AwsService[] = [
  {
    name: 'logs',
    operations: {
      CreateLogStream: () => ({}),
      PutLogEvents: (input) => ({
        count: lines.push(...input.logEvents.map(({ message }: { message: string }) => message)),
      }),
    },
  },
  {
    name: 'monitoring',
    operations: {
      DescribeAlarms: ({ AlarmNames }) => ({
        MetricAlarms: AlarmNames.filter((name: string) => raised.includes(name)).map((AlarmName: string) => ({
          AlarmName,
        })),
      }),
    },
  },
  {
    name: 'secretsmanager',
    operations: {
      GetSecretValue: ({ SecretId }) => {
        if (SecretId.includes('missing')) throw new Error('no such secret');
        return { SecretString: 'the token' };
      },
    },
  },
];

let world: TestCloud;
let targetGroupArn: string;

const ecs = <Output>(operation: string, input: object): Promise<Output> =>
  world.cloud.invoke<Output>('ecs', operation, input);
const elb = <Output>(operation: string, input: object): Promise<Output> =>
  world.cloud.invoke<Output>('elasticloadbalancing', operation, input);

/** Makes the target group that of a load balancer, which ECS asks for. */
async function listen(TargetGroupArn: string): Promise<void> {
  const { LoadBalancers } = await elb<{ LoadBalancers: [{ LoadBalancerArn: string }] }>('CreateLoadBalancer', {
    Name: 'staging',
  });
  const DefaultActions = [{ Type: 'forward', TargetGroupArn }];
  const { LoadBalancerArn } = LoadBalancers[0];
  await elb('CreateListener', { LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions });
}

async function register(character: string, change: Partial<sdk.ContainerDefinition> = {}): Promise<string> {
  const { taskDefinition } = await ecs<{ taskDefinition: sdk.TaskDefinition }>('RegisterTaskDefinition', {
    family: 'staging-web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
    containerDefinitions: [
      {
        name: 'web',
        image: image(character),
        portMappings: [{ containerPort: 8080 }],
        environment: [{ name: 'PORT', value: '8080' }],
        secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:token-abcdef' }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/slipway/staging', 'awslogs-stream-prefix': 'web' },
        },
        ...change,
      },
    ],
  });
  return taskDefinition.taskDefinitionArn ?? '';
}

async function service(): Promise<sdk.Service> {
  const { services } = await ecs<{ services: sdk.Service[] }>('DescribeServices', {
    cluster: 'staging',
    services: ['staging-web'],
  });
  return services[0] ?? {};
}

async function createService(taskDefinition: string, desiredCount = 2): Promise<void> {
  await ecs('CreateService', {
    cluster: 'staging',
    serviceName: 'staging-web',
    taskDefinition,
    desiredCount,
    loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
  });
}

const completed = (taskDefinition: string) =>
  until(`${taskDefinition} complete`, async () => {
    const { deployments = [] } = await service();
    return (
      deployments.length === 1 &&
      deployments[0]?.rolloutState === 'COMPLETED' &&
      deployments[0].taskDefinition === taskDefinition
    );
  });

/** Ports of the targets that would get requests now. */
async function healthyPorts(): Promise<number[]> {
  const { TargetHealthDescriptions } = await elb<{
    TargetHealthDescriptions: { Target: { Port: number }; TargetHealth: { State: string } }[];
  }>('DescribeTargetHealth', { TargetGroupArn: targetGroupArn });
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === 'healthy').map(
    ({ Target }) => Target.Port,
  );
}

const answers = async (): Promise<string[]> =>
  Promise.all((await healthyPorts()).map(async (port) => (await fetch(`http://127.0.0.1:${port}/`)).text()));

async function open(store = openStore(':memory:')): Promise<void> {
  world = createTestCloud({ store });
  const services = [
    ...support,
    createElbv2Service(world.cloud, { speed: 50 }),
    createEcsService(world.cloud, createProgramRuntime(PROGRAMS), { speed: 50 }),
  ];
  world.add(...services);
  for (const added of services) await added.start?.();
}

beforeEach(async () => {
  lines = [];
  raised = [];
  await open();
  await ecs('CreateCluster', { clusterName: 'staging' });
  const { TargetGroups } = await elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
    Name: 'staging-web',
    Protocol: 'HTTP',
    Port: 8080,
    TargetType: 'ip',
    VpcId: 'vpc-1',
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 5,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
  });
  targetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
  await listen(targetGroupArn);
  await elb('ModifyTargetGroupAttributes', {
    TargetGroupArn: targetGroupArn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }],
  });
});

afterEach(() => world.close());

test('a service runs its tasks with secrets and log, behind its target group', async () => {
  const one = await register('1');
  await createService(one);
  await completed(one);
  expect(await answers()).toEqual(['one', 'one']);
  expect(await service()).toMatchObject({ runningCount: 2, pendingCount: 0, status: 'ACTIVE' });
  await until('log', () => lines.includes('listening with secret the token'));
});

test('a rolling update never leaves fewer healthy tasks than desired', async () => {
  const one = await register('1');
  const two = await register('2');
  await createService(one);
  await completed(one);
  await ecs('UpdateService', { cluster: 'staging', service: 'staging-web', taskDefinition: two });
  let fewest = Number.POSITIVE_INFINITY;
  await until('two complete', async () => {
    fewest = Math.min(fewest, (await healthyPorts()).length);
    const { deployments = [] } = await service();
    return (
      deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED' && deployments[0].taskDefinition === two
    );
  });
  expect(fewest).toBeGreaterThanOrEqual(2);
  expect(await answers()).toEqual(['two', 'two']);
});

test('crash-looping revision: the circuit breaker goes back, the old revision serves all the while', async () => {
  const one = await register('1');
  const crashing = await register('3');
  await createService(one);
  await completed(one);
  const { service: updated } = await ecs<{ service: sdk.Service }>('UpdateService', {
    cluster: 'staging',
    service: 'staging-web',
    taskDefinition: crashing,
  });
  const bad = updated.deployments?.[0]?.id;
  await until('breaker', async () =>
    (await service()).deployments?.some(({ id, rolloutState }) => id === bad && rolloutState === 'FAILED'),
  );
  await completed(one);
  expect(await answers()).toEqual(['one', 'one']);
  const { taskArns } = await ecs<{ taskArns: string[] }>('ListTasks', { cluster: 'staging', desiredStatus: 'STOPPED' });
  const { tasks } = await ecs<{ tasks: sdk.Task[] }>('DescribeTasks', { cluster: 'staging', tasks: taskArns });
  expect(tasks.filter(({ containers }) => containers?.[0]?.exitCode === 7).length).toBeGreaterThanOrEqual(3);
  expect(tasks.find(({ containers }) => containers?.[0]?.exitCode === 7)).toMatchObject({
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
  });
});

test('an unhealthy revision never gets traffic', async () => {
  const one = await register('1');
  const unhealthy = await register('4');
  await createService(one, 1);
  await completed(one);
  await ecs('UpdateService', { cluster: 'staging', service: 'staging-web', taskDefinition: unhealthy });
  const seen = new Set<string>();
  await until('breaker', async () => {
    for (const answer of await answers()) seen.add(answer);
    return (await service()).deployments?.some(({ rolloutState }) => rolloutState === 'FAILED');
  });
  await completed(one);
  expect([...seen]).toEqual(['one']);
});

test('a program that is slow to start is not sick: before it listens, declared time is real time', async () => {
  const slow = await register('6');
  await createService(slow, 1);
  await completed(slow);
  expect((await service()).deployments?.[0]).toMatchObject({ failedTasks: 0 });
  expect(await answers()).toEqual(['slow to start']);
});

test('a secret that is missing stops the task with its reason', async () => {
  const broken = await register('1', {
    secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:missing' }],
  });
  const { tasks } = await ecs<{ tasks: sdk.Task[] }>('RunTask', { cluster: 'staging', taskDefinition: broken });
  const stopped = await until('stopped', async () => {
    const { tasks: described } = await ecs<{ tasks: sdk.Task[] }>('DescribeTasks', {
      cluster: 'staging',
      tasks: [tasks[0]?.taskArn],
    });
    return described[0]?.lastStatus === 'STOPPED' ? described[0] : undefined;
  });
  expect(stopped).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: expect.stringContaining('ResourceInitializationError'),
  });
});

test('RunTask reports the exit code, overrides included', async () => {
  const job = await register('5', { portMappings: [], secrets: [] });
  const overrides = { containerOverrides: [{ name: 'web', environment: [{ name: 'CODE', value: '4' }] }] };
  const { tasks } = await ecs<{ tasks: sdk.Task[] }>('RunTask', { cluster: 'staging', taskDefinition: job, overrides });
  const stopped = await until('stopped', async () => {
    const { tasks: described } = await ecs<{ tasks: sdk.Task[] }>('DescribeTasks', {
      cluster: 'staging',
      tasks: [tasks[0]?.taskArn],
    });
    return described[0]?.lastStatus === 'STOPPED' ? described[0] : undefined;
  });
  expect(stopped.containers?.[0]?.exitCode).toBe(4);
  expect(lines).toContain('job ran');
});

test('a local cloud that comes back starts the desired tasks again', async () => {
  const store = openStore(':memory:');
  await world.close();
  await open(store);
  await ecs('CreateCluster', { clusterName: 'staging' });
  const { TargetGroups } = await elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
    Name: 'staging-web',
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 80,
    HealthCheckPath: '/health',
  });
  targetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
  await listen(targetGroupArn);
  const one = await register('1');
  await createService(one, 1);
  await completed(one);
  const before = await healthyPorts();
  await world.close();
  await open(store);
  await until('running again', async () => (await answers()).includes('one'));
  expect(await healthyPorts()).not.toEqual(before);
  await world.close();
  store.close();
  await open();
});

test('revision numbers are never used twice', async () => {
  const one = await register('1');
  await ecs('DeregisterTaskDefinition', { taskDefinition: one });
  expect(await register('2')).toMatch(/staging-web:2$/);
  await expect(createService(one)).rejects.toMatchObject({
    name: 'ClientException',
    message: 'TaskDefinition is inactive',
  });
});

test.each([
  [
    'cpu and memory that Fargate does not have',
    { cpu: '256', memory: '4096' },
    'No Fargate configuration exists for given values: 256 CPU, 4096 memory.',
  ],
  [
    'two containers',
    {
      containerDefinitions: [
        { name: 'a', image: 'i' },
        { name: 'b', image: 'i' },
      ],
    },
    'one container per task',
  ],
])('%s are refused', async (_case, change, message) => {
  const base = {
    family: 'f',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'a', image: 'i' }],
  };
  await expect(ecs('RegisterTaskDefinition', { ...base, ...change })).rejects.toMatchObject({
    name: 'ClientException',
    message: expect.stringContaining(message),
  });
});

describe('a service whose requests are shifted', () => {
  let green: string;
  let RuleArn: string;
  let one: string;
  const weights = async (): Promise<Record<string, number>> => {
    const { Rules } = await elb<{
      Rules: { Actions: { ForwardConfig: { TargetGroups: { TargetGroupArn: string; Weight: number }[] } }[] }[];
    }>('DescribeRules', { RuleArns: [RuleArn] });
    const groups = Rules[0]?.Actions[0]?.ForwardConfig.TargetGroups ?? [];
    return Object.fromEntries(groups.map((group) => [group.TargetGroupArn === green ? 'green' : 'blue', group.Weight]));
  };
  const shifts = async () => {
    const { serviceDeployments } = await ecs<{ serviceDeployments: sdk.ServiceDeployment[] }>(
      'ListServiceDeployments',
      {
        cluster: 'staging',
        service: 'staging-web',
      },
    );
    const serviceDeploymentArns = serviceDeployments.map(({ serviceDeploymentArn }) => serviceDeploymentArn);
    return (
      await ecs<{ serviceDeployments: sdk.ServiceDeployment[] }>('DescribeServiceDeployments', {
        serviceDeploymentArns,
      })
    ).serviceDeployments;
  };
  const update = async (character: string, deploymentConfiguration: sdk.DeploymentConfiguration): Promise<string> => {
    const taskDefinition = await register(character);
    await ecs('UpdateService', { cluster: 'staging', service: 'staging-web', taskDefinition, deploymentConfiguration });
    return taskDefinition;
  };
  const stage = (name: string) => until(name, async () => (await shifts())[0]?.lifecycleStage === name);
  const canary: sdk.DeploymentConfiguration = {
    strategy: 'CANARY',
    bakeTimeInMinutes: 0,
    canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 1 },
    alarms: { alarmNames: ['errors'], enable: true, rollback: true },
  };

  beforeEach(async () => {
    const group = {
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 5,
    };
    const { TargetGroups } = await elb<{ TargetGroups: [{ TargetGroupArn: string }] }>('CreateTargetGroup', {
      ...{ Name: 'staging-web-green', HealthyThresholdCount: 2, ...group },
    });
    green = TargetGroups[0].TargetGroupArn;
    const { LoadBalancers } = await elb<{ LoadBalancers: [{ LoadBalancerArn: string }] }>('DescribeLoadBalancers', {});
    const { Listeners } = await elb<{ Listeners: [{ ListenerArn: string }] }>('DescribeListeners', LoadBalancers[0]);
    const { Rules } = await elb<{ Rules: [{ RuleArn: string }] }>('CreateRule', {
      ListenerArn: Listeners[0].ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: targetGroupArn, Weight: 100 },
              { TargetGroupArn: green, Weight: 0 },
            ],
          },
        },
      ],
    });
    RuleArn = Rules[0].RuleArn;
    one = await register('1');
    const advancedConfiguration = { alternateTargetGroupArn: green, productionListenerRule: RuleArn };
    await ecs('CreateService', {
      ...{ cluster: 'staging', serviceName: 'staging-web', taskDefinition: one, desiredCount: 1 },
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080, advancedConfiguration }],
    });
    await completed(one);
  });

  test('a canary gets its share, then everything; the next deployment shifts the other way', async () => {
    const two = await update('2', canary);
    await stage('PRODUCTION_TRAFFIC_SHIFT');
    expect(await weights()).toEqual({ blue: 80, green: 20 });
    await completed(two);
    expect(await weights()).toEqual({ blue: 0, green: 100 });
    expect(await shifts()).toMatchObject([{ status: 'SUCCESSFUL' }]);
    const back = await update('1', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 });
    await completed(back);
    expect(await weights()).toEqual({ blue: 100, green: 0 });
    expect(await answers()).toEqual(['one']);
  });

  test.each(['an alarm', 'a request'])(
    '%s takes a deployment back while it bakes: the old revision still runs',
    async (why) => {
      const before = await healthyPorts();
      await update('2', { ...canary, strategy: 'BLUE_GREEN', bakeTimeInMinutes: 60 });
      await stage('BAKE_TIME');
      expect(await weights()).toEqual({ blue: 0, green: 100 });
      if (why === 'an alarm') raised = ['errors'];
      else
        await ecs('StopServiceDeployment', {
          serviceDeploymentArn: (await shifts())[0]?.serviceDeploymentArn,
          stopType: 'ROLLBACK',
        });
      await completed(one);
      expect(await shifts()).toMatchObject([
        { status: 'ROLLBACK_SUCCESSFUL', statusReason: expect.stringMatching(/alarms: errors|requested/) },
      ]);
      expect(await weights()).toEqual({ blue: 100, green: 0 });
      expect(await healthyPorts()).toEqual(before);
    },
  );

  test('a newer deployment takes over from one that is under way', async () => {
    await update('2', { ...canary, canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 1000 } });
    await stage('PRODUCTION_TRAFFIC_SHIFT');
    const next = await update('1', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 });
    await completed(next);
    expect((await shifts()).map(({ status }) => status)).toEqual(['SUCCESSFUL', 'STOPPED']);
    expect(await weights()).toEqual({ blue: 0, green: 100 });
  });
});

test('deleting a service drains it and leaves it INACTIVE', async () => {
  const one = await register('1');
  await createService(one, 1);
  await completed(one);
  await expect(ecs('DeleteService', { cluster: 'staging', service: 'staging-web' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  await ecs('DeleteService', { cluster: 'staging', service: 'staging-web', force: true });
  await until('inactive', async () => (await service()).status === 'INACTIVE');
  expect(await healthyPorts()).toEqual([]);
  await createService(one, 0);
  expect((await service()).status).toBe('ACTIVE');
});

test('a target group without a load balancer is refused', async () => {
  const { TargetGroups } = await elb<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
    Name: 'alone',
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 80,
  });
  targetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
  await expect(createService(await register('1'))).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('does not have an associated load balancer'),
  });
});
