import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Observe } from '../observe.ts';

export function createObserve(options: { readonly region: string }): Observe {
  const loadBalancing = new ElasticLoadBalancingV2Client(options);
  const logs = new CloudWatchLogsClient(options);
  const metrics = new CloudWatchClient(options);
  return {
    async targetHealth(targetGroupArn) {
      const answer = await loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
      return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth: health }) => ({
        target: `${Target?.Id ?? ''}:${Target?.Port ?? ''}`,
        state: health?.State ?? '',
        reason: [health?.Reason, health?.Description].filter(Boolean).join(': '),
      }));
    },
    async invocations({ functionName, alias, version, since }) {
      // One period over everything: a sum of sums. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
      const sum = async (MetricName: string): Promise<number> => {
        const answer = await metrics.send(
          new GetMetricStatisticsCommand({
            Namespace: 'AWS/Lambda',
            MetricName,
            Dimensions: [
              { Name: 'FunctionName', Value: functionName },
              { Name: 'Resource', Value: `${functionName}:${alias}` },
              { Name: 'ExecutedVersion', Value: version },
            ],
            StartTime: new Date(Math.floor(since / 60_000) * 60_000),
            EndTime: new Date(Date.now() + 60_000),
            Period: 60,
            Statistics: ['Sum'],
          }),
        );
        return (answer.Datapoints ?? []).reduce((total, { Sum = 0 }) => total + Sum, 0);
      };
      const [invocations, errors] = await Promise.all([sum('Invocations'), sum('Errors')]);
      return { invocations, errors };
    },
    async lastLogLines({ group, streamPrefix, lines }) {
      const streams = await logs.send(
        new DescribeLogStreamsCommand({ logGroupName: group, logStreamNamePrefix: streamPrefix, limit: 50 }),
      );
      const newest = (streams.logStreams ?? []).toSorted((a, b) => (b.creationTime ?? 0) - (a.creationTime ?? 0))[0];
      if (newest?.logStreamName === undefined) return [];
      const events = await logs.send(
        new GetLogEventsCommand({
          logGroupName: group,
          logStreamName: newest.logStreamName,
          limit: lines,
          startFromHead: false,
        }),
      );
      return (events.events ?? []).map((event) => (event.message ?? '').trimEnd());
    },
  };
}
