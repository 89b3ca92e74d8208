import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Observe } from '../observe.ts';

export function createObserve(options: { readonly region: string }): Observe {
  const loadBalancing = new ElasticLoadBalancingV2Client(options);
  const logs = new CloudWatchLogsClient(options);
  return {
    async targetHealth(targetGroupArn) {
      const answer = await loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }));
      return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth: health }) => ({
        target: `${Target?.Id ?? ''}:${Target?.Port ?? ''}`,
        state: health?.State ?? '',
        reason: [health?.Reason, health?.Description].filter(Boolean).join(': '),
      }));
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
