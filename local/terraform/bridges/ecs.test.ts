import type { Values } from '../schema/value.ts';
import { balancing } from '../testing/balancing.ts';
import { useTerraform } from '../testing/fixture.ts';
import { ref } from '../testing/workspace.ts';
import { ecsService } from './ecs-service.ts';

const terraform = useTerraform();
const { call, expectNoChanges } = terraform;

const taskDefinition = (image: string) => ({
  family: 'web',
  cpu: 256,
  memory: 512,
  network_mode: 'awsvpc',
  requires_compatibilities: ['FARGATE'],
  execution_role_arn: 'arn:aws:iam::000000000000:role/execution',
  runtime_platform: { cpu_architecture: 'X86_64', operating_system_family: 'LINUX' },
  volume: { name: 'tmp' },
  container_definitions: JSON.stringify([
    {
      name: 'web',
      image,
      portMappings: [{ containerPort: 8080 }],
      environment: [
        { name: 'B', value: '2' },
        { name: 'A', value: '1' },
      ],
      mountPoints: [{ sourceVolume: 'tmp', containerPath: '/tmp' }],
    },
  ]),
});

const service = {
  name: 'web',
  cluster: ref('aws_ecs_cluster.c.arn'),
  task_definition: ref('aws_ecs_task_definition.t.arn'),
  desired_count: 0,
  launch_type: 'FARGATE',
  network_configuration: { subnets: [ref('aws_subnet.a.id')], assign_public_ip: true },
  deployment_circuit_breaker: { enable: true, rollback: true },
  load_balancer: { target_group_arn: ref('aws_lb_target_group.t.arn'), container_name: 'web', container_port: 8080 },
  lifecycle: { ignore_changes: ['task_definition', 'desired_count'] },
  depends_on: ['aws_lb_listener_rule.one'],
};

const ecs = (image: string, change: object = {}) => ({
  resource: {
    ...balancing,
    aws_ecs_cluster: {
      c: { name: 'main', setting: { name: 'containerInsights', value: 'enabled' }, tags: { a: 'b' } },
    },
    aws_ecs_task_definition: { t: taskDefinition(image) },
    aws_ecs_service: { s: { ...service, ...change } },
  },
});

