import { baseUrl } from '../manifest/names.ts';
import type { PredictionOrder } from '../predictions/step.ts';
import type { PredictionPolicy } from '../predictions/types.ts';
import { type ApplyResult, applyPlan } from './apply.ts';
import { announce, draftRelease } from './draft.ts';
import type { Freeze } from './ledger.ts';
import { type HeldLock, takeLock } from './lock.ts';
import { type Observed, observe } from './observe.ts';
import type { Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { recordEntry } from './record.ts';
import { offer, restorableReleases } from './restorable.ts';
import { type Chosen, chooseTarget, isThere, planBack, type RollbackRequest, whatItMakes } from './rollback-plan.ts';
import { type RollbackResult, refused, summaryOf } from './rollback-result.ts';
import { abandonInterrupted, settleInterrupted } from './settle.ts';
import type { Release } from './types.ts';

export type { RollbackRequest } from './rollback-plan.ts';
export type { RollbackResult } from './rollback-result.ts';

/** A deployment that is asked to stop does so at once, another rollback takes its time. */
const ROLLBACK_WAIT_MS = 10 * 60_000;

/**
 * Brings every service back to the revisions of an earlier release: no build, no Terraform. A deployment under way is stopped. From
 * here on automatic deployments are frozen, whatever comes of it, because a rollback that the next merge undoes is none.
 */
export async function rollback(request: RollbackRequest, ports: ReleasePorts): Promise<RollbackResult> {
  const started = ports.clock.now();
  const result = await attempt(request, ports);
  const { environment } = request;
  await recordEntry({ environment, kind: 'rollback', ...summaryOf(result) }, request, { ports, started });
  return result;
}

async function attempt(request: RollbackRequest, ports: ReleasePorts): Promise<RollbackResult> {
  const { environment, actor, reason, takeOver = false } = request;
  const chosen = await chooseTarget(request, ports);
  if (!chosen.ok) return refuseTarget(environment, chosen, ports);
  const { control } = chosen.looked;
  // Before the lock is asked for: a deployment that waits for it, too, must not slip in between.
  await freeze(request, control.freeze, ports);
  const locked = await takeLock(
    {
      environment,
      holder: actor,
      purpose: 'rollback',
      reason: `rollback: ${reason}`,
      waitMs: request.lockWaitMs ?? ROLLBACK_WAIT_MS,
      stop: takeOver ? 'any' : 'deploy',
    },
    { ...ports, onProgress: ports.progress.line },
  );
  if (!locked.ok) return refused(environment, [locked.problem, 'automatic deployments are frozen already']);
  try {
    const result = await rollbackLocked({ request, to: chosen.release, lock: locked.lock }, ports);
    if (result.outcome === 'refused' && control.freeze === undefined) await ports.ledger.resume(environment);
    return result;
  } finally {
    await locked.lock.release();
  }
}

/** Says what could be chosen instead. */
async function refuseTarget(
  environment: string,
  { problem, looked }: Extract<Chosen, { ok: false }>,
  ports: ReleasePorts,
): Promise<RollbackResult> {
  const offered = await restorableReleases(environment, looked, ports);
  return refused(environment, [offered.length === 0 ? problem : `${problem}; ${offer(offered)}`], offered);
}

interface Locked {
  readonly request: RollbackRequest;
  readonly to: Release;
  readonly lock: HeldLock;
}

async function rollbackLocked({ request, to, lock }: Locked, ports: ReleasePorts): Promise<RollbackResult> {
  const { environment } = request;
  const observed = await finishHead(await observe(environment, ports), ports);
  const { headRelease: head, control, templates } = observed;
  if (head === undefined) return refused(environment, [`${environment} has no release any more`]);

  ports.progress.phase('plan');
  const planned = planBack({ request, to, head, observed });
  if (!planned.ok)
    return refused(environment, planned.problems, await restorableReleases(environment, observed, ports));
  const { plan } = planned;
  const url = baseUrl(request.project, environment);
  if (plan.moves.length === 0 && isThere(head, to, request)) {
    await leaveNothing(request, observed, ports);
    return { outcome: 'already there', release: head, to, url };
  }
  ports.progress.line(`Release ${head.id} -> ${to.id}: ${plan.moves.map(({ service }) => service).join(', ')}`);
  const draft = draftRelease(
    { ...request, kind: 'rollback', ...whatItMakes({ request, to, head }) },
    ports.clock.now(),
  );
  const predictions = predictionsOf(to, request.predictions);
  const applied = await applyPlan({ plan, draft, control, templates, baseUrl: url, lock, predictions }, ports);
  if (!applied.ok) return await unsuccessful({ applied, request, to, plan, observed, url }, ports);
  await leaveNothing(request, observed, ports);
  const { release, seconds, preflight, predictions: compared } = applied;
  const warnings = [...plan.notes, ...(await announce(release, url, ports))];
  const found = { from: head, to, plan, seconds, url, warnings, preflight, ...(compared && { predictions: compared }) };
  return { outcome: 'rolled back', release, ...found };
}

/** What comes back is held to what it answered when it was live; by default that stops nobody who has to get away from a bad release. */
function predictionsOf({ services }: Release, policy: PredictionPolicy = 'report'): PredictionOrder {
  const models = Object.entries(services).map(([service, released]) => [service, released.models ?? []] as const);
  return { models: Object.fromEntries(models.filter(([, golden]) => golden.length > 0)), policy, against: 'record' };
}

/** A run that died right after it moved the head was complete but for bookkeeping. */
async function finishHead(observed: Observed, ports: ReleasePorts): Promise<Observed> {
  const { control, headRelease, templates } = observed;
  if (headRelease?.status !== 'deploying') return observed;
  const { environment } = headRelease;
  await settleInterrupted({ environment, head: control.head, releases: [headRelease], templates }, ports);
  return observe(environment, ports);
}

interface Unsuccessful {
  readonly applied: Extract<ApplyResult, { ok: false }>;
  readonly request: RollbackRequest;
  readonly to: Release;
  readonly plan: Plan;
  readonly observed: Observed;
  readonly url: string;
}

/** A deployment that was stopped for this rollback has to go back all the same. */
async function unsuccessful(
  { applied, request, to, plan, observed, url }: Unsuccessful,
  ports: ReleasePorts,
): Promise<RollbackResult> {
  const { release } = applied;
  if ('stopped' in applied) return { outcome: 'stopped', release, message: applied.stopped, url };
  const { environment } = request;
  const { control, releases, templates } = observed;
  await settleInterrupted({ environment, head: control.head, releases, templates }, ports);
  return { outcome: 'failed', release, to, plan, failure: applied.failure, url };
}

/** Ends what a deployment that was stopped, or died, left on record. */
async function leaveNothing(
  { environment, actor, reason }: RollbackRequest,
  { control, releases, templates }: Observed,
  ports: ReleasePorts,
): Promise<void> {
  if (!releases.some(({ status }) => status === 'deploying')) return;
  const why = `stopped by ${actor}, who rolled back: ${reason}`;
  await abandonInterrupted({ environment, head: control.head, releases, templates, reason: why }, ports);
}

async function freeze(
  { environment, actor, reason }: RollbackRequest,
  before: Freeze | undefined,
  { ledger, clock }: ReleasePorts,
): Promise<void> {
  const since = before?.since ?? new Date(clock.now()).toISOString();
  await ledger.freeze(environment, { by: actor, reason, since });
}
