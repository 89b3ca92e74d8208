import { randomBytes } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-ecs';
import type { Cloud } from '../../cloud.ts';
import { addEvent } from './events.ts';
import type { DeploymentRecord, EcsRecords, ServiceRecord, ShiftRecord } from './records.ts';
import type { ShiftPlan, ShiftStep } from './shifting.ts';

const MINUTE = 60_000;
const DEFAULT_CANARY = { percent: 5, minutes: 10 };

export const isShifting = ({ settings }: Pick<ServiceRecord, 'settings'>): boolean =>
  ['CANARY', 'BLUE_GREEN'].includes(settings.deploymentConfiguration?.strategy ?? '');

/** The shift of a service that is under way. */
export const activeShift = (records: EcsRecords, { cluster, name }: Pick<ServiceRecord, 'cluster' | 'name'>) =>
  records.shifts
    .list(cluster, name)
    .find(({ status }) => status === 'IN_PROGRESS' || status === 'ROLLBACK_IN_PROGRESS');

export function shiftPlan(configuration: sdk.DeploymentConfiguration | undefined, speed: number): ShiftPlan {
  const { strategy, bakeTimeInMinutes = 0, canaryConfiguration } = configuration ?? {};
  const bake = (bakeTimeInMinutes * MINUTE) / speed;
  if (strategy !== 'CANARY') return { bake };
  const { canaryPercent = DEFAULT_CANARY.percent, canaryBakeTimeInMinutes = DEFAULT_CANARY.minutes } =
    canaryConfiguration ?? {};
  return { bake, canary: { percent: canaryPercent, bake: (canaryBakeTimeInMinutes * MINUTE) / speed } };
}

/** The target groups that a service's load balancers move requests between. */
const pairs = ({ settings }: ServiceRecord) =>
  (settings.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration: advanced }) =>
    targetGroupArn ? [{ targetGroupArn, ...advanced }] : [],
  );

/** The groups that the tasks of a deployment are targets of. */
export const groupsOf = (service: ServiceRecord, deployment: DeploymentRecord | undefined): readonly string[] =>
  deployment?.targetGroups ?? pairs(service).map(({ targetGroupArn }) => targetGroupArn);

/** Begins to shift requests to the deployment in front; a shift that was under way ends where it is. */
export function beginShift(cloud: Cloud, records: EcsRecords, service: ServiceRecord): ServiceRecord {
  const [target, former, ...rest] = service.deployments;
  if (target === undefined || former === undefined) return service;
  const running = activeShift(records, service);
  if (running)
    records.shifts.save({ ...running, status: 'STOPPED', reason: 'A newer deployment began', finishedAt: cloud.now() });
  const sourceId = running === undefined || running.percent === 100 ? former.id : running.source;
  const source = service.deployments.find(({ id }) => id === sourceId) ?? former;
  const inUse = groupsOf(service, source);
  const targetGroups = pairs(service).map(({ targetGroupArn, alternateTargetGroupArn = targetGroupArn }) =>
    inUse.includes(targetGroupArn) ? alternateTargetGroupArn : targetGroupArn,
  );
  records.shifts.save({
    id: randomBytes(12).toString('base64url'),
    cluster: service.cluster,
    service: service.name,
    ...{ source: source.id, target: target.id, sourceGroups: inUse, targetGroups },
    hadTasks: records.tasks
      .list(service.cluster)
      .some((task) => task.startedBy === source.id && task.desiredStatus === 'RUNNING'),
    ...{ status: 'IN_PROGRESS', reason: '', stage: 'RECONCILE_SERVICE', percent: 0 },
    ...{ createdAt: cloud.now(), stageSince: cloud.now() },
  });
  return { ...service, deployments: [{ ...target, targetGroups }, former, ...rest] };
}

/** Sends `percent` of the requests to the new side. */
export async function setTraffic(
  cloud: Cloud,
  service: ServiceRecord,
  shift: ShiftRecord,
  percent: number,
): Promise<void> {
  const weigh = (groups: readonly string[], mine: readonly (string | undefined)[], Weight: number) =>
    groups.filter((group) => mine.includes(group)).map((TargetGroupArn) => ({ TargetGroupArn, Weight }));
  for (const { targetGroupArn, alternateTargetGroupArn, productionListenerRule } of pairs(service)) {
    if (!productionListenerRule) continue;
    const mine = [targetGroupArn, alternateTargetGroupArn];
    const TargetGroups = [
      ...weigh(shift.sourceGroups, mine, 100 - percent),
      ...weigh(shift.targetGroups, mine, percent),
    ];
    const Actions = [{ Type: 'forward', ForwardConfig: { TargetGroups } }];
    await cloud.invoke('elasticloadbalancing', 'ModifyRule', { RuleArn: productionListenerRule, Actions });
  }
}

/** What a step makes of a shift and, once it is over, of its service. */
export function afterStep(cloud: Cloud, records: EcsRecords, shift: ShiftRecord, step: ShiftStep): void {
  const { stage, percent, outcome } = step;
  const stageSince = stage === shift.stage ? shift.stageSince : cloud.now();
  const finished = outcome === undefined ? {} : { status: outcome, finishedAt: cloud.now() };
  records.shifts.save({ ...shift, stage, percent, stageSince, ...finished });
  const service = records.services.find(shift.cluster, shift.service);
  if (outcome === undefined || service === undefined) return;
  const survivor = outcome === 'SUCCESSFUL' ? shift.target : shift.source;
  const kept = service.deployments.filter(({ id }) => id === survivor);
  const deployments = kept.map((one) => ({
    ...one,
    status: 'PRIMARY' as const,
    ...{ rolloutState: 'COMPLETED' as const, updatedAt: cloud.now() },
    rolloutStateReason: shift.reason || `ECS deployment ${one.id} completed.`,
  }));
  const taskDefinitionArn = kept[0]?.taskDefinitionArn ?? service.taskDefinitionArn;
  const words = outcome === 'SUCCESSFUL' ? 'has reached a steady state.' : `rolled back: ${shift.reason}`;
  records.services.save(
    addEvent({ ...service, deployments, taskDefinitionArn }, cloud, `(service ${service.name}) ${words}`),
  );
}
