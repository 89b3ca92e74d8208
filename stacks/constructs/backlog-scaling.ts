import type { Backlog, Scaling } from '../../pipeline/manifest/types.ts';
import { AppautoscalingPolicy, AppautoscalingTarget, CloudwatchMetricAlarm, Construct } from '../cdktf.ts';

interface BacklogScalingProperties {
  /** Of the ECS service. */
  readonly name: string;
  /** `service/<cluster>/<service>`. */
  readonly resourceId: string;
  /** Physical name of the queue. */
  readonly queueName: string;
  readonly scaling: Scaling;
  readonly backlog: Backlog;
}

/** Minutes without anything to do before the last task goes. */
const IDLE_MINUTES = 5;

/**
 * As many tasks as what waits in a queue needs, down to none. Each step of the policy names the exact number of tasks for its share of the backlog, because target tracking
 * has nothing to divide by while no task runs. Messages in flight count, lest a task goes while it works.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export class BacklogScaling extends Construct {
  constructor(scope: Construct, id: string, properties: BacklogScalingProperties) {
    super(scope, id);
    const { name, resourceId, scaling } = properties;
    const target = new AppautoscalingTarget(this, 'target', {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId,
      minCapacity: scaling.minimum,
      maxCapacity: scaling.maximum,
    });
    const policy = (id: string, stepAdjustment: readonly Step[]): string =>
      new AppautoscalingPolicy(this, id, {
        name: `${name}-${id}`,
        policyType: 'StepScaling',
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        stepScalingPolicyConfiguration: {
          adjustmentType: 'ExactCapacity',
          metricAggregationType: 'Maximum',
          cooldown: 60,
          stepAdjustment: [...stepAdjustment],
        },
      }).arn;
    const busy = policy('busy', stepsOf(properties));
    const idle = policy('idle', [{ metricIntervalUpperBound: '0', scalingAdjustment: scaling.minimum }]);
    addAlarm(this, properties, { id: 'busy-alarm', isBusy: true, action: busy });
    addAlarm(this, properties, { id: 'idle-alarm', isBusy: false, action: idle });
  }
}

interface Step {
  readonly metricIntervalLowerBound?: string;
  readonly metricIntervalUpperBound?: string;
  readonly scalingAdjustment: number;
}

/** One task for the first share of messages, two up to the second share, and so on. Bounds are distances from the threshold of one message. */
function stepsOf({ scaling, backlog }: BacklogScalingProperties): readonly Step[] {
  return Array.from({ length: scaling.maximum }, (_, index) => ({
    metricIntervalLowerBound: String(index * backlog.perTask),
    ...(index + 1 < scaling.maximum ? { metricIntervalUpperBound: String((index + 1) * backlog.perTask) } : {}),
    scalingAdjustment: index + 1,
  }));
}

function addAlarm(
  scope: Construct,
  { name, queueName }: BacklogScalingProperties,
  { id, isBusy, action }: { readonly id: string; readonly isBusy: boolean; readonly action: string },
): void {
  const metric = (queryId: string, metricName: string) => ({
    id: queryId,
    metric: { namespace: 'AWS/SQS', metricName, dimensions: { QueueName: queueName }, stat: 'Maximum', period: 60 },
  });
  new CloudwatchMetricAlarm(scope, id, {
    alarmName: `${name}-${isBusy ? 'busy' : 'idle'}`,
    alarmDescription: isBusy
      ? `Messages wait in ${queueName}`
      : `Nothing waits in ${queueName} and nothing is in flight`,
    comparisonOperator: isBusy ? 'GreaterThanOrEqualToThreshold' : 'LessThanOrEqualToThreshold',
    threshold: isBusy ? 1 : 0,
    evaluationPeriods: isBusy ? 1 : IDLE_MINUTES,
    // A queue that nobody used for hours has no numbers: then there is nothing to do.
    treatMissingData: isBusy ? 'notBreaching' : 'breaching',
    metricQuery: [
      metric('visible', 'ApproximateNumberOfMessagesVisible'),
      metric('flying', 'ApproximateNumberOfMessagesNotVisible'),
      { id: 'backlog', expression: 'visible + flying', label: 'Backlog', returnData: true },
    ],
    alarmActions: [action],
  });
}
