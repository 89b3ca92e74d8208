import { block, blocks, number, requireText, text, texts, type Values } from '../../terraform/schema/value.ts';

/** An alarm on what waits in queues: the sum of some of their numbers, compared with a threshold. */
export interface BacklogAlarm {
  readonly name: string;
  readonly metrics: readonly QueueMetric[];
  readonly threshold: number;
  readonly above: (value: number, threshold: number) => boolean;
  /** Looks in a row that have to agree before the alarm changes its state. */
  readonly evaluations: number;
  /** ARNs of what it tells. */
  readonly actions: readonly string[];
}

export interface QueueMetric {
  readonly queue: string;
  readonly name: string;
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

/** Reads an alarm as Terraform made it; undefined for those on anything but queues, and for sums of anything else. */
export function readBacklogAlarm(attributes: Values): BacklogAlarm | undefined {
  const metrics = metricsOf(attributes);
  const above = COMPARISONS[text(attributes, 'comparison_operator') ?? ''];
  if (metrics.length === 0 || !above) return undefined;
  return {
    name: requireText(attributes, 'alarm_name'),
    metrics,
    threshold: number(attributes, 'threshold') ?? 0,
    above,
    evaluations: number(attributes, 'evaluation_periods') ?? 1,
    actions: texts(attributes, 'alarm_actions'),
  };
}

function metricsOf(attributes: Values): readonly QueueMetric[] {
  const queries = blocks(attributes, 'metric_query');
  if (queries.length === 0) return queueMetric(attributes);
  const measured = queries.flatMap((query) =>
    blocks(query, 'metric').map((metric) => ({ id: text(query, 'id'), metric })),
  );
  const expression = queries.map((query) => text(query, 'expression')).find((found) => found !== undefined);
  const summed = expression?.split('+').map((part) => part.trim()) ?? measured.map(({ id }) => id);
  const metrics = measured.flatMap(({ metric }) => queueMetric(metric));
  const isSum = summed.length === measured.length && measured.every(({ id }) => summed.includes(id));
  return isSum && metrics.length === measured.length ? metrics : [];
}

function queueMetric(metric: Values): readonly QueueMetric[] {
  const queue = text(block(metric, 'dimensions'), 'QueueName');
  const name = text(metric, 'metric_name');
  return text(metric, 'namespace') === 'AWS/SQS' && queue && name ? [{ queue, name }] : [];
}

/**
 * The capacity that a step policy of the kind ExactCapacity asks for; undefined where no step applies. Bounds of steps are distances from the alarm's threshold.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export function exactCapacity(policy: Values, distance: number): number | undefined {
  const configuration = block(policy, 'step_scaling_policy_configuration');
  if (text(configuration, 'adjustment_type') !== 'ExactCapacity') return undefined;
  const step = blocks(configuration, 'step_adjustment').find((candidate) => {
    const lower = bound(candidate, 'metric_interval_lower_bound', Number.NEGATIVE_INFINITY);
    const upper = bound(candidate, 'metric_interval_upper_bound', Number.POSITIVE_INFINITY);
    // The bound that is nearer to the threshold belongs to the step.
    return lower >= 0 ? distance >= lower && distance < upper : distance > lower && distance <= upper;
  });
  return step && number(step, 'scaling_adjustment');
}

/** Terraform keeps these numbers as texts. */
function bound(step: Values, name: string, otherwise: number): number {
  const value = step[name] ?? null;
  return value === null || value === '' ? otherwise : Number(value);
}
