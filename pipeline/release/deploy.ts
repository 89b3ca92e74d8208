import { baseUrl, isPreview, type Project } from '../manifest/names.ts';
import type { PredictionOrder } from '../predictions/step.ts';
import type { PredictionReport } from '../predictions/types.ts';
import { applyPlan } from './apply.ts';
import { reportColdStarts } from './cold-starts.ts';
import { announce, draftRelease } from './draft.ts';
import type { DeploymentFailure } from './failure.ts';
import { guardOrder } from './guard.ts';
import type { Freeze } from './ledger.ts';
import { type HeldLock, takeLock } from './lock.ts';
import type { MoveSeconds } from './moves.ts';
import { type Observed, observeSettled } from './observe.ts';
import { type Plan, planDeployment } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { PreflightCheck } from './preflight.ts';
import { waitInLine } from './queue.ts';
import { type Requester, recordEntry } from './record.ts';
import type { Settled } from './settle.ts';
import { tidyUp } from './tidy.ts';
import type { Approval, BuiltImages, Release } from './types.ts';

export interface DeployRequest extends Requester {
  readonly project: Pick<Project, 'domain' | 'urlPattern'>;
  readonly environment: string;
  readonly images: BuiltImages;
  readonly commit: string;
  readonly reason: string;
  /** History was rewritten on purpose: accepts a commit that does not descend from the deployed one. */
  readonly force?: boolean;
  /** Started by a merge, not by a person who wants this very commit: one that was overtaken is nobody's mistake. */
  readonly automatic?: boolean;
  /** Asks whoever holds the lock to stop, and takes it over from a holder that does not react. */
  readonly takeOver?: boolean;
  readonly allowIncompatible?: boolean;
  readonly approval?: Approval;
  /** Golden requests of the models that are released, and what their answers decide. */
  readonly predictions?: Omit<PredictionOrder, 'against'>;
  /** Milliseconds to wait for another deployment of the environment; longer than a dead run's lease. */
  readonly lockWaitMs?: number;
}

/** Long enough for the lease of a run that died. */
export const DEFAULT_LOCK_WAIT_MS = 45_000;
/** A deployment waits its turn: others take minutes. */
export const QUEUE_WAIT_MS = 20 * 60_000;

/** What a deployment came to. Only `failed`, `refused` and `stopped` are bad news. */
export type DeployResult =
  | {
      readonly outcome: 'deployed';
      readonly release: Release;
      readonly plan: Plan;
      readonly seconds: MoveSeconds;
      readonly url: string;
      readonly settled: readonly Settled[];
      readonly warnings: readonly string[];
      readonly preflight: readonly PreflightCheck[];
      readonly predictions?: PredictionReport;
    }
  | {
      readonly outcome: 'unchanged';
      readonly release: Release;
      readonly url: string;
      readonly settled: readonly Settled[];
    }
  | { readonly outcome: 'frozen'; readonly environment: string; readonly freeze: Freeze }
  | { readonly outcome: 'refused'; readonly environment: string; readonly problems: readonly string[] }
  /** A newer commit was faster: `by` says which. */
  | { readonly outcome: 'superseded'; readonly environment: string; readonly by: string; readonly message: string }
  /** Somebody wanted it to end early, and brings the environment to where it belongs. */
  | { readonly outcome: 'stopped'; readonly release: Release; readonly message: string; readonly url: string }
  | {
      readonly outcome: 'failed';
      readonly release: Release;
      readonly plan: Plan;
      readonly failure: DeploymentFailure;
      readonly url: string;
    };

/** Brings `environment` to `images` on its current templates. Says `frozen` and does nothing after a rollback, until resumed. */
export async function deploy(request: DeployRequest, ports: ReleasePorts): Promise<DeployResult> {
  const started = ports.clock.now();
  const result = await deployUnlessFrozen(request, ports);
  const { environment, commit } = request;
  await recordEntry({ environment, commit, kind: 'deploy', ...summary(result) }, request, { ports, started });
  return result;
}

/** A result in the words of the history. */
function summary(result: DeployResult): { outcome: string; release?: string; detail?: string } {
  const { outcome } = result;
  switch (outcome) {
    case 'deployed':
    case 'unchanged':
      return { outcome, release: result.release.id };
    case 'failed':
      return { outcome, release: result.release.id, detail: result.release.failure ?? '' };
    case 'stopped':
      return { outcome, release: result.release.id, detail: result.message };
    case 'refused':
      return { outcome, detail: result.problems.join('; ') };
    case 'superseded':
      return { outcome, detail: result.message };
    case 'frozen':
      return { outcome, detail: result.freeze.reason };
  }
}

