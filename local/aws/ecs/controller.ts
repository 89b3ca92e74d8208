import type { Cloud } from '../../cloud.ts';
import { advanceShift, type ShiftTools } from './advance-shift.ts';
import { raisedAlarm } from './alarms.ts';
import type { EcsContext, TaskRunner } from './context.ts';
import { BREAKER, breakerTripped, countFailure, giveUp, markComplete } from './deployments.ts';
import { addEvent } from './events.ts';
import type { DeploymentRecord, EcsRecords, ServiceRecord, TaskRecord } from './records.ts';
import { type RollingTask, rollingStep } from './rolling.ts';
import { activeShift, groupsOf } from './shifts.ts';
import { groupsOfTask, taskHealth } from './targets.ts';
import { findTaskDefinition } from './task-definitions.ts';

export interface Controller {
  wake: EcsContext['wake'];
  /** A task changed; a failed one counts against its deployment. */
  taskChanged(task: TaskRecord): void;
  close(): void;
}

/** While something is under way a service is looked at this often, otherwise only its tasks' health is, at the slower pace. Milliseconds. */
const MOVING = 25;
const STEADY = 250;
/** Pause before another task of a deployment whose tasks fail, times the number of failures. */
const BACK_OFF = 100;
/** How long stopped tasks can be described; ECS says about an hour. */
const KEEP_STOPPED = 60 * 60_000;

/** Programs start no faster here than on AWS, so a declared grace period counts in real time up to this long (ms) before `speed` shortens it. */
const REAL_GRACE = 15_000;

export interface ControllerOptions {
  readonly cloud: Cloud;
  readonly records: EcsRecords;
  /** Divides grace periods and bake times. */
  readonly speed: number;
  /** Late, because tasks tell the controller what becomes of them. */
  runner(): TaskRunner;
}

