import { block, blocks, flag, number, text, texts, type Value, type Values } from '../schema/value.ts';
import { changed } from './common.ts';
import { shapeOf } from './shape.ts';

/** A service as `DescribeServices` answers it. */
export interface Service {
  readonly serviceArn: string;
  readonly serviceName: string;
  readonly clusterArn: string;
  readonly status: string;
  readonly desiredCount?: number;
  readonly runningCount?: number;
  readonly roleArn?: string;
  readonly tags?: { key?: string; value?: string }[];
  readonly deployments?: readonly unknown[];
  readonly deploymentController?: { readonly type?: string };
  readonly deploymentConfiguration?: {
    readonly maximumPercent?: number;
    readonly minimumHealthyPercent?: number;
    readonly deploymentCircuitBreaker?: { readonly enable?: boolean; readonly rollback?: boolean };
    readonly alarms?: { readonly alarmNames?: string[]; readonly enable?: boolean; readonly rollback?: boolean };
    readonly strategy?: string;
    readonly bakeTimeInMinutes?: number;
    readonly canaryConfiguration?: { readonly canaryPercent?: number; readonly canaryBakeTimeInMinutes?: number };
  };
  readonly networkConfiguration?: {
    readonly awsvpcConfiguration?: {
      readonly subnets?: string[];
      readonly securityGroups?: string[];
      readonly assignPublicIp?: string;
    };
  };
}

const shape = shapeOf('aws_ecs_service', {
  style: 'camel',
  rename: {
    load_balancer: 'loadBalancers',
    elb_name: 'loadBalancerName',
    ordered_placement_strategy: 'placementStrategy',
    enable_ecs_managed_tags: 'enableECSManagedTags',
  },
});

/** What `CreateService` and `UpdateService` take under the same name. */
const UPDATABLE: string[] = [
  'availability_zone_rebalancing',
  'capacity_provider_strategy',
  'desired_count',
  'enable_ecs_managed_tags',
  'enable_execute_command',
  'health_check_grace_period_seconds',
  'load_balancer',
  'ordered_placement_strategy',
  'placement_constraints',
  'platform_version',
  'propagate_tags',
  'task_definition',
];
const CREATE_ONLY = ['launch_type', 'scheduling_strategy'];
/** What `deploymentConfiguration` gathers. */
const DEPLOYMENT = [
  'alarms',
  'deployment_circuit_breaker',
  'deployment_configuration',
  'deployment_maximum_percent',
  'deployment_minimum_healthy_percent',
];

const isDaemon = (planned: Values): boolean => planned['scheduling_strategy'] === 'DAEMON';
const sizeable = (planned: Values): string[] =>
  isDaemon(planned) ? UPDATABLE.filter((name) => name !== 'desired_count') : UPDATABLE;

/** The input of `CreateService`, without names and tags. */
export function newService(planned: Values): Record<string, unknown> {
  const controller = block(planned, 'deployment_controller');
  return {
    ...shape.toSdk(planned, [...sizeable(planned), ...CREATE_ONLY]),
    ...(controller ? { deploymentController: { type: text(controller, 'type') } } : {}),
    deploymentConfiguration: deployment(planned),
    networkConfiguration: network(planned),
    serviceRegistries: registries(planned),
  };
}

/** What `UpdateService` has to be told. What did not change is left out, since a release may be moving it at this moment. */
export function serviceChanges(prior: Values, planned: Values): Record<string, unknown> {
  const names = sizeable(planned).filter((name) => changed(prior, planned, [name]));
  return {
    ...shape.toSdk(planned, names),
    ...(changed(prior, planned, DEPLOYMENT) ? { deploymentConfiguration: deployment(planned) } : {}),
    ...(changed(prior, planned, ['network_configuration']) ? { networkConfiguration: network(planned) } : {}),
    ...(changed(prior, planned, ['service_registries']) ? { serviceRegistries: registries(planned) ?? [] } : {}),
  };
}

function deployment(planned: Values): object {
  // An absent breaker is switched off.
  const breaker = block(planned, 'deployment_circuit_breaker') ?? {};
  const alarms = block(planned, 'alarms');
  const configuration = block(planned, 'deployment_configuration');
  return {
    maximumPercent: number(planned, 'deployment_maximum_percent'),
    minimumHealthyPercent: number(planned, 'deployment_minimum_healthy_percent'),
    strategy: text(configuration, 'strategy'),
    ...minutes(configuration, 'bake_time_in_minutes', 'bakeTimeInMinutes'),
    ...canary(block(configuration, 'canary_configuration')),
    deploymentCircuitBreaker: {
      enable: flag(breaker, 'enable') ?? false,
      rollback: flag(breaker, 'rollback') ?? false,
    },
    ...(alarms
      ? {
          alarms: {
            alarmNames: texts(alarms, 'alarm_names'),
            enable: flag(alarms, 'enable'),
            rollback: flag(alarms, 'rollback'),
          },
        }
      : {}),
  };
}

