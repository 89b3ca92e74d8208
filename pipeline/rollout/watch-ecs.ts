import type { EcsDeployment, EcsService } from '../ports/ecs.ts';

/** What one look at a service says about the deployment that we started. */
export type Sighting =
  | { readonly state: 'moving'; readonly detail: string }
  | { readonly state: 'stable' }
  | { readonly state: 'failed'; readonly message: string };

/** How many tasks of a deployment may stop before we call it failed; ECS's own circuit breaker never acts before the third. */
export const MAXIMUM_FAILED_TASKS = 3;

/**
 * Judges a service by our deployment and nothing else: a service that is stable on another revision, because the circuit breaker
 * went back or someone else deployed, is a failure of ours.
 */
export function judge(service: EcsService, deploymentId: string, revision: string): Sighting {
  const ours = service.deployments.find(({ id }) => id === deploymentId);
  if (ours === undefined || ours.status !== 'PRIMARY') return { state: 'failed', message: replacedBy(service, ours) };
  if (ours.taskDefinition !== revision) {
    return { state: 'failed', message: `the deployment runs ${ours.taskDefinition} instead of ${revision}` };
  }
  if (ours.rolloutState === 'FAILED') return { state: 'failed', message: ours.rolloutStateReason || 'ECS gave up' };
  if (ours.failedTasks >= MAXIMUM_FAILED_TASKS) {
    return { state: 'failed', message: `${ours.failedTasks} tasks stopped before they were healthy` };
  }
  const complete = ours.rolloutState === 'COMPLETED' && ours.running >= service.desired && service.desired > 0;
  if (complete) return { state: 'stable' };
  return { state: 'moving', detail: `${ours.running} of ${service.desired} tasks run, ${ours.failedTasks} failed` };
}

function replacedBy(service: EcsService, ours: EcsDeployment | undefined): string {
  const primary = service.deployments.find(({ status }) => status === 'PRIMARY');
  const reason = ours?.rolloutStateReason || primary?.rolloutStateReason || service.events[0] || '';
  const now = primary === undefined ? 'no deployment is primary' : `${primary.taskDefinition} serves instead`;
  return `ECS replaced our deployment: ${now}${reason === '' ? '' : ` (${reason})`}`;
}