describe('ECS', () => {
  test.each<[string, object[], object[], boolean, boolean]>([
    [
      'the same',
      [{ capacity_provider: 'FARGATE', weight: 1 }],
      [{ capacity_provider: 'FARGATE', weight: 1 }],
      false,
      false,
    ],
    [
      'another weight',
      [{ capacity_provider: 'FARGATE', weight: 1 }],
      [{ capacity_provider: 'FARGATE', weight: 2 }],
      false,
      true,
    ],
    [
      'another weight with a new deployment',
      [{ capacity_provider: 'FARGATE', weight: 1 }],
      [{ capacity_provider: 'FARGATE', weight: 2 }],
      true,
      false,
    ],
    ['from none to one, even with a new deployment', [], [{ capacity_provider: 'FARGATE', weight: 1 }], true, true],
  ])('capacity providers: %s', (_what, before, after, forced, replaced) => {
    const values = (strategy: object[]) =>
      ({ capacity_provider_strategy: strategy, force_new_deployment: forced }) as Values;
    expect(ecsService.replaces?.(values(before), values(after))).toEqual(
      replaced ? ['capacity_provider_strategy'] : [],
    );
  });

  test('a new task definition is a new revision, never an old number, and leaves the service alone', async () => {
    await terraform.workspace.apply(ecs('a:1'));
    await expectNoChanges();
    expect(await terraform.workspace.attributes('aws_ecs_task_definition.t')).toMatchObject({ id: 'web', revision: 1 });

    const output = await terraform.workspace.apply(ecs('a:2'));
    expect(output).toContain('1 added, 0 changed, 1 destroyed');
    expect(await terraform.workspace.attributes('aws_ecs_task_definition.t')).toMatchObject({ revision: 2 });
    await terraform.workspace.run(
      'destroy',
      '-auto-approve',
      '-target=aws_ecs_service.s',
      '-target=aws_ecs_task_definition.t',
    );
    await terraform.workspace.apply(ecs('a:3'));
    expect(await terraform.workspace.attributes('aws_ecs_task_definition.t')).toMatchObject({ revision: 3 });
    await expectNoChanges();
  });

  test('what a release changes through the SDK is ignored where the configuration says so, and shown elsewhere', async () => {
    await terraform.workspace.apply(ecs('a:1'));
    const { taskDefinition: registered } = await call<{ taskDefinition: { taskDefinitionArn: string } }>(
      'ecs',
      'RegisterTaskDefinition',
      {
        family: 'web',
        containerDefinitions: [{ name: 'web', image: 'released', portMappings: [{ containerPort: 8080 }] }],
      },
    );
    await call('ecs', 'UpdateService', {
      cluster: 'main',
      service: 'web',
      taskDefinition: registered.taskDefinitionArn,
    });
    await expectNoChanges();
    await call('ecs', 'UpdateService', {
      cluster: 'main',
      service: 'web',
      deploymentConfiguration: { maximumPercent: 150 },
    });
    expect((await terraform.workspace.plan()).output).toMatch(/deployment_maximum_percent\s+= 150 -> 200/);
  });

  test('an update tells ECS nothing but what changed: a release may be under way', async () => {
    await terraform.workspace.apply(ecs('a:1'));
    terraform.workspace.write(ecs('a:1', { enable_ecs_managed_tags: true }));
    await terraform.workspace.run('plan', '-out=saved');
    const { taskDefinition: released } = await call<{ taskDefinition: { taskDefinitionArn: string } }>(
      'ecs',
      'RegisterTaskDefinition',
      { family: 'web', containerDefinitions: [{ name: 'web', image: 'b', portMappings: [{ containerPort: 8080 }] }] },
    );
    const { taskDefinitionArn: taskDefinition } = released;
    await call('ecs', 'UpdateService', { cluster: 'main', service: 'web', taskDefinition });
    await terraform.workspace.run('apply', 'saved');
    const { services } = await call<{ services: object[] }>('ecs', 'DescribeServices', {
      cluster: 'main',
      services: ['web'],
    });
    expect(services).toMatchObject([{ taskDefinition, enableECSManagedTags: true }]);
  });

  test('order and defaults in container definitions are no change', async () => {
    await terraform.workspace.apply(ecs('a:1'));
    const other = taskDefinition('a:1');
    const [container] = JSON.parse(other.container_definitions) as [Record<string, unknown>];
    const environment = [...(container['environment'] as object[])].reverse();
    const rewritten = {
      ...container,
      essential: true,
      cpu: 0,
      environment,
      dnsServers: [],
      portMappings: [{ containerPort: 8080, protocol: 'tcp', hostPort: 8080 }],
    };
    const configuration = ecs('a:1');
    terraform.workspace.write({
      resource: {
        ...configuration.resource,
        aws_ecs_task_definition: { t: { ...other, container_definitions: JSON.stringify([rewritten], undefined, 2) } },
      },
    });
    await expectNoChanges();
  });

  test('a service can be imported', async () => {
    await terraform.workspace.apply(ecs('a:1'));
    await terraform.workspace.run('state', 'rm', 'aws_ecs_service.s');
    const { output } = await terraform.workspace.run('import', '-no-color', 'aws_ecs_service.s', 'main/web');
    expect(output).toContain('Import successful!');
    const plan = await terraform.workspace.plan();
    expect(plan.output).not.toContain('must be replaced');
  });

  test('a service that shifts its requests: what a release makes of strategy and weights is no change', async () => {
    const shifted = {
      deployment_circuit_breaker: undefined,
      deployment_configuration: {
        strategy: 'CANARY',
        bake_time_in_minutes: '0',
        canary_configuration: { canary_percent: 20, canary_bake_time_in_minutes: '5' },
      },
      alarms: { alarm_names: ['errors'], enable: true, rollback: true },
      load_balancer: {
        ...service.load_balancer,
        advanced_configuration: {
          alternate_target_group_arn: ref('aws_lb_target_group.green.arn'),
          production_listener_rule: ref('aws_lb_listener_rule.one.arn'),
          role_arn: 'arn:aws:iam::000000000000:role/shift',
        },
      },
      lifecycle: { ignore_changes: ['task_definition', 'desired_count', 'deployment_configuration'] },
    };
    const configuration = ecs('a:1', shifted);
    const green = { ...balancing.aws_lb_target_group.t, name: 'green' };
    const rule = {
      ...balancing.aws_lb_listener_rule.one,
      action: {
        type: 'forward',
        forward: {
          target_group: [
            { arn: ref('aws_lb_target_group.t.arn'), weight: 100 },
            { arn: ref('aws_lb_target_group.green.arn'), weight: 0 },
          ],
        },
      },
      lifecycle: { ignore_changes: ['action'] },
    };
    const { resource } = configuration;
    await terraform.workspace.apply({
      resource: {
        ...resource,
        aws_lb_target_group: { ...resource.aws_lb_target_group, green },
        aws_lb_listener_rule: { ...resource.aws_lb_listener_rule, one: rule },
      },
    });
    await expectNoChanges();
    const { services } = await call<{ services: [{ deploymentConfiguration: object; loadBalancers: object[] }] }>(
      'ecs',
      'DescribeServices',
      { cluster: 'main', services: ['web'] },
    );
    expect(services[0]).toMatchObject({
      deploymentConfiguration: {
        strategy: 'CANARY',
        canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 5 },
        alarms: { alarmNames: ['errors'] },
      },
      loadBalancers: [{ advancedConfiguration: { roleArn: 'arn:aws:iam::000000000000:role/shift' } }],
    });
    await call('ecs', 'UpdateService', {
      cluster: 'main',
      service: 'web',
      deploymentConfiguration: { ...services[0].deploymentConfiguration, strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
    });
    await expectNoChanges();
  });
});
