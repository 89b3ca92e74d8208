import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { createCloudWatchService } from '../../local/aws/cloudwatch/service.ts';
import { createEcsService } from '../../local/aws/ecs/service.ts';
import { createElbv2Service } from '../../local/aws/elbv2/service.ts';
import type { AwsService } from '../../local/aws/kit/service.ts';
import { startTestCloud, type TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createLambdaService } from '../../local/aws/lambda/service.ts';
import { createLogsService } from '../../local/aws/logs/service.ts';
import { createProgramRuntime } from '../../local/runtime/testing/programs.ts';
import type { Rollout } from '../../pipeline/manifest/rollout.ts';
import { createEcs } from '../../pipeline/ports/aws/ecs.ts';
import { createLambda } from '../../pipeline/ports/aws/lambda.ts';
import { createObserve } from '../../pipeline/ports/aws/observe.ts';
import { systemClock } from '../../pipeline/ports/clock.ts';
import { sendHttp } from '../../pipeline/ports/http.ts';
import type { FunctionTemplate, JobTemplate, ServiceTemplate, Template } from '../../pipeline/release/template.ts';
import type { Mover, Target } from '../../pipeline/rollout/mover.ts';
import { createMovers } from '../../pipeline/rollout/movers.ts';

const SPEED = 600;
const digest = (character: string): string => `sha256:${character.repeat(64)}`;
const SERVER = (answer: string, health = 200): string => `
console.log('password=hunter2 starting ${answer}');
require('node:http').createServer((request, response) => {
  response.writeHead(request.url === '/health' ? ${health} : 200).end('${answer}');
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));`;
const FUNCTION = (fails: boolean): string => `
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
(async () => {
  for (;;) {
    const next = await fetch(api + 'next');
    const id = next.headers.get('lambda-runtime-aws-request-id');
    await next.text();
    await fetch(api + id + '/${fails ? 'error' : 'response'}', { method: 'POST', body: '{"errorType":"Bad","errorMessage":"no"}' });
  }
})();`;
const PROGRAMS = {
  [digest('1')]: SERVER('one'),
  [digest('2')]: SERVER('two'),
  [digest('3')]: SERVER('sick', 500),
  [digest('4')]: 'setTimeout(() => process.exit(7), 300)',
  [digest('5')]: 'setInterval(() => undefined, 1000); process.on("SIGTERM", () => process.exit(0));',
  [digest('a')]: FUNCTION(false),
  [digest('b')]: FUNCTION(false),
  [digest('c')]: FUNCTION(true),
};
const ecr: AwsService = {
  name: 'ecr',
  operations: { DescribeImages: ({ imageIds: [{ imageDigest }] }) => ({ imageDetails: [{ imageDigest }] }) },
};

let aws: TestCloud;
let moverFor: (template: Template) => Mover;
const call = <Output>(service: string, operation: string, input: object): Promise<Output> =>
  aws.cloud.invoke<Output>(service, operation, input);
const elb = <Output>(operation: string, input: object) => call<Output>('elasticloadbalancing', operation, input);