/** Brings every service to its desired tasks: rolling deployments, replacement of what failed, circuit breaker. */
export function createController({ cloud, records, speed, runner }: ControllerOptions): Controller {
  const timers = new Map<string, NodeJS.Timeout>();
  const busy = new Set<string>();
  const again = new Set<string>();
  const countedTasks = new Set<string>();
  let closed = false;
  const keyOf = ({ cluster, name }: Pick<ServiceRecord, 'cluster' | 'name'>): string => `${cluster}/${name}`;

  function schedule(service: Pick<ServiceRecord, 'cluster' | 'name'>, delay: number): void {
    if (closed) return;
    const key = keyOf(service);
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => void look(service), delay),
    );
  }

  async function look(service: Pick<ServiceRecord, 'cluster' | 'name'>): Promise<void> {
    const key = keyOf(service);
    if (busy.has(key)) again.add(key);
    if (busy.has(key) || closed) return;
    busy.add(key);
    let steady = false;
    try {
      steady = await reconcile(service);
    } catch (error) {
      cloud.log({
        source: 'ecs',
        message: `service ${key} could not be reconciled`,
        error: error instanceof Error ? error.stack : String(error),
      });
    } finally {
      busy.delete(key);
    }
    const current = records.services.find(service.cluster, service.name);
    const delay = again.delete(key) ? 0 : steady ? STEADY : MOVING;
    if (current && current.status !== 'INACTIVE') schedule(service, delay);
  }

  /** One look: returns whether nothing is under way. */
  async function reconcile({ cluster, name }: Pick<ServiceRecord, 'cluster' | 'name'>): Promise<boolean> {
    const before = records.services.find(cluster, name);
    if (!before || before.status === 'INACTIVE') return true;
    const all = records.tasks.list(cluster).filter(({ group }) => group === `service:${name}`);
    forget(all);
    const tasks = all.filter(
      ({ desiredStatus, lastStatus }) => desiredStatus === 'RUNNING' && lastStatus !== 'STOPPED',
    );
    const alarm = await raisedAlarm(cloud, before);
    const health = await Promise.all(
      tasks.map((task) =>
        taskHealth(cloud, groupsOfTask(task, before), task.lastStatus === 'RUNNING' ? task.port : undefined),
      ),
    );
    // What the API changed meanwhile counts, not what was read before the wait.
    const service = records.services.find(cluster, name);
    if (!service) return true;
    if (service.status === 'DRAINING' && all.every(({ lastStatus }) => lastStatus === 'STOPPED')) {
      records.services.save({ ...service, status: 'INACTIVE', deployments: [] });
      return true;
    }
    const unhealthy = tasks.filter((task, index) => health[index] === 'unhealthy' && pastGrace(service, task));
    for (const task of unhealthy) stopUnhealthy(service, task);
    // What was just counted against the deployment is not forgotten again.
    const counted = records.services.find(cluster, name) ?? service;
    const rolling = tasks
      .map((task, index): RollingTask & { record: TaskRecord } => ({
        id: task.id,
        deployment: task.startedBy,
        healthy: health[index] === 'healthy',
        record: task,
      }))
      .filter(({ record }) => !unhealthy.includes(record));
    const shift = activeShift(records, counted);
    if (shift === undefined || counted.status !== 'ACTIVE') return advance(counted, rolling, alarm);
    const alive = all.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    await advanceShift({ service: counted, shift, tasks: rolling, alive, alarm }, tools);
    return false;
  }

  function advance(
    service: ServiceRecord,
    tasks: readonly (RollingTask & { record: TaskRecord })[],
    alarm: string | undefined,
  ): boolean {
    const primary = service.deployments[0];
    if (!primary) return true;
    const problem = alarm ?? (breakerTripped(service) ? BREAKER : undefined);
    if (problem !== undefined) {
      records.services.save(giveUp(service, cloud, problem));
      return false;
    }
    const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.settings.deploymentConfiguration ?? {};
    const step = rollingStep({
      primary: primary.id,
      desired: service.desiredCount,
      minimumHealthyPercent,
      maximumPercent,
      tasks,
      failed: primary.rolloutState === 'FAILED',
    });
    if (step.start > 0 && mayStart(primary)) launch(service, primary, step.start);
    for (const id of step.stop) {
      const task = tasks.find((candidate) => candidate.id === id)?.record;
      if (task) stop(task, primary.id);
    }
    if (step.complete && (primary.rolloutState === 'IN_PROGRESS' || service.deployments.length > 1)) {
      records.services.save(
        addEvent(markComplete(service, cloud.now()), cloud, `(service ${service.name}) has reached a steady state.`),
      );
    }
    return step.complete || (primary.rolloutState === 'FAILED' && step.stop.length === 0);
  }

  const mayStart = ({ failedTasks, updatedAt }: DeploymentRecord): boolean =>
    failedTasks === 0 || cloud.now() - updatedAt >= Math.min(failedTasks, 20) * BACK_OFF;

  function launch(service: ServiceRecord, deployment: DeploymentRecord, count: number): void {
    const taskDefinition = findTaskDefinition({ records }, deployment.taskDefinitionArn);
    if (!taskDefinition) return;
    const tags = service.settings.propagateTags === 'SERVICE' ? service.tags : taskDefinition.tags;
    const started = Array.from({ length: count }, () =>
      runner().start({
        cluster: service.cluster,
        taskDefinition,
        group: `service:${service.name}`,
        startedBy: deployment.id,
        targetGroups: groupsOf(service, deployment),
        tags,
      }),
    );
    const ids = started.map(({ id }) => `(task ${id})`).join(' ');
    const current = records.services.find(service.cluster, service.name) ?? service;
    records.services.save(addEvent(current, cloud, `(service ${service.name}) has started ${count} tasks: ${ids}.`));
  }

  function stop(task: TaskRecord, deployment: string): void {
    const reason = `Scaling activity initiated by (deployment ${deployment})`;
    void runner().stop(task, { code: 'ServiceSchedulerInitiated', reason });
  }

  const tools: ShiftTools = { cloud, records, speed, launch, stop, mayStart };

  function stopUnhealthy(service: ServiceRecord, task: TaskRecord): void {
    const group = service.settings.loadBalancers?.[0]?.targetGroupArn ?? '';
    const reason = `Task failed ELB health checks in (target-group ${group})`;
    const current = records.services.find(service.cluster, service.name) ?? service;
    records.services.save(
      addEvent(
        current,
        cloud,
        `(service ${service.name}) (task ${task.id}) failed ELB health checks in (target-group ${group})`,
      ),
    );
    count(task);
    void runner().stop(task, { code: 'ServiceSchedulerInitiated', reason });
  }

  const pastGrace = (service: ServiceRecord, task: TaskRecord): boolean => {
    const grace = (service.settings.healthCheckGracePeriodSeconds ?? 0) * 1000;
    return cloud.now() - (task.startedAt ?? 0) > Math.max(grace / speed, Math.min(grace, REAL_GRACE));
  };

  function count(task: TaskRecord): void {
    const name = task.group.startsWith('service:') ? task.group.slice('service:'.length) : '';
    const service = records.services.find(task.cluster, name);
    if (!service || countedTasks.has(task.id)) return;
    countedTasks.add(task.id);
    records.services.save(countFailure(service, task.startedBy, cloud.now()));
  }

  function forget(tasks: readonly TaskRecord[]): void {
    for (const task of tasks) {
      if (task.lastStatus !== 'STOPPED' || cloud.now() - (task.stoppedAt ?? 0) < KEEP_STOPPED) continue;
      records.tasks.remove(task);
      countedTasks.delete(task.id);
    }
  }

  return {
    wake: (service) => schedule(service, 0),
    taskChanged(task) {
      if (!task.group.startsWith('service:')) return;
      const failed = task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited';
      if (task.lastStatus === 'STOPPED' && failed && !closed) count(task);
      schedule({ cluster: task.cluster, name: task.group.slice('service:'.length) }, 0);
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
