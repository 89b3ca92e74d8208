import type { Ecs } from '../ports/ecs.ts';
import type { HttpResponse, SendHttp } from '../ports/http.ts';
import type { Observe, TargetHealth } from '../ports/observe.ts';
import type { ServiceTemplate } from '../release/template.ts';
import type { Evidence } from './mover.ts';
import { redact } from './redact.ts';
import { logLocation } from './task-definition.ts';

export interface EvidencePorts {
  readonly ecs: Ecs;
  readonly observe: Observe;
  readonly send: SendHttp;
}

const LOG_LINES = 20;
const BODY_CHARACTERS = 300;
const ASK_TIMEOUT_MS = 2_000;

/** Gathers why a revision does not serve; an answer that cannot be had is left out, because the failure itself matters more. */
export async function gatherEvidence(
  template: ServiceTemplate,
  revision: string,
  { ecs, observe, send }: EvidencePorts,
): Promise<Evidence> {
  const location = logLocation(template.taskDefinition);
  const address = { cluster: template.cluster, service: template.serviceName };
  const stopped = (await ecs.stoppedTasks(address).catch(() => [])).find(
    ({ taskDefinition }) => taskDefinition === revision,
  );
  const streamPrefix = `${location?.streamPrefix ?? ''}${stopped?.id ?? ''}`;
  const [logs, targets] = await Promise.all([
    location === undefined
      ? []
      : observe.lastLogLines({ group: location.group, streamPrefix, lines: LOG_LINES }).catch(() => []),
    allTargets(template, observe).catch(() => []),
  ]);
  const exit = stopped?.exitCode === undefined ? '' : ` (exit code ${stopped.exitCode})`;
  const sick = targets.filter(({ state }) => state !== 'healthy');
  const healthAnswer = await askSick(template, sick, send);
  return {
    ...(stopped === undefined ? {} : { stoppedReason: `${stopped.stoppedReason}${exit}` }),
    ...(sick.length === 0 ? {} : { health: sick.map((t) => `${t.target} ${t.state} ${t.reason}`.trim()) }),
    ...(healthAnswer === undefined ? {} : { healthAnswer }),
    ...(logs.length === 0 ? {} : { logs: logs.map(redact) }),
  };
}

/** What a target that is not healthy answers to its health check when we ask it; undefined when there is none, or nothing to ask. */
export async function askHealth(
  template: ServiceTemplate,
  { observe, send }: Pick<EvidencePorts, 'observe' | 'send'>,
): Promise<string | undefined> {
  const targets = await allTargets(template, observe);
  return askSick(
    template,
    targets.filter(({ state }) => state === 'unhealthy'),
    send,
  );
}

async function askSick({ health }: ServiceTemplate, sick: readonly TargetHealth[], send: SendHttp) {
  const target = sick.find(({ state }) => state !== 'draining');
  if (health === undefined || target === undefined) return undefined;
  const url = `http://${target.target}${health}`;
  return send({ method: 'GET', url, timeoutMs: ASK_TIMEOUT_MS }).then(
    (answer) => `GET ${url} -> ${answerWords(answer)}`,
    // A runner outside the network cannot reach a task; what the load balancer says has to do.
    () => undefined,
  );
}

function answerWords({ status, body }: HttpResponse): string {
  const start = redact(body.replaceAll(/\s+/g, ' ').trim());
  return `${status}: ${start.length > BODY_CHARACTERS ? `${start.slice(0, BODY_CHARACTERS)}...` : start || '(empty body)'}`;
}

/** The targets of a service in both of its groups. */
export async function allTargets(template: ServiceTemplate, observe: Observe): Promise<readonly TargetHealth[]> {
  const groups = [template.targetGroupArn, template.alternateTargetGroupArn].filter((arn) => arn !== undefined);
  return (await Promise.all(groups.map((group) => observe.targetHealth(group)))).flat();
}
