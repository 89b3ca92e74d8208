import { baseUrl, type Project } from '../manifest/names.ts';
import { applyPlan } from './apply.ts';
import { announce, DEFAULT_LOCK_WAIT_MS, draftRelease } from './deploy.ts';
import type { DeploymentFailure } from './failure.ts';
import type { Freeze } from './ledger.ts';
import { type HeldLock, takeLock } from './lock.ts';
import type { MoveSeconds } from './moves.ts';
import { type Observed, observeSettled } from './observe.ts';
import { type Plan, planRollback } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { chosenRelease, previousRelease, type RollbackTarget } from './target.ts';
import type { Release } from './types.ts';

export interface RollbackRequest {
  readonly project: Pick<Project, 'domain' | 'urlPattern'>;
  readonly environment: string;
  /** Release id or commit prefix (at least seven characters); empty: the release before the current one. */
  readonly target: string;
  readonly actor: string;
  readonly reason: string;
  readonly lockWaitMs?: number;
}

export type RollbackResult =
  | {
      readonly outcome: 'rolled back';
      readonly release: Release;
      readonly from: Release;
      readonly to: Release;
      readonly plan: Plan;
      readonly seconds: MoveSeconds;
      readonly url: string;
      readonly warnings: readonly string[];
    }
  | { readonly outcome: 'already there'; readonly release: Release; readonly to: Release; readonly url: string }
  | { readonly outcome: 'refused'; readonly environment: string; readonly problems: readonly string[] }
  | {
      readonly outcome: 'failed';
      readonly release: Release;
      readonly to: Release;
      readonly plan: Plan;
      readonly failure: DeploymentFailure;
      readonly url: string;
    };

/**
 * Brings every service back to the revisions of an earlier release: no build, no Terraform. From here on automatic deployments are
 * frozen, whatever comes of it, because a rollback that the next merge undoes is none.
 */
export async function rollback(request: RollbackRequest, ports: ReleasePorts): Promise<RollbackResult> {
  const { environment, actor, reason } = request;
  const waitMs = request.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS;
  const locked = await takeLock(
    { environment, holder: actor, reason: `rollback: ${reason}`, waitMs },
    { ...ports, onProgress: ports.progress.line },
  );
  if (!locked.ok) return { outcome: 'refused', environment, problems: [locked.problem] };
  try {
    return await rollbackLocked(request, locked.lock, ports);
  } finally {
    await locked.lock.release();
  }
}

async function rollbackLocked(request: RollbackRequest, lock: HeldLock, ports: ReleasePorts): Promise<RollbackResult> {
  const { environment } = request;
  const observed = await observeSettled(environment, ports);
  const { headRelease: head, control, templates, serving } = observed;
  if (head === undefined)
    return refused(environment, `${environment} has no release yet, so there is none to go back to`);

  ports.progress.phase('plan');
  const target = await findTarget(request.target, head, observed, ports);
  if (!target.ok) return refused(environment, target.problem);
  const to = target.release;
  const planned = planRollback({ environment, to, templates, head, serving });
  if (!planned.ok) return { outcome: 'refused', environment, problems: planned.problems };
  await freeze(request, ports);

  const url = baseUrl(request.project, environment);
  const { plan } = planned;
  const restores = to.restores ?? to.id;
  if (plan.moves.length === 0 && (head.restores ?? head.id) === restores)
    return { outcome: 'already there', release: head, to, url };
  ports.progress.line(`Release ${head.id} -> ${to.id}: ${plan.moves.map(({ service }) => service).join(', ')}`);
  const draft = draftRelease(
    { ...request, commit: to.commit, kind: 'rollback', previous: head.id, restores },
    ports.clock.now(),
  );
  const result = await applyPlan({ plan, draft, head: control.head, templates, baseUrl: url, lock }, ports);
  if (!result.ok) return { outcome: 'failed', release: result.release, to, plan, failure: result.failure, url };
  const warnings = [...plan.notes, ...(await announce(result.release, url, ports))];
  return {
    outcome: 'rolled back',
    release: result.release,
    from: head,
    to,
    plan,
    seconds: result.seconds,
    url,
    warnings,
  };
}

const refused = (environment: string, problem: string): RollbackResult => ({
  outcome: 'refused',
  environment,
  problems: [problem],
});

async function findTarget(
  wanted: string,
  head: Release,
  { releases }: Observed,
  { ledger }: ReleasePorts,
): Promise<RollbackTarget> {
  const find = async (id: string) =>
    releases.find((release) => release.id === id) ?? ledger.release(head.environment, id);
  if (wanted === '') return previousRelease(head, find);
  const exact = await find(wanted);
  return chosenRelease(wanted, exact === undefined ? releases : [exact]);
}

async function freeze({ environment, actor, reason }: RollbackRequest, { ledger, clock }: ReleasePorts): Promise<void> {
  await ledger.freeze(environment, { by: actor, reason, since: new Date(clock.now()).toISOString() });
}

export type ResumeResult =
  | { readonly outcome: 'resumed'; readonly environment: string; readonly freeze: Freeze }
  | { readonly outcome: 'not frozen'; readonly environment: string };

/** Lets automatic deployments happen again. */
export async function resume(environment: string, { ledger }: Pick<ReleasePorts, 'ledger'>): Promise<ResumeResult> {
  const freeze = await ledger.resume(environment);
  return freeze === undefined ? { outcome: 'not frozen', environment } : { outcome: 'resumed', environment, freeze };
}
