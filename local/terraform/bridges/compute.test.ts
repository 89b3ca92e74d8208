import type { TestCloud } from '../../aws/kit/test-cloud.ts';
import type { RunningProvider } from '../server.ts';
import { startAllServices } from '../testing/cloud.ts';
import { startTestProvider } from '../testing/provider.ts';
import { createWorkspace, ref, type Workspace } from '../testing/workspace.ts';

let cloud: TestCloud;
let provider: RunningProvider;
let workspace: Workspace;

beforeAll(async () => {
  cloud = await startAllServices();
  provider = await startTestProvider(cloud.cloud);
});
afterAll(async () => {
  await provider.close();
  await cloud.remove();
});
beforeEach(() => {
  workspace = createWorkspace(() => provider.reattach);
});
afterEach(async () => {
  const { code, output } = await workspace.run('destroy', '-auto-approve', '-no-color');
  workspace.remove();
  expect(code === 0 ? '' : output).toBe('');
});

const call = <Output>(service: string, operation: string, input: object): Promise<Output> =>
  cloud.cloud.invoke<Output>(service, operation, input);

async function expectNoChanges(): Promise<void> {
  const { code, output } = await workspace.plan();
  expect(code === 0 ? '' : output).toBe('');
}

const balancing = {
  aws_vpc: { v: { cidr_block: '10.0.0.0/16' } },
  aws_subnet: { a: { vpc_id: ref('aws_vpc.v.id'), cidr_block: '10.0.0.0/24' } },
  aws_lb: { l: { name: 'app', subnets: [ref('aws_subnet.a.id')], idle_timeout: 30, drop_invalid_header_fields: true } },
  aws_lb_target_group: {
    t: {
      name: 'web',
      target_type: 'ip',
      port: 80,
      protocol: 'HTTP',
      vpc_id: ref('aws_vpc.v.id'),
      deregistration_delay: 5,
      health_check: { path: '/health', matcher: '200', interval: 10, timeout: 3 },
    },
    f: { name: 'function', target_type: 'lambda' },
  },
  aws_lb_listener: {
    http: {
      load_balancer_arn: ref('aws_lb.l.arn'),
      port: 80,
      protocol: 'HTTP',
      default_action: { type: 'redirect', redirect: { port: '443', protocol: 'HTTPS', status_code: 'HTTP_301' } },
    },
    https: {
      load_balancer_arn: ref('aws_lb.l.arn'),
      port: 443,
      protocol: 'HTTPS',
      ssl_policy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      certificate_arn: 'arn:aws:acm:us-east-1:000000000000:certificate/c',
      default_action: {
        type: 'fixed-response',
        fixed_response: { content_type: 'text/plain', message_body: 'no', status_code: 404 },
      },
    },
  },
  aws_lb_listener_rule: {
    one: {
      listener_arn: ref('aws_lb_listener.https.arn'),
      priority: 10,
      condition: [{ host_header: { values: ['a.example'] } }, { path_pattern: { values: ['/v2/*', '/v3/*'] } }],
      action: { type: 'forward', target_group_arn: ref('aws_lb_target_group.t.arn') },
    },
    weighted: {
      listener_arn: ref('aws_lb_listener.https.arn'),
      priority: 20,
      condition: [
        { query_string: [{ key: 'a', value: 'b' }] },
        { http_header: { http_header_name: 'X-A', values: ['1'] } },
      ],
      action: {
        type: 'forward',
        forward: {
          target_group: [
            { arn: ref('aws_lb_target_group.t.arn'), weight: 1 },
            { arn: ref('aws_lb_target_group.f.arn'), weight: 3 },
          ],
        },
      },
    },
  },
};

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

const ecs = (image: string) => ({
  resource: {
    ...balancing,
    aws_ecs_cluster: {
      c: { name: 'main', setting: { name: 'containerInsights', value: 'enabled' }, tags: { a: 'b' } },
    },
    aws_ecs_task_definition: { t: taskDefinition(image) },
    aws_ecs_service: { s: service },
  },
});

describe('ECS', () => {
  test('a new task definition is a new revision, never an old number, and leaves the service alone', async () => {
    await workspace.apply(ecs('a:1'));
    await expectNoChanges();
    expect(await workspace.attributes('aws_ecs_task_definition.t')).toMatchObject({ id: 'web', revision: 1 });

    const output = await workspace.apply(ecs('a:2'));
    expect(output).toContain('1 added, 0 changed, 1 destroyed');
    expect(await workspace.attributes('aws_ecs_task_definition.t')).toMatchObject({ revision: 2 });
    await workspace.run('destroy', '-auto-approve', '-target=aws_ecs_service.s', '-target=aws_ecs_task_definition.t');
    await workspace.apply(ecs('a:3'));
    expect(await workspace.attributes('aws_ecs_task_definition.t')).toMatchObject({ revision: 3 });
    await expectNoChanges();
  });

  test('what a release changes through the SDK is ignored where the configuration says so, and shown elsewhere', async () => {
    await workspace.apply(ecs('a:1'));
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
    expect((await workspace.plan()).output).toMatch(/deployment_maximum_percent\s+= 150 -> 200/);
  });

  test('order and defaults in container definitions are no change', async () => {
    await workspace.apply(ecs('a:1'));
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
    workspace.write({
      resource: {
        ...configuration.resource,
        aws_ecs_task_definition: { t: { ...other, container_definitions: JSON.stringify([rewritten], undefined, 2) } },
      },
    });
    await expectNoChanges();
  });

  test('a service can be imported', async () => {
    await workspace.apply(ecs('a:1'));
    await workspace.run('state', 'rm', 'aws_ecs_service.s');
    const { output } = await workspace.run('import', '-no-color', 'aws_ecs_service.s', 'main/web');
    expect(output).toContain('Import successful!');
    const plan = await workspace.plan();
    expect(plan.output).not.toContain('must be replaced');
  });
});