/** Minutes are text in Terraform. */
const minutes = (values: Values | undefined, name: string, sdkName: string): Record<string, number> => {
  const value = text(values, name);
  return value === undefined ? {} : { [sdkName]: Number(value) };
};

function canary(values: Values | undefined): object {
  if (values === undefined) return {};
  const canaryConfiguration = {
    canaryPercent: number(values, 'canary_percent'),
    ...minutes(values, 'canary_bake_time_in_minutes', 'canaryBakeTimeInMinutes'),
  };
  return { canaryConfiguration };
}

function network(planned: Values): object | undefined {
  const configuration = block(planned, 'network_configuration');
  if (!configuration) return undefined;
  return {
    awsvpcConfiguration: {
      subnets: texts(configuration, 'subnets'),
      securityGroups: texts(configuration, 'security_groups'),
      assignPublicIp: flag(configuration, 'assign_public_ip') ? 'ENABLED' : 'DISABLED',
    },
  };
}

function registries(planned: Values): object[] | undefined {
  const list = blocks(planned, 'service_registries').map((registry) => ({
    registryArn: text(registry, 'registry_arn'),
    containerName: text(registry, 'container_name'),
    containerPort: number(registry, 'container_port'),
    port: number(registry, 'port'),
  }));
  return list.length > 0 ? list : undefined;
}

/** Attributes out of what ECS answers. */
export function serviceAttributes(service: Service, tags_all: Values): Values {
  const { deploymentConfiguration = {}, deploymentController } = service;
  const { deploymentCircuitBreaker: breaker, alarms } = deploymentConfiguration;
  const isBreakerSet = breaker !== undefined && (breaker.enable === true || breaker.rollback === true);
  return {
    ...shape.fromSdk(service, UPDATABLE),
    ...shape.fromSdk(service, CREATE_ONLY),
    id: service.serviceArn,
    arn: service.serviceArn,
    name: service.serviceName,
    cluster: service.clusterArn,
    iam_role: service.roleArn ?? '/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
    deployment_maximum_percent: deploymentConfiguration.maximumPercent ?? null,
    deployment_minimum_healthy_percent: deploymentConfiguration.minimumHealthyPercent ?? null,
    deployment_circuit_breaker: isBreakerSet
      ? [{ enable: breaker.enable ?? false, rollback: breaker.rollback ?? false }]
      : [],
    alarms: alarms?.alarmNames?.length
      ? [{ alarm_names: alarms.alarmNames, enable: alarms.enable ?? false, rollback: alarms.rollback ?? false }]
      : [],
    ...(deploymentController?.type === 'ECS'
      ? {}
      : { deployment_controller: [{ type: deploymentController?.type ?? 'ECS' }] }),
    ...strategyAttributes(deploymentConfiguration),
    network_configuration: networkAttributes(service),
    tags_all,
  };
}

/** A rolling service is one without a strategy. */
function strategyAttributes(configuration: NonNullable<Service['deploymentConfiguration']>): Values {
  const { strategy = 'ROLLING', bakeTimeInMinutes = 0, canaryConfiguration: canary } = configuration;
  if (strategy === 'ROLLING') return {};
  const canaries = canary
    ? [
        {
          canary_percent: canary.canaryPercent ?? null,
          canary_bake_time_in_minutes: String(canary.canaryBakeTimeInMinutes ?? 0),
        },
      ]
    : [];
  const block = { strategy, bake_time_in_minutes: String(bakeTimeInMinutes), canary_configuration: canaries };
  return { deployment_configuration: [{ ...block, lifecycle_hook: [], linear_configuration: [] }] };
}

function networkAttributes({ networkConfiguration }: Service): Value {
  const awsvpc = networkConfiguration?.awsvpcConfiguration;
  if (!awsvpc) return [];
  return [
    {
      subnets: awsvpc.subnets ?? [],
      security_groups: awsvpc.securityGroups ?? [],
      assign_public_ip: awsvpc.assignPublicIp === 'ENABLED',
    },
  ];
}
