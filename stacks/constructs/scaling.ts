import type { Scaling } from '../../pipeline/manifest/types.ts';
import { AppautoscalingPolicy, AppautoscalingScheduledAction, AppautoscalingTarget, type Construct } from '../cdktf.ts';
import type { OfficeHours } from '../environments.ts';

/** Share of the CPU that autoscaling aims at, in percent. */
const CPU_TARGET = 60;

interface ScaledService {
  readonly name: string;
  readonly resourceId: string;
  readonly scaling: Scaling;
  readonly officeHours?: OfficeHours | undefined;
}

/** Keeps the CPU of a service where it should be, and sends it home after office hours. */
export function scaleByCpu(scope: Construct, { name, resourceId, scaling, officeHours }: ScaledService): void {
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
  if (officeHours === undefined) return;
  const hours = [
    {
      id: 'start',
      schedule: officeHours.start,
      action: { minCapacity: scaling.minimum, maxCapacity: scaling.maximum },
    },
    { id: 'stop', schedule: officeHours.stop, action: { minCapacity: 0, maxCapacity: 0 } },
  ];
  for (const { id, schedule, action } of hours) {
    new AppautoscalingScheduledAction(scope, `hours-${id}`, {
      name: `${name}-${id}`,
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      schedule,
      timezone: officeHours.timezone,
      scalableTargetAction: { minCapacity: String(action.minCapacity), maxCapacity: String(action.maxCapacity) },
    });
  }
}
