import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Visits } from '../../preview/ports.ts';

/** Most data points that one call answers. */
const POINTS = 1440;
const FINE_SECONDS = 300;
const COARSE_SECONDS = 3600;

/**
 * Visits from the load balancer's own metric `RequestCount` of the preview's target groups: nothing in the request's way has to keep a record.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function createVisits(options: { readonly region: string }, now: () => number): Visits {
  const balancing = new ElasticLoadBalancingV2Client(options);
  const metrics = new CloudWatchClient(options);

  async function groups(environment: string) {
    const found: { TargetGroup: string; LoadBalancer: string }[] = [];
    for await (const page of paginateDescribeTargetGroups({ client: balancing }, {})) {
      for (const { TargetGroupName, TargetGroupArn, LoadBalancerArns = [] } of page.TargetGroups ?? []) {
        const [balancer] = LoadBalancerArns;
        if (!TargetGroupName?.startsWith(`${environment}-`) || !TargetGroupArn || !balancer) continue;
        found.push({
          TargetGroup: suffix(TargetGroupArn),
          LoadBalancer: suffix(balancer).replace('loadbalancer/', ''),
        });
      }
    }
    return found;
  }

  return {
    async last(environment, since) {
      const end = now();
      const Period = (end - since) / 1000 / FINE_SECONDS < POINTS ? FINE_SECONDS : COARSE_SECONDS;
      const times = await Promise.all(
        (await groups(environment)).map(async (dimensions) => {
          const { Datapoints = [] } = await metrics.send(
            new GetMetricStatisticsCommand({
              Namespace: 'AWS/ApplicationELB',
              MetricName: 'RequestCount',
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
              StartTime: new Date(since - (since % (Period * 1000))),
              EndTime: new Date(end),
              Period,
              Statistics: ['Sum'],
            }),
          );
          return Datapoints.filter(({ Sum = 0 }) => Sum > 0).map(({ Timestamp }) =>
            // A data point stands for all of its period; nobody visits in the future.
            Math.min(end, (Timestamp?.getTime() ?? 0) + Period * 1000),
          );
        }),
      );
      const last = Math.max(0, ...times.flat());
      return last > since ? last : undefined;
    },
  };
}

/** `arn:aws:elasticloadbalancing:...:targetgroup/name/id` -> `targetgroup/name/id`, as CloudWatch calls it. */
const suffix = (arn: string): string => arn.split(':').at(-1) ?? '';
