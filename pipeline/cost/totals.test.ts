import { estimate, total } from './estimate.ts';
import type { CostedResource } from './types.ts';
import type { Assumptions, Usage } from './usage.ts';

/**
 * Environments whose totals were worked out by hand from the same unit prices (an ALB with two addresses, tasks of 0.25 vCPU and 0.5 GB, ...): the
 * rules have to arrive at the same sums.
 */
const HOURS = 730;

const resource = (type: string, values: object = {}, name = 'it'): CostedResource => ({
  address: `${type}.${name}`,
  type,
  values: values as CostedResource['values'],
});

const several = (type: string, count: number, values: object = {}): CostedResource[] =>
  Array.from({ length: count }, (_, index) => resource(type, values, String(index)));

interface Service {
  readonly tasks: number;
  readonly provider: 'FARGATE' | 'FARGATE_SPOT';
  readonly publicAddress: boolean;
  readonly architecture?: 'ARM64' | 'X86_64';
  readonly sleeps?: boolean;
}

/** As stacks have it: an ECS service, its template as an SSM parameter, and when it sleeps. */
function service(name: string, { tasks, provider, publicAddress, architecture = 'ARM64', sleeps }: Service) {
  const template = {
    service: name,
    kind: 'web',
    serviceName: name,
    desiredCount: tasks,
    taskDefinition: { cpu: '256', memory: '512', runtimePlatform: { cpuArchitecture: architecture } },
  };
  return [
    resource('aws_ecs_service', {
      name,
      capacity_provider_strategy: [{ capacity_provider: provider, weight: 1 }],
      network_configuration: { assign_public_ip: publicAddress },
    }),
    resource('aws_ssm_parameter', { name: `/slipway/env/services/${name}`, insecure_value: JSON.stringify(template) }),
    ...(sleeps
      ? [
          resource('aws_appautoscaling_scheduled_action', {
            resource_id: `service/staging/${name}`,
            scalable_target_action: [{ min_capacity: 0, max_capacity: 0 }],
          }),
        ]
      : []),
  ];
}

const rules = [{}, {}, {}, {}];

const sum = (
  environment: string,
  resources: readonly CostedResource[],
  assumed: Assumptions,
  hours = HOURS,
): number => {
  const usage: Usage = {
    hoursPerMonth: hours,
    officeHoursPerMonth: (50 * 52) / 12,
    previewHoursPerDay: 24,
    environments: { [environment.startsWith('pr-') ? 'preview' : environment]: assumed },
  };
  const { lines, monthly, unknown } = estimate(environment, resources, usage);
  expect(unknown).toEqual([]);
  expect(total(lines)).toBe(monthly);
  return monthly;
};

const account = () =>
  sum('account', [...several('aws_kms_key', 2), resource('aws_guardduty_detector'), resource('aws_s3_bucket')], {
    zones: 1,
    guardDutyEventsMillions: 0.3,
    guardDutyGigabytes: 1,
    bucketGigabytes: 5,
  });

function production(egress: readonly CostedResource[], publicAddress: boolean): number {
  const resources = [
    resource('aws_lb', { subnets: ['a', 'b'] }),
    ...service('api', { tasks: 2, provider: 'FARGATE', publicAddress }),
    ...service('worker', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress }),
    resource('aws_wafv2_web_acl', { rule: rules }),
    resource('aws_kms_key'),
    ...several('aws_secretsmanager_secret', 2),
    ...several('aws_cloudwatch_metric_alarm', 8),
    ...['aws_cloudwatch_log_group', 'aws_dynamodb_table', 'aws_api_gateway_rest_api', 'aws_ecr_repository'].map(
      (type) => resource(type),
    ),
    ...['aws_s3_bucket', 'aws_backup_plan', 'aws_flow_log'].map((type) => resource(type)),
    resource('aws_lambda_function', { memory_size: 512, architectures: ['arm64'] }),
    resource('aws_guardduty_detector_feature', { name: 'RUNTIME_MONITORING', status: 'ENABLED' }),
    ...egress,
  ];
  return sum('production', resources, {
    ...{ loadBalancerUnits: 0.1, requestsMillions: 1, keyRequests10k: 30, logGigabytes: 4, logStoredGigabytes: 10 },
    ...{ tableWritesMillions: 1, tableReadsMillions: 5, tableGigabytes: 1, apiRequestsMillions: 0.5, natGigabytes: 10 },
    ...{ functionRequestsMillions: 0.5, functionMilliseconds: 200, imageGigabytes: 3, bucketGigabytes: 10 },
    ...{ backupGigabytes: 1, runtimeMonitoredCpus: 0.75, flowLogGigabytes: 1 },
  });
}