async function deployUnlessFrozen(request: DeployRequest, ports: ReleasePorts): Promise<DeployResult> {
  const { environment, commit, actor, takeOver = false, lockWaitMs = QUEUE_WAIT_MS } = request;
  const { freeze } = await ports.ledger.control(environment);
  if (freeze !== undefined) return { outcome: 'frozen', environment, freeze };
  const line = waitInLine({ environment, commit, holder: actor }, ports);
  const locked = await takeLock(
    {
      environment,
      holder: actor,
      purpose: 'deploy',
      reason: `deploy ${commit.slice(0, 7)}`,
      waitMs: lockWaitMs,
      ...(takeOver && { stop: 'any' }),
      ...(isPreview(environment) ? {} : { giveUp: line.overtaken }),
    },
    { ...ports, onProgress: ports.progress.line },
  );
  await line.leave();
  if (!locked.ok) {
    const by = line.by();
    if (locked.gaveUp && by !== undefined) return { outcome: 'superseded', environment, by, message: locked.problem };
    return { outcome: 'refused', environment, problems: [locked.problem] };
  }
  try {
    return await deployLocked({ ...request, automatic: request.automatic || line.waited() }, locked.lock, ports);
  } finally {
    await locked.lock.release();
  }
}

async function deployLocked(request: DeployRequest, lock: HeldLock, ports: ReleasePorts): Promise<DeployResult> {
  const { environment } = request;
  const observed = await observeSettled(environment, ports);
  const { control, headRelease: head, templates, settled } = observed;
  if (control.freeze !== undefined) return { outcome: 'frozen', environment, freeze: control.freeze };

  ports.progress.phase('plan');
  const refusal = await refuseOrder(request, observed, ports);
  if (refusal !== undefined) return refusal;
  const planned = planFor(request, observed);
  if (!planned.ok) return { outcome: 'refused', environment, problems: planned.problems };
  const { plan } = planned;
  for (const { service, reasons } of plan.moves) ports.progress.line(`${service}: ${reasons.join(', ')}`);
  const url = baseUrl(request.project, environment);
  if (head !== undefined && changesNothing(plan, observed)) {
    await rememberCommit(request, observed, ports);
    return { outcome: 'unchanged', release: head, url, settled };
  }
  const draft = draftRelease({ ...request, kind: 'deploy', previous: head?.id }, ports.clock.now());
  const predictions = request.predictions && { ...request.predictions, against: 'serving' as const };
  const applying = { plan, draft, control, templates, baseUrl: url, lock, ...(predictions && { predictions }) };
  const result = await applyPlan(applying, ports);
  if (!result.ok && 'stopped' in result)
    return { outcome: 'stopped', release: result.release, message: result.stopped, url };
  if (!result.ok) return { outcome: 'failed', release: result.release, plan, failure: result.failure, url };
  const { release, seconds, preflight, predictions: compared } = result;
  const released = { plan, release, ...(head && { head }) };
  const [told, slower] = await Promise.all([
    announce(release, url, ports),
    reportColdStarts(released, ports),
    tidyUp(environment, templates, ports),
  ]);
  const warnings = [...plan.notes, ...told, ...slower];
  return {
    outcome: 'deployed',
    release,
    plan,
    seconds,
    url,
    settled,
    warnings,
    preflight,
    ...(compared && { predictions: compared }),
  };
}

/** The plan of a deployment in the environment as it is. Pure. */
export function planFor(
  { environment, commit, images, allowIncompatible }: Omit<DeployRequest, 'project' | 'actor' | 'reason'>,
  { control: { migrations }, headRelease: head, templates, serving }: Observed,
) {
  return planDeployment({
    environment,
    commit,
    images,
    templates,
    serving,
    ...(head && { head }),
    ...(migrations && { migrations }),
    ...(allowIncompatible && { allowIncompatible }),
  });
}

function changesNothing({ moves }: Plan, { headRelease, templates }: Observed): boolean {
  const gone = Object.keys(headRelease?.services ?? {}).some((service) => templates[service] === undefined);
  return moves.length === 0 && !gone;
}

/** A branch under review may be rewritten at will, so the order of commits is only guarded where main is deployed. */
export async function refuseOrder(
  { environment, commit, force = false, automatic = false }: Omit<DeployRequest, 'project' | 'actor' | 'reason'>,
  { control }: Observed,
  { history }: ReleasePorts,
): Promise<DeployResult | undefined> {
  if (isPreview(environment)) return undefined;
  const deployed = control.head?.commit;
  const refusal = await guardOrder({ environment, commit, force, deployed }, history);
  if (refusal === undefined) return undefined;
  if (refusal.older && automatic && deployed !== undefined)
    return { outcome: 'superseded', environment, by: deployed, message: refusal.problem };
  return { outcome: 'refused', environment, problems: [refusal.problem] };
}

/** Nothing to move, and yet the environment is at a newer commit now: what is older than that may not be deployed any more. */
async function rememberCommit(
  { environment, commit }: DeployRequest,
  { control: { head } }: Observed,
  { ledger }: ReleasePorts,
) {
  if (head === undefined || head.commit === commit) return;
  await ledger.moveHead(environment, { from: head.version, release: head.release, commit });
}
