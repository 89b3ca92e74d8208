import type { Cloud } from '../../cloud.ts';

/** Requests come in crowds: their number is told at most so often, in milliseconds. */
const PAUSE = 200;

/** Counts the requests that each target group gets and publishes them as the load balancer's metric `RequestCount`. */
export function createRequestCounts(
  cloud: Pick<Cloud, 'invoke' | 'log'>,
): (balancerArn: string, groupArn: string) => void {
  const counts = new Map<string, number>();
  let waiting = false;

  async function publish(): Promise<void> {
    waiting = false;
    const told = [...counts];
    counts.clear();
    const MetricData = told.map(([key, Value]) => {
      const [TargetGroup = '', LoadBalancer = ''] = key.split(' ');
      const Dimensions = Object.entries({ TargetGroup, LoadBalancer }).map(([Name, Value]) => ({ Name, Value }));
      return { MetricName: 'RequestCount', Dimensions, Value, Unit: 'Count' };
    });
    try {
      await cloud.invoke('monitoring', 'PutMetricData', { Namespace: 'AWS/ApplicationELB', MetricData });
    } catch (error) {
      cloud.log({ source: 'elbv2', message: `requests were not counted: ${String(error)}` });
    }
  }

  return (balancerArn, groupArn) => {
    const key = `${nameIn(groupArn)} ${nameIn(balancerArn).replace('loadbalancer/', '')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (waiting) return;
    waiting = true;
    setTimeout(() => void publish(), PAUSE).unref();
  };
}

/** `targetgroup/name/id` or `loadbalancer/app/name/id`: what metrics call them by. */
const nameIn = (arn: string): string => arn.split(':').at(-1) ?? '';