const taskDefinition = (family: string) =>
  ({
    family,
    ...{ cpu: '256', memory: '512', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
    executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
    taskRoleArn: 'arn:aws:iam::000000000000:role/task',
    containerDefinitions: [
      {
        name: family,
        portMappings: [{ containerPort: 8080 }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': '/slipway', 'awslogs-stream-prefix': family, 'awslogs-create-group': 'true' },
        },
      },
    ],
  }) as unknown as ServiceTemplate['taskDefinition'];
const common = { repositoryUrl: '127.0.0.1:1/slipway/x', checks: [] };

async function targetGroup(Name: string): Promise<string> {
  const health = { HealthCheckPath: '/health', HealthCheckIntervalSeconds: 5, HealthyThresholdCount: 2 };
  const { TargetGroups } = await elb<{ TargetGroups: [{ TargetGroupArn: string }] }>('CreateTargetGroup', {
    ...{ Name, Protocol: 'HTTP', Port: 80, TargetType: 'ip', UnhealthyThresholdCount: 2, ...health },
  });
  return TargetGroups[0].TargetGroupArn;
}

let RuleArn: string;
let web: ServiceTemplate;

/** What Terraform makes: the service with no tasks, behind one rule that forwards to two groups. */
async function provisionWeb(): Promise<void> {
  await call('ecs', 'CreateCluster', { clusterName: 'staging' });
  const [blue, green] = [await targetGroup('staging-web'), await targetGroup('staging--web')];
  const { LoadBalancers } = await elb<{ LoadBalancers: [{ LoadBalancerArn: string }] }>('CreateLoadBalancer', {
    Name: 's',
  });
  const { Listeners } = await elb<{ Listeners: [{ ListenerArn: string }] }>('CreateListener', {
    ...{ ...LoadBalancers[0], Port: 80, Protocol: 'HTTP' },
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const TargetGroups = [
    { TargetGroupArn: blue, Weight: 100 },
    { TargetGroupArn: green, Weight: 0 },
  ];
  const { Rules } = await elb<{ Rules: [{ RuleArn: string }] }>('CreateRule', {
    ...{ ...Listeners[0], Priority: 1, Conditions: [{ Field: 'path-pattern', Values: ['/*'] }] },
    Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
  });
  RuleArn = Rules[0].RuleArn;
  web = {
    ...{ ...common, service: 'web', kind: 'web', cluster: 'staging', serviceName: 'staging-web', desiredCount: 1 },
    ...{
      taskDefinition: taskDefinition('web'),
      targetGroupArn: blue,
      alternateTargetGroupArn: green,
      health: '/health',
    },
  };
  const mover = moverFor(web);
  const { revision } = await mover.prepare({ digest: digest('1'), commit: 'bootstrap' });
  const advancedConfiguration = { alternateTargetGroupArn: green, productionListenerRule: RuleArn };
  await call('ecs', 'CreateService', {
    ...{ cluster: 'staging', serviceName: 'staging-web', taskDefinition: revision, desiredCount: 0 },
    loadBalancers: [{ targetGroupArn: blue, containerName: 'web', containerPort: 8080, advancedConfiguration }],
    // Real time: that long a task may be sick before it is ended.
    healthCheckGracePeriodSeconds: 1,
    deploymentConfiguration: { alarms: { alarmNames: ['errors'], enable: true, rollback: true } },
  });
}

beforeAll(async () => {
  const runtime = createProgramRuntime(PROGRAMS);
  aws = await startTestCloud((cloud) => [
    createElbv2Service(cloud, { speed: SPEED }),
    createEcsService(cloud, runtime, { speed: SPEED }),
    createLambdaService(cloud, runtime),
    createLogsService(cloud),
    createCloudWatchService(cloud),
    ecr,
  ]);
  const ports = { ecs: createEcs(aws.client), lambda: createLambda(aws.client), observe: createObserve(aws.client) };
  const pace = { pollMs: 25, timeoutMs: 30_000, steadyMs: 1_000, speed: SPEED };
  moverFor = createMovers({ ...ports, send: sendHttp, clock: systemClock, pace });
  await provisionWeb();
});
afterAll(() => aws.remove());

const never = new AbortController().signal;
async function move(template: Template, image: string, signal = never) {
  const mover = moverFor(template);
  const said: string[] = [];
  const target: Target = await mover.prepare({ digest: digest(image), commit: image });
  const result = await mover.move(target, signal, (detail) => said.push(detail));
  return { result, said, target, mover };
}
const goBack = (template: Template, revision: string) =>
  moverFor(template).move({ digest: '', commit: '', revision }, never);
async function weights(): Promise<number[]> {
  const { Rules } = await elb<{
    Rules: { Actions: { ForwardConfig: { TargetGroups: { TargetGroupArn: string; Weight: number }[] } }[] }[];
  }>('DescribeRules', { RuleArns: [RuleArn] });
  const groups = Rules[0]?.Actions[0]?.ForwardConfig.TargetGroups ?? [];
  return groups.toSorted((a) => (a.TargetGroupArn === web.targetGroupArn ? -1 : 1)).map(({ Weight }) => Weight);
}

describe('a web service', () => {
  const canary: Rollout = { strategy: 'canary', percent: 20, bakeMinutes: 5 };
  let one: string;

  test('takes its first release task by task', async () => {
    const { result, target } = await move(web, '1');
    expect(result).toEqual({ ok: true, revision: target.revision });
    one = target.revision ?? '';
    // A run that died here would do the same again, and find it done.
    expect(await goBack(web, one)).toEqual(result);
  });

  test('as a canary, by shares; back at once, and rolling again when its manifest says so', async () => {
    const template = { ...web, rollout: canary };
    const { result, said } = await move(template, '2');
    expect(result.ok).toBe(true);
    expect(said.some((detail) => detail.includes('20 % of the traffic'))).toBe(true);
    expect(await weights()).toEqual([0, 100]);
    expect(await goBack(template, one)).toEqual({ ok: true, revision: one });
    expect(await weights()).toEqual([100, 0]);
    expect((await move(web, '2')).result.ok).toBe(true);
    expect((await goBack(web, one)).ok).toBe(true);
    expect(await weights()).toEqual([100, 0]);
  });

  test('is taken back by an alarm while it bakes, and that is no success', async () => {
    const alarms = aws.cloud.store.collection('terraform/aws_cloudwatch_metric_alarm');
    alarms.set('errors', { id: 'errors', attributes: {} });
    const client = new CloudWatchClient(aws.client);
    const raise = (StateValue: 'OK' | 'ALARM') =>
      client.send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue, StateReason: 'test' }));
    const template: Template = { ...web, rollout: { strategy: 'blue-green', bakeMinutes: 600 } };
    const mover = moverFor(template);
    const target = await mover.prepare({ digest: digest('2'), commit: '2' });
    const result = await mover.move(target, never, (detail) => {
      if (detail.startsWith('baking')) void raise('ALARM');
    });
    await raise('OK');
    expect(result).toMatchObject({ ok: false, failure: { message: expect.stringContaining('alarms: errors') } });
    expect(await mover.serving()).toBe(one);
    expect(await weights()).toEqual([100, 0]);
  });

  test('goes back in the middle of a canary by way of ECS: the old tasks still run', async () => {
    const template: Template = { ...web, rollout: { ...canary, bakeMinutes: 600 } };
    const abort = new AbortController();
    const mover = moverFor(template);
    const target = await mover.prepare({ digest: digest('2'), commit: '2' });
    const moving = mover.move(target, abort.signal, (detail) => {
      if (detail.includes('20 %')) abort.abort();
    });
    await expect(moving).rejects.toThrow();
    expect(await weights()).toEqual([80, 20]);
    expect(await goBack(template, one)).toEqual({ ok: true, revision: one });
    expect(await weights()).toEqual([100, 0]);
    const { serviceDeployments } = await call<{ serviceDeployments: { status: string }[] }>(
      'ecs',
      'ListServiceDeployments',
      {
        ...{ cluster: 'staging', service: 'staging-web' },
      },
    );
    expect(serviceDeployments[0]?.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  test('that is sick says so: what its health check answers, its log without secrets', async () => {
    const { result } = await move(web, '3');
    expect(result).toMatchObject({
      ok: false,
      failure: {
        healthAnswer: expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/health -> 500: sick$/),
        logs: ['password=*** starting sick'],
        stoppedReason: expect.stringContaining('failed ELB health checks'),
      },
    });
    expect((await goBack(web, one)).ok).toBe(true);
  });
});

describe('a worker', () => {
  const worker: ServiceTemplate = {
    ...{ ...common, service: 'mail', kind: 'worker', cluster: 'staging', serviceName: 'staging-mail', desiredCount: 1 },
    taskDefinition: taskDefinition('mail'),
  };

  test('counts once it has stayed up for a while; one that does not is a failure', async () => {
    const { revision } = await moverFor(worker).prepare({ digest: digest('5'), commit: 'bootstrap' });
    await call('ecs', 'CreateService', {
      ...{ cluster: 'staging', serviceName: 'staging-mail', taskDefinition: revision, desiredCount: 0 },
    });
    const good = await move(worker, '5');
    expect(good.result.ok).toBe(true);
    expect(good.said).toContain('runs; has to stay up for a while');
    const bad = await move(worker, '4');
    expect(bad.result).toMatchObject({ ok: false, failure: { stoppedReason: expect.stringContaining('exit code 7') } });
    expect((await goBack(worker, good.target.revision ?? '')).ok).toBe(true);
  });
});

describe('a job', () => {
  const job: JobTemplate = {
    ...{ ...common, service: 'batch', kind: 'job', cluster: 'staging', subnetIds: [], securityGroupIds: [] },
    taskDefinition: taskDefinition('batch'),
  };

  test('switches to its newest revision; what runs ends on the revision that it began with', async () => {
    const first = await move(job, '5');
    const before = await first.mover.serving();
    const { tasks } = await call<{ tasks: { taskArn: string }[] }>('ecs', 'RunTask', {
      ...{ cluster: 'staging', taskDefinition: before },
    });
    expect((await move(job, '2')).result.ok).toBe(true);
    expect(await first.mover.serving()).not.toBe(before);
    const described = await call<{ tasks: { desiredStatus: string; taskDefinitionArn: string }[] }>(
      'ecs',
      'DescribeTasks',
      {
        ...{ cluster: 'staging', tasks: tasks.map(({ taskArn }) => taskArn) },
      },
    );
    expect(described.tasks).toMatchObject([{ desiredStatus: 'RUNNING', taskDefinitionArn: before }]);
    // Doing it again registers nothing.
    const now = await first.mover.serving();
    expect((await move(job, '2')).result).toEqual({ ok: true, revision: now });
  });
});

describe('a function', () => {
  const scorer: FunctionTemplate = {
    ...{ ...common, service: 'scorer', kind: 'function', functionName: 'staging-scorer', alias: 'live' },
    configuration: '',
  };
  const canary: FunctionTemplate = { ...scorer, rollout: { strategy: 'canary', percent: 50, bakeMinutes: 20 } };
  const invoke = () => call('lambda', 'Invoke', { FunctionName: 'staging-scorer', Qualifier: 'live' });
  /** Asks all the time while something else happens. */
  async function underLoad<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const asking = (async () => {
      while (!isOver) await invoke();
    })();
    return work.finally(async () => {
      isOver = true;
      await asking;
    });
  }

  test('moves at once, as a canary, and not at all when the canary fails', async () => {
    const Code = { ImageUri: `${common.repositoryUrl}@${digest('a')}` };
    await call('lambda', 'CreateFunction', { FunctionName: 'staging-scorer', Role: 'arn:aws:iam::0:role/r', Code });
    await call('lambda', 'CreateAlias', { FunctionName: 'staging-scorer', Name: 'live', FunctionVersion: '$LATEST' });
    expect((await move(scorer, 'a')).result).toEqual({ ok: true, revision: '1' });
    const good = await underLoad(move(canary, 'b'));
    expect(good.result).toEqual({ ok: true, revision: '2' });
    expect(good.said.some((detail) => detail.startsWith('canary has 50 %'))).toBe(true);
    // It ends as soon as the errors are seen; the time to see them is ample.
    const patient = { ...canary, rollout: { strategy: 'canary', percent: 50, bakeMinutes: 200 } } as const;
    const bad = await underLoad(move(patient, 'c'));
    expect(bad.result).toMatchObject({
      ok: false,
      failure: { message: expect.stringMatching(/^canary: \d+ of \d+ invocations failed/) },
    });
    const alias = await call('lambda', 'GetAlias', { FunctionName: 'staging-scorer', Name: 'live' });
    expect(alias).toMatchObject({ FunctionVersion: '2' });
    expect(alias).not.toHaveProperty('RoutingConfig');
  });

  test('keeps what it provisions ready behind the alias, until its manifest asks no more', async () => {
    const { result } = await move({ ...scorer, provisionedConcurrency: 2 }, 'a');
    expect(result.ok).toBe(true);
    expect(
      await call('lambda', 'GetProvisionedConcurrencyConfig', { FunctionName: 'staging-scorer', Qualifier: 'live' }),
    ).toMatchObject({ Status: 'READY', AvailableProvisionedConcurrentExecutions: 2 });
    expect((await move(scorer, 'b')).result.ok).toBe(true);
    await expect(
      call('lambda', 'GetProvisionedConcurrencyConfig', { FunctionName: 'staging-scorer', Qualifier: 'live' }),
    ).rejects.toMatchObject({ name: 'ProvisionedConcurrencyConfigNotFoundException' });
  });
});
