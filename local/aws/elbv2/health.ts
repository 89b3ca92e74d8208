import { request } from 'node:http';
import type { HealthCheck } from './records.ts';

export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unavailable';

/** Health of one target, as DescribeTargetHealth says it, with the run of equal answers that decides what comes next. */
export interface Health {
  readonly state: TargetState;
  readonly reason?: string;
  readonly description?: string;
  readonly successes: number;
  readonly failures: number;
}

/** Answer of one health check. */
export type Probe =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly description: string };

export const REGISTERED: Health = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
  successes: 0,
  failures: 0,
};

export const DRAINING: Health = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
  successes: 0,
  failures: 0,
};

/** State of targets that are not checked: functions, and groups with health checks switched off. */
export const UNCHECKED: Health = {
  state: 'unavailable',
  reason: 'Target.HealthCheckDisabled',
  description: 'Health checks are not enabled for this target',
  successes: 0,
  failures: 0,
};

/**
 * What a health check's answer makes of a target: it turns after as many equal answers in a row as the thresholds say.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function nextHealth(health: Health, probe: Probe, check: HealthCheck): Health {
  if (health.state === 'draining') return health;
  const successes = probe.ok ? health.successes + 1 : 0;
  const failures = probe.ok ? 0 : health.failures + 1;
  if (probe.ok) {
    if (health.state === 'healthy' || successes >= check.healthyThreshold)
      return { state: 'healthy', successes, failures };
    return { ...health, ...(health.state === 'initial' ? CHECKING : {}), successes, failures };
  }
  const { reason, description } = probe;
  if (health.state === 'unhealthy' || failures >= check.unhealthyThreshold) {
    return { state: 'unhealthy', reason, description, successes, failures };
  }
  return { ...health, ...(health.state === 'initial' ? CHECKING : {}), successes, failures };
}

const CHECKING = { reason: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' };

/** Why a check fails where no connection can be made. */
export const NOTHING_LISTENS = 'Target.FailedHealthChecks';

/** Sends one health check. The timeout is the declared one in real time: a slow machine must not look like a sick target. */
export function probe(address: { host: string; port: number }, check: HealthCheck): Promise<Probe> {
  const port = check.port === 'traffic-port' ? address.port : Number(check.port);
  return new Promise((resolve) => {
    const fail = (reason: string, description: string) => resolve({ ok: false, reason, description });
    const outgoing = request(
      {
        host: address.host,
        port,
        path: check.path,
        agent: false,
        headers: { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' },
        signal: AbortSignal.timeout(check.timeout * 1000),
      },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        if (matches(check.matcher, status)) resolve({ ok: true });
        else fail('Target.ResponseCodeMismatch', `Health checks failed with these codes: [${status}]`);
      },
    );
    outgoing.on('error', (error) => {
      if (error.name === 'AbortError' || error.name === 'TimeoutError') fail('Target.Timeout', 'Request timed out');
      else fail(NOTHING_LISTENS, 'Health checks failed');
    });
    outgoing.end();
  });
}

/** Whether a status satisfies `200`, `200,204` or `200-299`. */
export function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [from, to] = part.split('-').map(Number);
    return status === from || (from !== undefined && to !== undefined && status >= from && status <= to);
  });
}