const staging = (sleeps: boolean) =>
  sum(
    'staging',
    [
      resource('aws_lb', { subnets: ['a', 'b'] }),
      ...service('api', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress: true, sleeps }),
      ...service('worker', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress: true, sleeps }),
      resource('aws_kms_key'),
      ...several('aws_secretsmanager_secret', 2),
      ...several('aws_cloudwatch_metric_alarm', 4),
      resource('aws_cloudwatch_log_group'),
      resource('aws_s3_bucket'),
    ],
    // Everything else together is 0.80.
    { keyRequests10k: 10 / 3, logGigabytes: 1, bucketGigabytes: 0.8 / 0.023 },
  );

const preview = (hours: number, logGigabytes: number) =>
  sum(
    'pr-1',
    [
      ...service('api', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress: true }),
      ...service('worker', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress: true }),
      resource('aws_cloudwatch_log_group'),
    ],
    { logGigabytes },
    hours,
  );

const nat = (count: number) => [...several('aws_nat_gateway', count), ...several('aws_eip', count)];
const endpoints = (count: number, zones: number) =>
  several('aws_vpc_endpoint', count, { vpc_endpoint_type: 'Interface', subnet_ids: Array(zones).fill('subnet') });

test('account, production with each way out, staging and previews come to the known totals', () => {
  const bare = production([], false);
  expect(account()).toBeCloseTo(4.82, 2);
  expect(bare).toBeCloseTo(63.58, 1);
  expect(production(nat(1), false) - bare).toBeCloseTo(36.95, 2);
  expect(production(nat(2), false) - bare).toBeCloseTo(73.45, 2);
  expect(production([], true) - bare).toBeCloseTo(10.95, 2);
  expect(production(endpoints(8, 2), false) - bare).toBeCloseTo(116.8, 2);
  expect(production(endpoints(8, 1), false) - bare).toBeCloseTo(58.4, 2);
  expect(production(endpoints(5, 2), false) - bare).toBeCloseTo(73, 2);
  expect(staging(false)).toBeCloseTo(40.56, 1);
  expect(staging(true)).toBeCloseTo(31.25, 1);
  expect(preview(HOURS, 0.3)).toBeCloseTo(13.39, 2);
  expect(preview(72, 0.2)).toBeCloseTo(1.41, 2);
  const others = staging(false) + preview(HOURS, 0.3) + account();
  expect(production(nat(1), false) + others).toBeCloseTo(159.29, 1);
  expect(production([], true) + others).toBeCloseTo(133.29, 1);
  expect(production([], true) + staging(true) + preview(72, 0.2) + account()).toBeCloseTo(112, 1);
});

test.each<[string, readonly CostedResource[], number]>([
  ['a load balancer inside the network', [resource('aws_lb', { internal: true })], 16.43],
  ['a NAT gateway', [resource('aws_nat_gateway')], 32.85],
  ['an interface endpoint in one zone', endpoints(1, 1), 7.3],
  [
    'a group of one t4g.nano with 30 GB',
    [
      resource('aws_launch_template', {
        instance_type: 't4g.nano',
        block_device_mappings: [{ ebs: { volume_size: 30 } }],
      }),
      resource('aws_autoscaling_group', {
        desired_capacity: 1,
        launch_template: { id: `\${aws_launch_template.it.id}` },
      }),
    ],
    3.07 + 2.4,
  ],
  ['a gateway endpoint', [resource('aws_vpc_endpoint', { vpc_endpoint_type: 'Gateway' })], 0],
  ['a key', [resource('aws_kms_key')], 1],
  ['a secret', [resource('aws_secretsmanager_secret')], 0.4],
  ['a web ACL with a rule', [resource('aws_wafv2_web_acl', { rule: [{}] })], 6],
  ['an alarm', [resource('aws_cloudwatch_metric_alarm')], 0.1],
  [
    'a task on x86',
    service('s', { tasks: 1, provider: 'FARGATE', publicAddress: false, architecture: 'X86_64' }),
    9.01,
  ],
  ['a task on ARM', service('s', { tasks: 1, provider: 'FARGATE', publicAddress: false }), 7.21],
  ['a task on Spot', service('s', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress: false }), 2.97],
  ['its public address', service('s', { tasks: 1, provider: 'FARGATE_SPOT', publicAddress: true }), 2.97 + 3.65],
  ['four dashboards', several('aws_cloudwatch_dashboard', 4), 3],
  [
    'one instance of provisioned concurrency with 512 MB',
    [
      resource('aws_lambda_function', { function_name: 'f', memory_size: 512, architectures: ['arm64'] }),
      resource('aws_lambda_provisioned_concurrency_config', {
        function_name: 'f',
        provisioned_concurrent_executions: 1,
      }),
    ],
    4.38,
  ],
])('%s', (_what, resources, monthly) => {
  expect(sum('production', resources, {})).toBeCloseTo(monthly, 2);
});
