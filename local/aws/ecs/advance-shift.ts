import type { Cloud } from '../../cloud.ts';
import type { DeploymentRecord, EcsRecords, ServiceRecord, ShiftRecord, TaskRecord } from './records.ts';
import type { RollingTask } from './rolling.ts';
import { shiftStep } from './shifting.ts';
import { afterStep, setTraffic, shiftPlan } from './shifts.ts';

export interface ShiftTools {
  readonly cloud: Cloud;
  readonly records: EcsRecords;
  /** Divides bake times. */
  readonly speed: number;
  launch(service: ServiceRecord, deployment: DeploymentRecord, count: number): void;
  stop(task: TaskRecord, deployment: string): void;
  mayStart(deployment: DeploymentRecord): boolean;
}

export interface ShiftSight {
  readonly service: ServiceRecord;
  readonly shift: ShiftRecord;
  /** Tasks that are not on their way out. */
  readonly tasks: readonly (RollingTask & { readonly record: TaskRecord })[];
  /** Tasks that have not stopped. */
  readonly alive: readonly TaskRecord[];
  /** Why the deployment has to go back, when it has to. */
  readonly alarm: string | undefined;
}

/** Takes a canary or blue/green deployment one step further. */
export async function advanceShift(sight: ShiftSight, tools: ShiftTools): Promise<void> {
  const { cloud, records, speed, launch, stop, mayStart } = tools;
  const { service, tasks, alive } = sight;
  const shift = sight.alarm === undefined ? sight.shift : goBack(records, sight.shift, sight.alarm);
  const side = (deployment: string) => tasks.filter((task) => task.deployment === deployment);
  const count = (deployment: string) => ({
    all: side(deployment).length,
    healthy: side(deployment).filter(({ healthy }) => healthy).length,
  });
  const others = alive.filter(({ startedBy }) => startedBy !== shift.source && startedBy !== shift.target);
  const step = shiftStep({
    plan: shiftPlan(service.settings.deploymentConfiguration, speed),
    stage: shift.stage,
    elapsed: cloud.now() - shift.stageSince,
    isGoingBack: shift.status === 'ROLLBACK_IN_PROGRESS',
    desired: service.desiredCount,
    desiredSource: shift.hadTasks ? service.desiredCount : 0,
    target: count(shift.target),
    source: count(shift.source),
    others: others.length,
  });
  if (step.percent !== shift.percent || step.outcome !== undefined)
    await setTraffic(cloud, service, shift, step.percent);
  const ending = {
    target: side(shift.target).map(({ record }) => record),
    source: side(shift.source).map(({ record }) => record),
    others,
  };
  for (const which of step.stop) {
    for (const task of ending[which].filter(({ desiredStatus }) => desiredStatus === 'RUNNING'))
      stop(task, shift.target);
  }
  for (const [id, wanted] of [
    [shift.target, step.startTarget],
    [shift.source, step.startSource],
  ] as const) {
    const deployment = service.deployments.find((one) => one.id === id);
    if (deployment !== undefined && wanted > 0 && mayStart(deployment)) launch(service, deployment, wanted);
  }
  // Whoever asked for a rollback while requests were moved is heard at the next look.
  const current = records.shifts.find(shift.cluster, shift.service, shift.id) ?? shift;
  if (current.status === shift.status) afterStep(cloud, records, shift, step);
  else records.shifts.save({ ...current, percent: step.percent });
}

function goBack(records: EcsRecords, shift: ShiftRecord, alarm: string): ShiftRecord {
  if (shift.status !== 'IN_PROGRESS' || shift.stage === 'CLEAN_UP') return shift;
  return records.shifts.save({ ...shift, status: 'ROLLBACK_IN_PROGRESS', reason: alarm });
}
