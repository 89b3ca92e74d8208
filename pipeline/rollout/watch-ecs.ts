import type { EcsDeployment, EcsService, ServiceDeployment } from '../ports/ecs.ts';

/** What one look at a service says about the deployment that we started. */
export type Sighting =
  | { readonly state: 'moving'; readonly detail: string }
  | { readonly state: 'stable' }
  | { readonly state: 'failed'; readonly message: string };

/** How many tasks of a deployment may stop before we call it failed; ECS's own circuit breaker never acts before the third. */
export const MAXIMUM_FAILED_TASKS = 3;

const failed = (message: string): Sighting => ({ state: 'failed', message });

/**
 * Judges a service by our deployment and nothing else: a service that is stable on another revision, because the circuit breaker
 * went back or someone else deployed, is a failure of ours.
 * @param mayBeIdle its tasks were seen to run, and it is one that autoscaling brings down to none when nothing waits for it
 */
export function judge(service: EcsService, deploymentId: string, revision: string, mayBeIdle = false): Sighting {
  if (service.status !== 'ACTIVE') return failed(`the service is ${service.status}`);
  const ours = service.deployments.find(({ id }) => id === deploymentId);
  if (ours === undefined || ours.status !== 'PRIMARY') return failed(replacedBy(service, ours));
  if (ours.taskDefinition !== revision) {
    return failed(`the deployment runs ${ours.taskDefinition} instead of ${revision}`);
  }
  if (ours.rolloutState === 'FAILED') return failed(ours.rolloutStateReason || 'ECS gave up');
  if (ours.failedTasks >= MAXIMUM_FAILED_TASKS) {
    return failed(`${ours.failedTasks} tasks stopped before they were healthy`);
  }
  if (service.desired === 0 && !mayBeIdle) return failed('the service was scaled to zero while it moved');
  if (ours.rolloutState === 'COMPLETED' && ours.running >= service.desired) return { state: 'stable' };
  const failures = ours.failedTasks === 0 ? '' : `, ${ours.failedTasks} failed`;
  return { state: 'moving', detail: `${ours.running} of ${service.desired} tasks run${failures}` };
}

function replacedBy(service: EcsService, ours: EcsDeployment | undefined): string {
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
  const reason = ours?.rolloutStateReason || primary?.rolloutStateReason || service.events[0] || '';
  const now = primary === undefined ? 'no deployment is primary' : `${primary.taskDefinition} serves instead`;
  return `ECS replaced our deployment: ${now}${reason === '' ? '' : ` (${reason})`}`;
}

/** Stages of a service deployment, in words for the log. */
const STAGES: Readonly<Record<string, string>> = {
  RECONCILE_SERVICE: 'clearing up an earlier deployment',
  SCALE_UP: 'starting beside the old revision',
  PRODUCTION_TRAFFIC_SHIFT: 'taking over traffic',
  BAKE_TIME: 'baking: all traffic is on the new revision, the old one stands by',
  CLEAN_UP: 'ending the old revision',
};

/**
 * The same for canary and blue/green, where ECS moves traffic itself: it counts once ECS calls the whole deployment successful, bake
 * time included, and its own view of the service agrees.
 */
export function judgeShift(sighting: Sighting, shift: ServiceDeployment | undefined): Sighting {
  if (shift !== undefined && /ROLLBACK|STOP/.test(shift.status)) {
    return failed(`ECS went back (${shift.status}): ${shift.reason || 'without a reason'}`);
  }
  if (sighting.state === 'failed' || shift === undefined) {
    return sighting.state === 'failed' ? sighting : { state: 'moving', detail: 'waiting for ECS to begin' };
  }
  if (shift.status === 'SUCCESSFUL') return sighting;
  const words = STAGES[shift.stage] ?? shift.stage.toLowerCase().replaceAll('_', ' ');
  const detail = sighting.state === 'moving' ? `, ${sighting.detail}` : '';
  return { state: 'moving', detail: `${words}, ${shift.trafficPercent} % of the traffic${detail}` };
}
