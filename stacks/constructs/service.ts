import { clusterName, queueName, serviceName } from '../../pipeline/manifest/names.ts';
import { bakeMinutes, DEFAULT_PERCENT } from '../../pipeline/manifest/rollout.ts';
import type { Manifest, Scaling } from '../../pipeline/manifest/types.ts';
import type { ServiceTemplate, TaskDefinitionTemplate } from '../../pipeline/release/template.ts';
import { Construct, EcsService, EcsTaskDefinition } from '../cdktf.ts';
import type { EnvironmentSettings } from '../environments.ts';
import type { PlatformValues } from '../platform-values.ts';
import type { StackInput } from '../stack.ts';
import { serviceErrorsAlarm } from './alarms.ts';
import { BacklogScaling } from './backlog-scaling.ts';
import { scaleByCpu } from './scaling.ts';
import { shifts, type Target } from './target.ts';

interface ServiceProperties {
  readonly manifest: Manifest & { readonly kind: 'web' | 'worker' };
  readonly input: StackInput;
  readonly settings: EnvironmentSettings;
  readonly platform: PlatformValues;
  readonly repositoryUrl: string;
  readonly taskDefinition: TaskDefinitionTemplate;
  /** Image that stands in until the first release. */
  readonly image: string;
  readonly target?: Target;
  /** Role with which ECS moves requests between two target groups. */
  readonly shiftRoleArn?: string;
}

const GRACE_SECONDS = 60;

/** A long-running service. Terraform creates it with no tasks; releases set its revision and its size from then on. */
export class Service extends Construct {
  readonly template: ServiceTemplate;

  constructor(scope: Construct, id: string, properties: ServiceProperties) {
    super(scope, id);
    const { manifest, input, settings, taskDefinition, repositoryUrl } = properties;
    const service = createService(this, properties);
    const scaling = taskCounts(properties);
    const resourceId = `service/${clusterName(input.environment)}/${service.name}`;
    const { backlog } = manifest.scaling ?? {};
    if (settings.scaling && backlog !== undefined) {
      new BacklogScaling(this, 'backlog', {
        name: serviceName(input.environment, manifest.name),
        resourceId,
        queueName: queueName(input.environment, backlog.queue),
        scaling,
        backlog,
      });
    } else if (settings.scaling) {
      scaleByCpu(this, {
        name: `${serviceName(input.environment, manifest.name)}-cpu`,
        resourceId,
        scaling,
        officeHours: settings.officeHours,
      });
    }
    this.template = {
      service: manifest.name,
      kind: manifest.kind,
      repositoryUrl,
      checks: manifest.checks ?? [],
      cluster: clusterName(input.environment),
      serviceName: serviceName(input.environment, manifest.name),
      // A release is proven by a task that runs, even if none is needed afterwards.
      desiredCount: Math.max(1, scaling.minimum),
      ...(scaling.minimum === 0 ? { scalesToZero: true } : {}),
      taskDefinition,
      ...targetOf(properties),
      ...(manifest.after === undefined ? {} : { after: manifest.after }),
      ...(manifest.migration === undefined ? {} : { migration: manifest.migration }),
    };
  }
}

function createService(scope: Construct, properties: ServiceProperties): EcsService {
  const { manifest, input, settings, platform, target } = properties;
  const shifted = shifts(properties);
  return new EcsService(scope, 'service', {
    name: serviceName(input.environment, manifest.name),
    cluster: platform.clusterArn,
    taskDefinition: createTaskDefinition(scope, properties).arn,
    desiredCount: 0,
    capacityProviderStrategy: [...settings.capacity],
    networkConfiguration: {
      subnets: [...platform.subnetIds],
      securityGroups: [platform.securityGroupId],
      assignPublicIp: settings.nat === 'none',
    },
    deploymentMinimumHealthyPercent: settings.minimumHealthyPercent,
    deploymentMaximumPercent: settings.maximumPercent,
    // ECS's circuit breaker is for rolling deployments; of others a release counts the failed tasks itself.
    ...(shifted ? {} : { deploymentCircuitBreaker: { enable: true, rollback: true } }),
    ...(shifted ? shifting(properties) : {}),
    // Only possible where a new task may start before an old one stops.
    ...(settings.maximumPercent > 100 ? { availabilityZoneRebalancing: 'ENABLED' } : {}),
    propagateTags: 'SERVICE',
    enableEcsManagedTags: true,
    waitForSteadyState: false,
    ...(target === undefined ? {} : attach(properties, target)),
    // The strategy is part of each release: what served before comes back at once, without baking.
    lifecycle: {
      ignoreChanges: ['task_definition', 'desired_count', ...(shifted ? ['deployment_configuration'] : [])],
    },
  });
}

