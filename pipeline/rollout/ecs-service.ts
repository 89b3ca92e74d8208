import type { Clock } from '../ports/clock.ts';
import type { Ecs, EcsService } from '../ports/ecs.ts';
import type { Observe } from '../ports/observe.ts';
import type { ServiceTemplate } from '../release/template.ts';
import { failed, type MoveResult, type Mover, moved, type RolloutFailure, type Target } from './mover.ts';
import { logLocation, shortRevision, taskDefinitionInput } from './task-definition.ts';
import { judge } from './watch-ecs.ts';

export interface RolloutPace {
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** Milliseconds after which a rollout that is still moving has failed. */
  readonly timeoutMs: number;
}

export interface EcsMoverPorts {
  readonly ecs: Ecs;
  readonly observe: Observe;
  readonly clock: Clock;
  readonly pace: RolloutPace;
}

const LOG_LINES = 20;

/** `web` and `worker`: an ECS service moves by a rolling deployment. */
export function createEcsServiceMover(template: ServiceTemplate, ports: EcsMoverPorts): Mover {
  const { ecs, clock, pace } = ports;
  const address = { cluster: template.cluster, service: template.serviceName };

  async function watch(deploymentId: string, revision: string, signal: AbortSignal): Promise<MoveResult> {
    const deadline = clock.now() + pace.timeoutMs;
    let detail = '';
    while (clock.now() < deadline) {
      const service = await ecs.describeService(address);
      if (service === undefined) return failed({ message: `ECS service ${template.serviceName} is gone` });
      const sighting = judge(service, deploymentId, revision);
      if (sighting.state === 'failed') return failed({ message: sighting.message });
      if (sighting.state === 'stable') {
        const unhealthy = await missingTargets(template, ports.observe, service);
        if (unhealthy === undefined) return moved(revision);
        detail = unhealthy;
      } else detail = sighting.detail;
      await clock.sleep(pace.pollMs, signal);
    }
    return failed({ message: `not stable after ${Math.round(pace.timeoutMs / 1000)} s: ${detail}` });
  }

  return {
    async serving() {
      return (await ecs.describeService(address))?.taskDefinition || undefined;
    },
    async prove(target) {
      const [service, revision] = await Promise.all([
        ecs.describeService(address),
        target.revision === undefined ? undefined : ecs.describeTaskDefinition(target.revision),
      ]);
      if (service?.status !== 'ACTIVE')
        return `ECS service ${template.serviceName} does not exist; run the provision action`;
      if (target.revision !== undefined && !revision?.active) {
        return `task definition ${shortRevision(target.revision)} is not active any more`;
      }
      return undefined;
    },
    async prepare(target) {
      if (target.revision !== undefined) return target;
      const input = taskDefinitionInput(template.taskDefinition, template.repositoryUrl, target);
      return { ...target, revision: await ecs.register(input) };
    },
    async move(target, signal) {
      const revision = revisionOf(target, template.service);
      const before = await ecs.describeService(address);
      // Terraform creates a service with no tasks; afterwards the count belongs to whoever scales it.
      const first = (before?.desired ?? 0) === 0 ? { desiredCount: template.desiredCount } : {};
      const service = await ecs.updateService(address, { taskDefinition: revision, ...first });
      const ours = service.deployments.find(({ status }) => status === 'PRIMARY');
      if (ours === undefined) return failed({ message: `ECS started no deployment of ${template.serviceName}` });
      const result = await watch(ours.id, revision, signal);
      return result.ok ? result : failed({ ...result.failure, ...(await evidence(template, ports, revision)) });
    },
    async withdraw() {
      await ecs.updateService(address, { desiredCount: 0 });
    },
  };
}

function revisionOf(target: Target, service: string): string {
  if (target.revision === undefined) throw new Error(`${service} is moved to a revision that was not prepared`);
  return target.revision;
}

/** ECS says "completed" from its own view; the load balancer has to agree. Resolves to what is missing. */
async function missingTargets(
  { targetGroupArn }: ServiceTemplate,
  observe: Observe,
  { desired }: EcsService,
): Promise<string | undefined> {
  if (targetGroupArn === undefined) return undefined;
  const targets = await observe.targetHealth(targetGroupArn);
  const healthy = targets.filter(({ state }) => state === 'healthy').length;
  return healthy >= desired ? undefined : `${healthy} of ${desired} targets are healthy`;
}

/** Gathers why; an answer that cannot be had is left out, because the failure itself matters more. */
async function evidence(
  template: ServiceTemplate,
  { ecs, observe }: EcsMoverPorts,
  revision: string,
): Promise<Partial<RolloutFailure>> {
  const location = logLocation(template.taskDefinition);
  const stopped = (
    await ecs.stoppedTasks({ cluster: template.cluster, service: template.serviceName }).catch(() => [])
  ).find(({ taskDefinition }) => taskDefinition === revision);
  const streamPrefix = `${location?.streamPrefix ?? ''}${stopped?.id ?? ''}`;
  const [logs, targets] = await Promise.all([
    location === undefined
      ? []
      : observe.lastLogLines({ group: location.group, streamPrefix, lines: LOG_LINES }).catch(() => []),
    template.targetGroupArn === undefined ? [] : observe.targetHealth(template.targetGroupArn).catch(() => []),
  ]);
  const exit = stopped?.exitCode === undefined ? '' : ` (exit code ${stopped.exitCode})`;
  const health = targets
    .filter(({ state }) => state !== 'healthy')
    .map((t) => `${t.target} ${t.state} ${t.reason}`.trim());
  return {
    ...(stopped === undefined ? {} : { stoppedReason: `${stopped.stoppedReason}${exit}` }),
    ...(health.length === 0 ? {} : { health }),
    ...(logs.length === 0 ? {} : { logs }),
  };
}
