import type { Target } from '@aws-sdk/client-scheduler';
import type { Cloud } from '../../cloud.ts';
import { nextTime, parseExpression } from './expression.ts';
import type { Schedule, Schedules } from './schedules.ts';

export interface Clock {
  /** A schedule was made, changed or removed. */
  reset(): void;
  close(): void;
}

/** Timers cannot wait longer than this (ms). */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Fires every schedule when it is due, in real time. */
export function startClock(cloud: Cloud, schedules: Schedules): Clock {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let since = cloud.now();

  function tick(): void {
    const now = cloud.now();
    for (const schedule of schedules.all()) {
      const due = dueTime(schedule, since);
      if (due !== undefined && due <= now) fire(schedule, due);
    }
    since = now;
    wait();
  }
  function fire(schedule: Schedule, due: number): void {
    const isLast = dueTime(schedule, due) === undefined;
    if (isLast && schedule.afterCompletion === 'DELETE') schedules.remove(schedule);
    else schedules.save({ ...schedule, fired: due });
    void start(cloud, schedule).catch((error: unknown) => {
      cloud.log({ source: 'scheduler', message: `schedule ${schedule.name} failed`, error: String(error) });
    });
  }
  function wait(): void {
    clearTimeout(timer);
    if (closed) return;
    const times = schedules.all().flatMap((schedule) => dueTime(schedule, since) ?? []);
    if (times.length === 0) return;
    timer = setTimeout(tick, Math.min(LONGEST_WAIT, Math.max(0, Math.min(...times) - cloud.now())));
    timer.unref();
  }
  wait();
  return {
    reset: wait,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** When a schedule fires first after a moment. */
function dueTime(schedule: Schedule, after: number): number | undefined {
  const expression = parseExpression(schedule.expression);
  if (!expression || schedule.state === 'DISABLED') return undefined;
  const from = Math.max(after, (schedule.start ?? 0) - 1, schedule.fired ?? 0);
  const { created: started, timezone } = schedule;
  const time = nextTime(expression, { after: from, started: schedule.start ?? started, timezone });
  return time !== undefined && time <= (schedule.end ?? Number.POSITIVE_INFINITY) ? time : undefined;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html */
async function start(cloud: Cloud, { name, target }: Schedule): Promise<void> {
  const { Arn = '', Input = '{}' } = target;
  const service = Arn.split(':')[2];
  if (service === 'ecs') {
    const { failures } = await cloud.invoke<{ failures?: { reason?: string }[] }>('ecs', 'RunTask', taskOf(target));
    if (failures?.length) throw new Error(failures.map(({ reason }) => reason).join(', '));
  } else if (service === 'sqs') {
    await cloud.invoke('sqs', 'SendMessage', { QueueUrl: Arn, MessageBody: Input });
  } else if (service === 'lambda') {
    const call = { FunctionName: Arn, InvocationType: 'Event', Payload: Buffer.from(Input) };
    await cloud.invoke('lambda', 'Invoke', call);
  } else throw new Error(`schedule ${name}: the local cloud cannot start ${Arn}`);
}

function taskOf({ Arn, EcsParameters, Input }: Target): object {
  const { TaskDefinitionArn, TaskCount, LaunchType, NetworkConfiguration, CapacityProviderStrategy, PropagateTags } =
    EcsParameters ?? {};
  const { Subnets, SecurityGroups, AssignPublicIp } = NetworkConfiguration?.awsvpcConfiguration ?? {};
  return {
    cluster: Arn,
    taskDefinition: TaskDefinitionArn,
    count: TaskCount ?? 1,
    startedBy: 'slipway-scheduler',
    ...(LaunchType ? { launchType: LaunchType } : {}),
    ...(PropagateTags ? { propagateTags: PropagateTags } : {}),
    ...(CapacityProviderStrategy?.length
      ? {
          capacityProviderStrategy: CapacityProviderStrategy.map(({ capacityProvider, weight, base }) => ({
            capacityProvider,
            weight,
            base,
          })),
        }
      : {}),
    ...(Subnets
      ? {
          networkConfiguration: {
            awsvpcConfiguration: { subnets: Subnets, securityGroups: SecurityGroups, assignPublicIp: AssignPublicIp },
          },
        }
      : {}),
    // An ECS target's input is its task override (containerOverrides).
    ...(Input ? { overrides: JSON.parse(Input) as object } : {}),
  };
}
