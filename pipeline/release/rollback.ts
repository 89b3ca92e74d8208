import { baseUrl, type Project } from '../manifest/names.ts';
import type { PredictionOrder } from '../predictions/step.ts';
import type { PredictionPolicy, PredictionReport } from '../predictions/types.ts';
import { type ApplyResult, applyPlan } from './apply.ts';
import { announce, draftRelease } from './draft.ts';
import type { DeploymentFailure } from './failure.ts';
import { findTarget, type Looked } from './find-target.ts';
import type { Freeze } from './ledger.ts';
import { type HeldLock, takeLock } from './lock.ts';
import type { MoveSeconds } from './moves.ts';
import { lookUp, type Observed, observe } from './observe.ts';
import { type Plan, planRollback } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { PreflightCheck } from './preflight.ts';
import { type Requester, recordEntry } from './record.ts';
import { offer, type Restorable, restorableReleases } from './restorable.ts';
import { abandonInterrupted, settleInterrupted } from './settle.ts';
import type { Release } from './types.ts';

export interface RollbackRequest extends Requester {
  readonly project: Pick<Project, 'domain' | 'urlPattern'>;
  readonly environment: string;
  /** Release id, commit (or its first seven characters at least) or tag; empty: the last release that was healthy. */
  readonly target: string;
  readonly reason: string;
  /** Only these services; the others stay where they are. Empty: all. */
  readonly services?: readonly string[];
  /** Takes the lock over from whoever holds it, if asking to stop does not help. */
  readonly takeOver?: boolean;
  readonly allowIncompatible?: boolean;
  /** What it leads to when models answer otherwise than they did in the release that comes back; `report` if absent. */
  readonly predictions?: PredictionPolicy;
  readonly lockWaitMs?: number;
}

/** A deployment that is asked to stop does so at once, another rollback takes its time. */
const ROLLBACK_WAIT_MS = 10 * 60_000;

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
      readonly preflight: readonly PreflightCheck[];
      readonly predictions?: PredictionReport;
    }
  | { readonly outcome: 'already there'; readonly release: Release; readonly to: Release; readonly url: string }
  | {
      readonly outcome: 'refused';
      readonly environment: string;
      readonly problems: readonly string[];
      /** What could be brought back, where the target was the problem. */
      readonly offered: readonly Restorable[];
    }
  /** Somebody else wanted the environment more. */
  | { readonly outcome: 'stopped'; readonly release: Release; readonly message: string; readonly url: string }
  | {
      readonly outcome: 'failed';
      readonly release: Release;
      readonly to: Release;
      readonly plan: Plan;
      readonly failure: DeploymentFailure;
      readonly url: string;
    };

/**
 * Brings every service back to the revisions of an earlier release: no build, no Terraform. A deployment under way is stopped. From
 * here on automatic deployments are frozen, whatever comes of it, because a rollback that the next merge undoes is none.
 */
export async function rollback(request: RollbackRequest, ports: ReleasePorts): Promise<RollbackResult> {
  const started = ports.clock.now();
  const result = await attempt(request, ports);
  const { environment } = request;
  await recordEntry({ environment, kind: 'rollback', ...summary(result) }, request, { ports, started });
  return result;
}

/** A result in the words of the history. */
function summary(result: RollbackResult): { outcome: string; commit?: string; release?: string; detail?: string } {
  const { outcome } = result;
  if (outcome === 'refused') return { outcome, detail: result.problems.join('; ') };
  const { release } = result;
  const known = { outcome, release: release.id, commit: release.commit };
  if (outcome === 'failed') return { ...known, detail: release.failure ?? '' };
  return { ...known, detail: outcome === 'stopped' ? result.message : release.reason };
}

type Chosen =
  | { readonly ok: true; readonly release: Release; readonly looked: Looked }
  | { readonly ok: false; readonly problem: string; readonly looked: Pick<Observed, 'releases'> };

/** The release that a rollback is about; nothing is touched yet. */
export async function chooseTarget(
  request: Pick<RollbackRequest, 'environment' | 'target'>,
  ports: ReleasePorts,
): Promise<Chosen> {
  const { environment, target: wanted } = request;
  const looked = await lookUp(environment, ports);
  const { headRelease } = looked;
  if (headRelease === undefined) {
    const problem = `${environment} has no release yet, so there is none to go back to`;
    return { ok: false, problem, looked };
  }
  const target = await findTarget(wanted, { ...looked, headRelease }, ports);
  return target.ok ? { ...target, looked: { ...looked, headRelease } } : { ...target, looked };
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

export interface PlanBack {
  readonly request: Pick<RollbackRequest, 'environment' | 'services' | 'allowIncompatible'>;
  readonly to: Release;
  readonly head: Release;
  readonly observed: Pick<Observed, 'control' | 'templates' | 'serving'>;
}

/** The plan of a rollback in the environment as it is. Pure. */
export function planBack({ request, to, head, observed: { control, templates, serving } }: PlanBack) {
  const { environment, services = [], allowIncompatible = false } = request;
  const { migrations } = control;
  return planRollback({
    environment,
    to,
    templates,
    head,
    serving,
    services,
    allowIncompatible,
    ...(migrations && { migrations }),
  });
}

const isPartial = ({ services = [] }: RollbackRequest): boolean => services.length > 0;

function isThere(head: Release, to: Release, request: RollbackRequest): boolean {
  return isPartial(request) || (head.restores ?? head.id) === (to.restores ?? to.id);
}

/** A rollback of some services is still the release that it mends; any other is the one that it brings back. */
function whatItMakes({ request, to, head }: { request: RollbackRequest; to: Release; head: Release }) {
  const previous = head.id;
  if (isPartial(request)) return { commit: head.commit, previous, partial: request.services ?? [] };
  return { commit: to.commit, previous, restores: to.restores ?? to.id };
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

const refused = (
  environment: string,
  problems: readonly string[],
  offered: readonly Restorable[] = [],
): RollbackResult => ({ outcome: 'refused', environment, problems, offered });

async function freeze(
  { environment, actor, reason }: RollbackRequest,
  before: Freeze | undefined,
  { ledger, clock }: ReleasePorts,
): Promise<void> {
  const since = before?.since ?? new Date(clock.now()).toISOString();
  await ledger.freeze(environment, { by: actor, reason, since });
}

export type ResumeResult =
  | { readonly outcome: 'resumed'; readonly environment: string; readonly freeze: Freeze }
  | { readonly outcome: 'not frozen'; readonly environment: string };

/** Lets automatic deployments happen again. */
export async function resume(
  environment: string,
  ports: Pick<ReleasePorts, 'ledger' | 'clock' | 'progress'>,
  requester: Requester = { actor: 'someone' },
): Promise<ResumeResult> {
  const started = ports.clock.now();
  const freeze = await ports.ledger.resume(environment);
  const outcome = freeze === undefined ? 'not frozen' : 'resumed';
  await recordEntry({ environment, kind: 'resume', outcome }, requester, { ports, started });
  return freeze === undefined ? { outcome: 'not frozen', environment } : { outcome: 'resumed', environment, freeze };
}