describe('load balancing', () => {
  test('drift in a rule shows; a target group that changed for good is replaced', async () => {
    await workspace.apply({ resource: balancing });
    await expectNoChanges();
    const { id } = await workspace.attributes('aws_lb_listener_rule.one');
    const Conditions = [{ Field: 'host-header', HostHeaderConfig: { Values: ['other.example'] } }];
    await call('elasticloadbalancing', 'ModifyRule', { RuleArn: id, Conditions });
    expect((await workspace.plan()).output).toContain('other.example');
    await call('elasticloadbalancing', 'DeleteRule', { RuleArn: id });
    expect((await workspace.plan()).output).toContain('aws_lb_listener_rule.one will be created');
  });

  test('a policy of another naming scheme and HTTPS without a certificate are refused', async () => {
    const listener = { ...balancing.aws_lb_listener.https, ssl_policy: 'TLS13', certificate_arn: null };
    const { output } = await workspace.plan({
      resource: { aws_lb_listener: { https: { ...listener, load_balancer_arn: 'arn:aws:lb' } } },
    });
    expect(output).toContain("SSL policy 'TLS13' not found");
    expect(output).toContain('A certificate must be specified for HTTPS listeners');
    workspace.write({});
  });
});

describe('Lambda', () => {
  const functions = (change: object = {}) => ({
    resource: {
      aws_lambda_function: {
        f: {
          function_name: 'score',
          package_type: 'Image',
          image_uri: '127.0.0.1:5000/app/score:bootstrap',
          role: 'arn:aws:iam::000000000000:role/score',
          environment: { variables: { A: '1' } },
          publish: true,
          timeout: 10,
          ...change,
        },
      },
      aws_lambda_alias: {
        live: {
          name: 'live',
          function_name: ref('aws_lambda_function.f.function_name'),
          function_version: ref('aws_lambda_function.f.version'),
        },
      },
      aws_lambda_permission: {
        p: {
          action: 'lambda:InvokeFunction',
          function_name: ref('aws_lambda_function.f.function_name'),
          qualifier: ref('aws_lambda_alias.live.name'),
          principal: 'elasticloadbalancing.amazonaws.com',
          source_arn: ref('aws_lb_target_group.t.arn'),
        },
      },
      aws_lb_target_group: { t: { name: 'score', target_type: 'lambda' } },
      aws_lb_target_group_attachment: {
        a: {
          target_group_arn: ref('aws_lb_target_group.t.arn'),
          target_id: ref('aws_lambda_alias.live.arn'),
          depends_on: ['aws_lambda_permission.p'],
        },
      },
    },
  });

  test('a published change is a new version, and the alias moves to it', async () => {
    await workspace.apply(functions());
    await expectNoChanges();
    expect(await workspace.attributes('aws_lambda_alias.live')).toMatchObject({ function_version: '1' });
    await workspace.apply(functions({ environment: { variables: { A: '2' } }, memory_size: 256 }));
    await expectNoChanges();
    expect(await workspace.attributes('aws_lambda_alias.live')).toMatchObject({ function_version: '2' });
    const { Configuration } = await call<{ Configuration: object }>('lambda', 'GetFunction', { FunctionName: 'score' });
    expect(Configuration).toMatchObject({ MemorySize: 256, Timeout: 10, Environment: { Variables: { A: '2' } } });
  });

  test('a permission taken away outside is planned to be given again', async () => {
    await workspace.apply(functions());
    const { id } = await workspace.attributes('aws_lambda_permission.p');
    await call('lambda', 'RemovePermission', { FunctionName: 'score', Qualifier: 'live', StatementId: id });
    expect((await workspace.plan()).output).toContain('aws_lambda_permission.p will be created');
  });

  test('a function from a zip file is refused', async () => {
    const zip = {
      function_name: 'z',
      role: 'arn:aws:iam::000000000000:role/z',
      filename: 'z.zip',
      handler: 'a.b',
      runtime: 'nodejs24.x',
    };
    workspace.write({ resource: { aws_lambda_function: { z: zip } } });
    const { output } = await workspace.run('apply', '-auto-approve', '-no-color');
    expect(output).toContain('The local cloud runs functions from container images only');
    workspace.write({});
  });
});