function createTaskDefinition(
  scope: Construct,
  { taskDefinition, image, settings }: ServiceProperties,
): EcsTaskDefinition {
  const [container] = taskDefinition.containerDefinitions;
  return new EcsTaskDefinition(scope, 'task-definition', {
    family: taskDefinition.family,
    cpu: taskDefinition.cpu,
    memory: taskDefinition.memory,
    networkMode: taskDefinition.networkMode,
    requiresCompatibilities: [...taskDefinition.requiresCompatibilities],
    executionRoleArn: taskDefinition.executionRoleArn,
    taskRoleArn: taskDefinition.taskRoleArn,
    runtimePlatform: taskDefinition.runtimePlatform,
    containerDefinitions: JSON.stringify([{ ...container, image }]),
    volume: [{ name: 'tmp' }],
    // Old revisions stay: a release that is running may have been made from one.
    skipDestroy: settings.deletionProtection,
  });
}

/** Without the rules the target group would not belong to a load balancer yet, and ECS would refuse it. */
const attach = ({ manifest, shiftRoleArn }: ServiceProperties, target: Target) => ({
  loadBalancer: [
    {
      targetGroupArn: target.arn,
      containerName: manifest.name,
      containerPort: manifest.port ?? 0,
      ...(target.alternateArn === undefined || shiftRoleArn === undefined
        ? {}
        : {
            advancedConfiguration: {
              alternateTargetGroupArn: target.alternateArn,
              productionListenerRule: target.rules[0]?.arn ?? '',
              roleArn: shiftRoleArn,
            },
          }),
    },
  ],
  healthCheckGracePeriodSeconds: GRACE_SECONDS,
  dependsOn: [...target.rules],
});

/** How ECS moves requests by itself, and the alarm for which it takes them back. */
function shifting({ manifest: { rollout }, input }: ServiceProperties) {
  const minutes = String(bakeMinutes(rollout));
  const canary = { canaryPercent: rollout?.percent ?? DEFAULT_PERCENT, canaryBakeTimeInMinutes: minutes };
  return {
    deploymentConfiguration:
      rollout?.strategy === 'canary'
        ? { strategy: 'CANARY', bakeTimeInMinutes: '0', canaryConfiguration: canary }
        : { strategy: 'BLUE_GREEN', bakeTimeInMinutes: minutes },
    alarms: { alarmNames: [serviceErrorsAlarm(input.project.app, input.environment)], enable: true, rollback: true },
  };
}

/** What a release has to know about the load balancer. */
const targetOf = ({ manifest, target, ...rest }: ServiceProperties) => ({
  ...(target === undefined ? {} : { targetGroupArn: target.arn }),
  ...(target?.alternateArn === undefined ? {} : { alternateTargetGroupArn: target.alternateArn }),
  ...(manifest.health === undefined ? {} : { health: manifest.health }),
  ...(shifts({ manifest, ...rest }) && manifest.rollout ? { rollout: manifest.rollout } : {}),
});

/** How many tasks run. Previews are as small as can be and do not scale. */
function taskCounts({ manifest, settings }: ServiceProperties): Scaling {
  if (!settings.scaling) return { minimum: 1, maximum: 1 };
  const wanted = manifest.scaling?.minimum ?? 1;
  const minimum = manifest.scaling?.backlog === undefined ? Math.max(settings.minimumTasks, wanted) : wanted;
  return { minimum, maximum: Math.max(minimum, manifest.scaling?.maximum ?? 1) };
}
