import { bakeMinutes, isShifted } from '../manifest/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ecs, EcsService, ServiceDeployment } from '../ports/ecs.ts';
import type { ServiceTemplate } from '../release/template.ts';
import { allTargets, askHealth, type EvidencePorts, gatherEvidence } from './ecs-evidence.ts';
import { strategyFor } from './ecs-strategy.ts';
import { failed, type MoveResult, type Mover, type Say, type Target } from './mover.ts';
import { follow, type Look, type RolloutPace } from './pace.ts';
import { createSteady, SCALED_IN } from './steady.ts';
import { shortRevision, taskDefinitionInput } from './task-definition.ts';
import { judge, judgeShift } from './watch-ecs.ts';

export interface EcsMoverPorts extends EvidencePorts {
  readonly clock: Clock;
  readonly pace: RolloutPace;
}

/** Looks at a service for each look at what its sick targets answer. */
const ASK_EVERY = 8;

/** A canary or blue/green deployment in one of these states moves no more. */
const SETTLED = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

interface Watching {
  readonly deploymentId: string;
  readonly revision: string;
  /** Requests are shifted: whether a canary or blue/green deployment is ours, and not an earlier one. */
  readonly isOurShift?: (shift: ServiceDeployment) => boolean;
  readonly signal: AbortSignal;
  readonly say: Say;
}

/** `web` and `worker`: an ECS service moves by a deployment that ECS carries out: task by task, or by shifting requests. */
export function createEcsServiceMover(template: ServiceTemplate, ports: EcsMoverPorts): Mover {
  const { ecs, clock, pace } = ports;
  const address = { cluster: template.cluster, service: template.serviceName };
  const shifted = isShifted(template.rollout);

  /** Follows a deployment; on failure the evidence is gathered before anything goes back. */
  async function watch({ deploymentId, revision, isOurShift, signal, say }: Watching): Promise<MoveResult> {
    let healthAnswer: string | undefined;
    let askedAt = clock.now();
    let ran = false;
    const steady = createSteady(template, ports, revision);
    const look = async (): Promise<Look> => {
      // The service is read last: whatever happened to it after its shift was successful counts.
      const shift = isOurShift && (await newestShift(isOurShift));
      const service = await ecs.describeService(address);
      if (service === undefined) return { state: 'failed', message: `ECS service ${template.serviceName} is gone` };
      const mayRest = template.scalesToZero === true && service.desired === 0;
      ran ||= mayRest && (await hasRested(revision));
      const own = judge(service, deploymentId, revision, ran && mayRest);
      ran ||= own.state === 'stable';
      const seen = isOurShift === undefined ? own : judgeShift(own, shift);
      if (seen.state === 'failed') return seen;
      if (clock.now() - askedAt >= ASK_EVERY * pace.pollMs) {
        healthAnswer = (await askHealth(template, ports).catch(() => undefined)) ?? healthAnswer;
        askedAt = clock.now();
      }
      if (seen.state === 'moving') return seen;
      const unhealthy = await missingTargets(template, ports, service);
      if (unhealthy !== undefined) return { state: 'moving', detail: unhealthy };
      return steady();
    };
    const bakeMs = bakeMinutes(template.rollout) * 60_000;
    const result = await follow(look, { clock, pace, bakeMs, signal, say });
    if (result.ok) return result;
    const evidence = await gatherEvidence(template, revision, ports);
    return failed({ ...result.failure, ...(healthAnswer === undefined ? {} : { healthAnswer }), ...evidence });
  }

  /** Whether a task of the revision ran until nothing was left to do, which may be over before the first look. */
  async function hasRested(revision: string): Promise<boolean> {
    const stopped = await ecs.stoppedTasks(address);
    return stopped.some((task) => task.taskDefinition === revision && task.stoppedReason.startsWith(SCALED_IN));
  }

  async function newestShift(isOurs: (shift: ServiceDeployment) => boolean): Promise<ServiceDeployment | undefined> {
    const newest = await ecs.serviceDeployment(address);
    return newest !== undefined && isOurs(newest) ? newest : undefined;
  }

  /** A shift that is under way away from `revision` is taken back by ECS: the old tasks still run, so this takes seconds. */
  async function takeBack(before: EcsService | undefined, revision: string): Promise<EcsService | undefined> {
    const primary = before?.deployments.find(({ status }) => status === 'PRIMARY');
    const stillRuns = before?.deployments.some((one) => one.status === 'ACTIVE' && one.taskDefinition === revision);
    if (!shifted || primary?.rolloutState !== 'IN_PROGRESS' || !stillRuns) return before;
    const deadline = clock.now() + pace.timeoutMs;
    for (let asked = false; clock.now() < deadline; await clock.sleep(pace.pollMs)) {
      const shift = await ecs.serviceDeployment(address);
      if (shift === undefined || SETTLED.includes(shift.status)) break;
      if (!asked && ['PENDING', 'IN_PROGRESS'].includes(shift.status)) await ecs.rollBackDeployment(shift.arn);
      asked = true;
    }
    return ecs.describeService(address);
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
      if (target.revision !== undefined && revision === undefined) {
        return `task definition ${shortRevision(target.revision)} does not exist any more`;
      }
      return undefined;
    },
    async prepare(target) {
      if (target.revision !== undefined) return reviveIfNeeded(ecs, target, target.revision);
      const input = taskDefinitionInput(template.taskDefinition, template.repositoryUrl, target);
      return { ...target, revision: await ecs.register(input), isNew: true };
    },
    async move(target, signal, say = () => undefined) {
      const revision = revisionOf(target, template.service);
      const before = await takeBack(await ecs.describeService(address), revision);
      const earlier = shifted ? await ecs.serviceDeployment(address) : undefined;
      // Terraform creates a service with no tasks; afterwards the count belongs to whoever scales it.
      const first = (before?.desired ?? 0) === 0 ? { desiredCount: template.desiredCount } : {};
      const strategy = strategyFor(template, target, before);
      const service = await ecs.updateService(address, { taskDefinition: revision, ...first, ...strategy });
      const ours = service.deployments.find(({ status }) => status === 'PRIMARY');
      if (ours === undefined) return failed({ message: `ECS started no deployment of ${template.serviceName}` });
      // A deployment that was there before is that of a run that died: its shift is the newest one.
      const isNew = before?.deployments.every(({ id }) => id !== ours.id) ?? true;
      const isOurShift = (shift: ServiceDeployment) => !isNew || shift.arn !== earlier?.arn;
      const watching = { deploymentId: ours.id, revision, signal, say };
      return watch(shifted && ours.rolloutState !== 'COMPLETED' ? { ...watching, isOurShift } : watching);
    },
    explain: (revision) => gatherEvidence(template, revision, ports),
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
async function missingTargets(template: ServiceTemplate, { observe }: EcsMoverPorts, { desired }: EcsService) {
  if (template.targetGroupArn === undefined) return undefined;
  const healthy = (await allTargets(template, observe)).filter(({ state }) => state === 'healthy').length;
  return healthy >= desired ? undefined : `${healthy} of ${desired} targets are healthy`;
}

/** A revision that somebody deregistered starts no tasks any more, but ECS still knows what it was: it is registered once more. */
async function reviveIfNeeded(ecs: Ecs, target: Target, revision: string): Promise<Target> {
  const known = await ecs.describeTaskDefinition(revision);
  if (known === undefined || known.active) return target;
  return { ...target, revision: await ecs.register(known.input) };
}
