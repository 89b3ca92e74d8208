import type { Cloud } from '../../cloud.ts';
import type { ServiceRecord, TaskRecord } from './records.ts';

const HOST = '127.0.0.1';
const POLL = 20;

/** The target groups of a task; one that an older local cloud recorded is in those of its service. */
export const groupsOfTask = (
  { targetGroups }: Pick<TaskRecord, 'targetGroups'>,
  service: Pick<ServiceRecord, 'settings'> | undefined,
): readonly string[] =>
  targetGroups ?? (service?.settings.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []);

const call = <Output>(cloud: Cloud, operation: string, TargetGroupArn: string, Id: { Port: number }): Promise<Output> =>
  cloud.invoke<Output>('elasticloadbalancing', operation, { TargetGroupArn, Targets: [{ Id: HOST, Port: Id.Port }] });

/** Makes a task a target of its service's load balancers. */
export async function registerTargets(cloud: Cloud, groups: readonly string[], port: number): Promise<void> {
  await Promise.all(groups.map((group) => call(cloud, 'RegisterTargets', group, { Port: port })));
}

/** Takes a task that is gone out of its load balancers. */
export async function deregisterTargets(
  cloud: Cloud,
  groups: readonly string[],
  port: number | undefined,
): Promise<void> {
  if (port === undefined) return;
  const done = groups.map((group) => call(cloud, 'DeregisterTargets', group, { Port: port }));
  for (const result of await Promise.allSettled(done)) {
    if (result.status === 'rejected')
      cloud.log({ source: 'ecs', message: `deregistering a target failed: ${String(result.reason)}` });
  }
}

/** Deregisters a task and waits until its load balancers have drained it. */
export async function drainTargets(cloud: Cloud, groups: readonly string[], port: number | undefined): Promise<void> {
  if (port === undefined) return;
  await deregisterTargets(cloud, groups, port);
  for (const group of groups) {
    while ((await targetState(cloud, group, port)) === 'draining')
      await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** `healthy`, `unhealthy`, `initial`, `draining`, or `unused` for a target (or group) that is not there. */
export async function targetState(cloud: Cloud, targetGroupArn: string, port: number): Promise<string> {
  try {
    const { TargetHealthDescriptions } = await call<{
      TargetHealthDescriptions?: { TargetHealth?: { State?: string } }[];
    }>(cloud, 'DescribeTargetHealth', targetGroupArn, { Port: port });
    return TargetHealthDescriptions?.[0]?.TargetHealth?.State ?? 'unused';
  } catch {
    return 'unused';
  }
}

/** The worst state over all load balancers of a service; `healthy` where there is none. */
export async function taskHealth(
  cloud: Cloud,
  groups: readonly string[],
  port: number | undefined,
): Promise<'healthy' | 'unhealthy' | 'starting'> {
  if (port === undefined) return 'starting';
  const states = await Promise.all(groups.map((group) => targetState(cloud, group, port)));
  if (states.every((state) => state === 'healthy')) return 'healthy';
  return states.includes('unhealthy') ? 'unhealthy' : 'starting';
}
