import { clusterName, serviceName } from '../../pipeline/manifest/names.ts';
import type { Manifest, Scaling } from '../../pipeline/manifest/types.ts';
import type { ServiceTemplate, TaskDefinitionTemplate } from '../../pipeline/release/template.ts';
import { AppautoscalingPolicy, AppautoscalingTarget, Construct, EcsService, EcsTaskDefinition } from '../cdktf.ts';
import type { EnvironmentSettings } from '../environments.ts';
import type { PlatformValues } from '../platform-values.ts';
import type { StackInput } from '../stack.ts';
import type { Target } from './target.ts';

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
}

/** Share of the CPU that autoscaling aims at, in percent. */
const CPU_TARGET = 60;
const GRACE_SECONDS = 60;

/** A long-running service. Terraform creates it with no tasks; releases set its revision and its size from then on. */
export class Service extends Construct {
  readonly template: ServiceTemplate;

  constructor(scope: Construct, id: string, properties: ServiceProperties) {
    super(scope, id);
    const { manifest, input, target, taskDefinition, repositoryUrl } = properties;
    const service = createService(this, properties);
    if (manifest.scaling !== undefined && isScaled(properties)) {
      scale(this, {
        name: `${serviceName(input.environment, manifest.name)}-cpu`,
        resourceId: `service/${clusterName(input.environment)}/${service.name}`,
        scaling: manifest.scaling,
      });
    }
    this.template = {
      service: manifest.name,
      kind: manifest.kind,
      repositoryUrl,
      checks: manifest.checks ?? [],
      cluster: clusterName(input.environment),
      serviceName: serviceName(input.environment, manifest.name),
      desiredCount: desiredCount(properties),
      taskDefinition,
      ...(target === undefined ? {} : { targetGroupArn: target.arn }),
      ...(manifest.migration === undefined ? {} : { migration: manifest.migration }),
    };
  }
}

function createService(scope: Construct, properties: ServiceProperties): EcsService {
  const { manifest, input, settings, platform, target } = properties;
  return new EcsService(scope, 'service', {
    name: serviceName(input.environment, manifest.name),
    cluster: platform.clusterArn,
    taskDefinition: createTaskDefinition(scope, properties).arn,
    desiredCount: 0,
    capacityProviderStrategy: [...settings.capacity],
    networkConfiguration: {
      subnets: [...platform.subnetIds],
      securityGroups: [platform.securityGroupId],
      assignPublicIp: true,
    },
    deploymentMinimumHealthyPercent: settings.minimumHealthyPercent,
    deploymentMaximumPercent: settings.maximumPercent,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    propagateTags: 'SERVICE',
    enableEcsManagedTags: true,
    waitForSteadyState: false,
    ...(target === undefined ? {} : attach(manifest, target)),
    lifecycle: { ignoreChanges: ['task_definition', 'desired_count'] },
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
const attach = (manifest: Manifest, target: Target) => ({
  loadBalancer: [{ targetGroupArn: target.arn, containerName: manifest.name, containerPort: manifest.port ?? 0 }],
  healthCheckGracePeriodSeconds: GRACE_SECONDS,
  dependsOn: [...target.rules],
});

/** Previews are as small as can be and do not scale. */
const desiredCount = ({ manifest, settings }: ServiceProperties): number =>
  settings.deletionProtection ? (manifest.scaling?.minimum ?? 1) : 1;

const isScaled = ({ manifest, settings }: ServiceProperties): boolean =>
  settings.deletionProtection && manifest.scaling !== undefined && manifest.scaling.maximum > manifest.scaling.minimum;

interface ScaledService {
  readonly name: string;
  readonly resourceId: string;
  readonly scaling: Scaling;
}

function scale(scope: Construct, { name, resourceId, scaling }: ScaledService): void {
  const target = new AppautoscalingTarget(scope, 'scaling', {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId,
    minCapacity: scaling.minimum,
    maxCapacity: scaling.maximum,
  });
  new AppautoscalingPolicy(scope, 'scaling-policy', {
    name,
    policyType: 'TargetTrackingScaling',
    serviceNamespace: target.serviceNamespace,
    scalableDimension: target.scalableDimension,
    resourceId: target.resourceId,
    targetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      targetValue: CPU_TARGET,
      scaleInCooldown: 300,
      scaleOutCooldown: 60,
    },
  });
}
