import type { Manifest } from '../../pipeline/manifest/types.ts';

/** What CloudWatch calls a service by. */
export interface Measured {
  /** ECS service or function. */
  readonly serviceName: string;
  readonly cluster: string;
  /** Part of the load balancer's ARN. */
  readonly loadBalancer: string;
  /** Part of the target group's ARN; undefined for what has no routes. */
  readonly targetGroup?: string;
}

/** One metric of a service, for its dashboard, and for an alarm when it can be too high. */
export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Average' | 'Maximum';
  readonly alarm?: { readonly threshold: number; readonly meaning: string };
}

const BUSY_PERCENT = 85;

/** What is worth watching of a service, by how it runs. */
export function serviceMetrics({ kind }: Pick<Manifest, 'kind'>, measured: Measured): readonly Metric[] {
  switch (kind) {
    case 'web':
      return [...requestMetrics(measured), ...taskMetrics(measured)];
    case 'worker':
      return taskMetrics(measured);
    case 'function':
      return functionMetrics(measured);
    case 'job':
      return [];
  }
}

function taskMetrics({ serviceName, cluster }: Measured): readonly Metric[] {
  const common = {
    namespace: 'AWS/ECS',
    dimensions: { ClusterName: cluster, ServiceName: serviceName },
    statistic: 'Average',
  } as const;
  return [
    {
      ...common,
      name: 'cpu',
      title: 'CPU (%)',
      metricName: 'CPUUtilization',
      alarm: { threshold: BUSY_PERCENT, meaning: 'tasks are short of CPU although the service scales' },
    },
    {
      ...common,
      name: 'memory',
      title: 'Memory (%)',
      metricName: 'MemoryUtilization',
      alarm: { threshold: BUSY_PERCENT, meaning: 'tasks are short of memory' },
    },
  ];
}

function requestMetrics({ loadBalancer, targetGroup }: Measured): readonly Metric[] {
  if (targetGroup === undefined) return [];
  const common = {
    namespace: 'AWS/ApplicationELB',
    dimensions: { LoadBalancer: loadBalancer, TargetGroup: targetGroup },
  } as const;
  return [
    { ...common, name: 'requests', title: 'Requests', metricName: 'RequestCount', statistic: 'Sum' },
    {
      ...common,
      name: 'latency',
      title: 'Response time (s)',
      metricName: 'TargetResponseTime',
      statistic: 'Average',
      alarm: { threshold: 2, meaning: 'answers take two seconds' },
    },
    {
      ...common,
      name: 'unhealthy',
      title: 'Tasks that fail their health check',
      metricName: 'UnHealthyHostCount',
      statistic: 'Maximum',
      alarm: { threshold: 1, meaning: 'a task fails its health check' },
    },
  ];
}

function functionMetrics({ serviceName }: Measured): readonly Metric[] {
  const common = { namespace: 'AWS/Lambda', dimensions: { FunctionName: serviceName } } as const;
  return [
    { ...common, name: 'invocations', title: 'Invocations', metricName: 'Invocations', statistic: 'Sum' },
    { ...common, name: 'duration', title: 'Duration (ms)', metricName: 'Duration', statistic: 'Average' },
    {
      ...common,
      name: 'errors',
      title: 'Errors',
      metricName: 'Errors',
      statistic: 'Sum',
      alarm: { threshold: 1, meaning: 'invocations fail' },
    },
    {
      ...common,
      name: 'throttles',
      title: 'Throttles',
      metricName: 'Throttles',
      statistic: 'Sum',
      alarm: { threshold: 1, meaning: 'invocations are refused because too many run' },
    },
  ];
}
