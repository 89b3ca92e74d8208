import { randomBytes } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import { addEvent } from './events.ts';
import type { DeploymentRecord, ServiceRecord } from './records.ts';
import { breakerThreshold } from './rolling.ts';

/** A deployment that has just begun. */
export function newDeployment(taskDefinitionArn: string, now: number, reason?: string): DeploymentRecord {
  const id = `ecs-svc/${BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString()
    .padStart(19, '0')
    .slice(0, 19)}`;
  return {
    id,
    status: 'PRIMARY',
    taskDefinitionArn,
    createdAt: now,
    updatedAt: now,
    failedTasks: 0,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: reason ?? `ECS deployment ${id} in progress.`,
  };
}

/** Requests stay with the target groups that they go to now, unless they are shifted. */
const groupsLike = (deployment: DeploymentRecord | undefined): Pick<DeploymentRecord, 'targetGroups'> =>
  deployment?.targetGroups ? { targetGroups: deployment.targetGroups } : {};

/** Puts a deployment in front; the one that was PRIMARY goes on as ACTIVE until its tasks are gone. */
export function withDeployment(service: ServiceRecord, deployment: DeploymentRecord): ServiceRecord {
  const others = service.deployments.map((other) => ({ ...other, status: 'ACTIVE' as const }));
  const front = { ...groupsLike(service.deployments[0]), ...deployment };
  return { ...service, taskDefinitionArn: deployment.taskDefinitionArn, deployments: [front, ...others] };
}

export function markComplete(service: ServiceRecord, now: number): ServiceRecord {
  const [primary] = service.deployments;
  if (!primary) return service;
  const rolloutStateReason = `ECS deployment ${primary.id} completed.`;
  return { ...service, deployments: [{ ...primary, updatedAt: now, rolloutState: 'COMPLETED', rolloutStateReason }] };
}

/** A task of a deployment stopped before the deployment was complete. */
export function countFailure(service: ServiceRecord, deployment: string, now: number): ServiceRecord {
  const deployments = service.deployments.map((candidate) =>
    candidate.id === deployment && candidate.rolloutState === 'IN_PROGRESS'
      ? { ...candidate, failedTasks: candidate.failedTasks + 1, updatedAt: now }
      : candidate,
  );
  return { ...service, deployments };
}

export function breakerTripped(service: ServiceRecord): boolean {
  const [primary] = service.deployments;
  const breaker = service.settings.deploymentConfiguration?.deploymentCircuitBreaker;
  if (!primary || !breaker?.enable || primary.rolloutState !== 'IN_PROGRESS') return false;
  return primary.failedTasks >= breakerThreshold(service.desiredCount);
}

export const BREAKER = 'ECS deployment circuit breaker: tasks failed to start.';

/** What the circuit breaker and alarms do: the deployment has failed; with `rollback`, the last one that was complete is deployed again. */
export function giveUp(service: ServiceRecord, cloud: Pick<Cloud, 'now'>, problem: string): ServiceRecord {
  const [primary, ...others] = service.deployments;
  if (!primary) return service;
  const failed: DeploymentRecord = {
    ...primary,
    rolloutState: 'FAILED',
    updatedAt: cloud.now(),
    rolloutStateReason: problem,
  };
  const good = others.find(({ rolloutState }) => rolloutState === 'COMPLETED');
  const stopped = addEvent(
    { ...service, deployments: [failed, ...others] },
    cloud,
    `(service ${service.name}) (deployment ${primary.id}) deployment failed: ${problem}`,
  );
  if (!service.settings.deploymentConfiguration?.deploymentCircuitBreaker?.rollback || !good) return stopped;
  const reason = `${problem} Rolling back to deploymentId ${good.id}.`;
  const back = { ...newDeployment(good.taskDefinitionArn, cloud.now(), reason), ...groupsLike(good) };
  return addEvent(
    withDeployment(stopped, back),
    cloud,
    `(service ${service.name}) rolling back to deployment ${good.id}.`,
  );
}
