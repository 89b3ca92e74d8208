import type { Cloud } from '../../cloud.ts';
import { number, text, type Values } from '../../terraform/schema/value.ts';
import { type BacklogAlarm, exactCapacity, readBacklogAlarm } from './alarm.ts';

/** How often alarms are looked at (ms). A look stands for an evaluation period, which is a minute or more on AWS. */
const INTERVAL = 1000;

export interface Autoscaling {
  close(): Promise<void>;
}

type State = 'OK' | 'ALARM';

interface ScaledService {
  readonly desiredCount?: number;
  readonly status?: string;
  readonly deployments?: readonly { readonly rolloutState?: string }[];
}

/**
 * Application Auto Scaling as far as queues drive it: alarms on what waits in queues get their state, and those that ring set the desired count of ECS services by the steps of
 * their policies. Policies that follow CPU or requests do nothing here, because neither is measured.
 */
export function startAutoscaling(cloud: Cloud, interval = INTERVAL): Autoscaling {
  const records = (type: string): Values[] =>
    cloud.store
      .collection<{ attributes: Values }>(`terraform/${type}`)
      .entries()
      .map(([, { attributes }]) => attributes);
  const seen = new Map<string, { state: State; looks: number }>();
  let running: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    for (const alarm of records('aws_cloudwatch_metric_alarm').flatMap((each) => readBacklogAlarm(each) ?? [])) {
      const value = await measure(cloud, alarm);
      if (value !== undefined && (await stateOf(alarm, value)) === 'ALARM') await act(alarm, value);
    }
  }
  /** The state once enough looks in a row agree; tells CloudWatch when that changes. */
  async function stateOf(alarm: BacklogAlarm, value: number): Promise<State | undefined> {
    const state: State = alarm.above(value, alarm.threshold) ? 'ALARM' : 'OK';
    const before = seen.get(alarm.name);
    const looks = before?.state === state ? before.looks + 1 : 1;
    seen.set(alarm.name, { state, looks });
    if (looks < alarm.evaluations) return undefined;
    if (looks === alarm.evaluations) {
      const StateReason = `What waits in its queues is ${value}, the threshold ${alarm.threshold}`;
      await cloud.invoke('monitoring', 'SetAlarmState', { AlarmName: alarm.name, StateValue: state, StateReason });
    }
    return state;
  }
  async function act(alarm: BacklogAlarm, value: number): Promise<void> {
    const policies = records('aws_appautoscaling_policy').filter(({ arn }) => alarm.actions.includes(String(arn)));
    for (const policy of policies) {
      const wanted = exactCapacity(policy, value - alarm.threshold);
      const resource = text(policy, 'resource_id') ?? '';
      const target = records('aws_appautoscaling_target').find((each) => text(each, 'resource_id') === resource);
      if (wanted === undefined || !target) continue;
      const [least, most] = [number(target, 'min_capacity') ?? 0, number(target, 'max_capacity') ?? 0];
      await setDesired(resource, Math.min(most, Math.max(least, wanted)));
    }
  }
  async function setDesired(resource: string, desiredCount: number): Promise<void> {
    const [, cluster, service] = resource.split('/');
    const request = { cluster, services: [service] };
    const { services = [] } = await cloud.invoke<{ services?: ScaledService[] }>('ecs', 'DescribeServices', request);
    const current = services[0];
    if (current?.status !== 'ACTIVE' || current.desiredCount === desiredCount) return;
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html: nothing is scaled in during a deployment.
    const deploying = current.deployments?.some(({ rolloutState }) => rolloutState === 'IN_PROGRESS') ?? false;
    if (deploying && desiredCount < (current.desiredCount ?? 0)) return;
    cloud.log({ source: 'autoscaling', message: `${service}: ${current.desiredCount} -> ${desiredCount} tasks` });
    await cloud.invoke('ecs', 'UpdateService', { cluster, service, desiredCount });
  }

  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = look()
      .catch((error: unknown) => cloud.log({ source: 'autoscaling', message: String(error) }))
      .finally(() => {
        busy = false;
      });
  }, interval);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Undefined where a queue does not exist (yet). */
async function measure(cloud: Cloud, { metrics }: BacklogAlarm): Promise<number | undefined> {
  let sum = 0;
  for (const { queue, name } of metrics) {
    const attribute = ATTRIBUTES[name];
    const value = attribute && (await readNumber(cloud, queue, attribute));
    if (value === undefined) return undefined;
    sum += Number(value);
  }
  return sum;
}

/** What CloudWatch calls a queue's numbers -> what the queue itself calls them. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  ApproximateNumberOfMessagesVisible: 'ApproximateNumberOfMessages',
  ApproximateNumberOfMessagesNotVisible: 'ApproximateNumberOfMessagesNotVisible',
  ApproximateNumberOfMessagesDelayed: 'ApproximateNumberOfMessagesDelayed',
};

async function readNumber(cloud: Cloud, queue: string, attribute: string): Promise<string | undefined> {
  try {
    const { Attributes } = await cloud.invoke<{ Attributes?: Record<string, string> }>('sqs', 'GetQueueAttributes', {
      QueueUrl: queue,
      AttributeNames: [attribute],
    });
    return Attributes?.[attribute];
  } catch {
    return undefined;
  }
}
