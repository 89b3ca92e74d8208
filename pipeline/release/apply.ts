import { afterRollout, beforeRollout, type PredictionOrder } from '../predictions/step.ts';
import type { PredictionReport } from '../predictions/types.ts';
import type { Target } from '../rollout/mover.ts';
import { type FailedCheck, runChecks } from './checks.ts';
import { confirmServing, explainChecks } from './explain.ts';
import { type DeploymentFailure, failureWords, type ServiceFailure } from './failure.ts';
import type { Control, Head } from './ledger.ts';
import { endedEarly, type HeldLock } from './lock.ts';
import { migrateAll } from './migrate.ts';
import { type MoveSeconds, moveAll, prepareAll } from './moves.ts';
import type { Plan, TemplatesByService } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { failuresOf, type PreflightCheck, preflight } from './preflight.ts';
import { putBack } from './put-back.ts';
import { releaseWith, releaseWithModels, targetsOf } from './released.ts';
import type { Release } from './types.ts';

export interface ApplyRequest {
  readonly plan: Plan;
  /** The release that is about to be made, still without revisions. */
  readonly draft: Omit<Release, 'status' | 'services'>;
  readonly control: Control;
  readonly templates: TemplatesByService;
  readonly baseUrl: string;
  readonly lock: HeldLock;
  /** Absent: no model is asked. */
  readonly predictions?: PredictionOrder;
}

export type ApplyResult =
  | {
      readonly ok: true;
      readonly release: Release;
      readonly seconds: MoveSeconds;
      readonly preflight: readonly PreflightCheck[];
      readonly predictions?: PredictionReport;
    }
  | { readonly ok: false; readonly release: Release; readonly failure: DeploymentFailure }
  /** Somebody asked for the lock, or took it. What moved stays where it is: whoever comes next brings it to where it belongs. */
  | { readonly ok: false; readonly release: Release; readonly stopped: string };

type Stage = Pick<DeploymentFailure, 'preflight' | 'predictions'> & {
  readonly services?: readonly ServiceFailure[];
  readonly checks?: readonly FailedCheck[];
};

/** Where it ended early: what was found, and which services had been touched by then. */
interface Halt {
  readonly stage: DeploymentFailure['stage'];
  readonly found?: Stage;
  readonly touched?: readonly string[];
}

/**
 * Carries out a plan: get ready (preflight, register, migrate), serve (move all services, verify, compare predictions), then move the
 * head. On failure every service that was touched goes back to the release at the head, and the release is on record as failed.
 */
export async function applyPlan(request: ApplyRequest, ports: ReleasePorts): Promise<ApplyResult> {
  const { plan, draft, lock } = request;
  const services = { ...plan.unchanged, ...(await targetsOf(plan, ports)) };
  const planned: Release = { ...draft, status: 'deploying', services };
  const end = async ({ stage, found = {}, touched = [] }: Halt): Promise<ApplyResult> => {
    const stopped = endedEarly(lock);
    if (stopped !== undefined) return { ok: false, release: planned, stopped };
    return recordFailure({ request, release: planned, stage, found, touched }, ports);
  };
  const ready = await getReady(request, planned, ports);
  if ('stage' in ready) return end(ready);
  const served = await serve(request, { planned, targets: ready.targets }, ports);
  if ('stage' in served) return end(served);
  ports.progress.phase('record');
  const problem = await moveHead(request, served.release, ports);
  if (problem !== undefined) {
    const found = { services: [{ service: 'all', message: problem }] };
    return end({ stage: 'record', found, touched: touchedBy(plan) });
  }
  const release = await finish(served.release, request.control.head, ports);
  return { ...served, ok: true, release, preflight: ready.preflight };
}

const touchedBy = ({ moves }: Plan): readonly string[] => moves.map(({ service }) => service);

type Ready = { readonly targets: ReadonlyMap<string, Target>; readonly preflight: readonly PreflightCheck[] };

/** Everything that comes before the first service moves. From `saveRelease` on, a run that dies is settled by the next one. */
async function getReady(request: ApplyRequest, planned: Release, ports: ReleasePorts): Promise<Ready | Halt> {
  const { plan, lock, control } = request;
  ports.progress.phase('preflight');
  const proven = await preflight(plan, ports);
  const problems = failuresOf(proven);
  if (problems.length > 0 || lock.signal.aborted) {
    return { stage: 'preflight', found: { services: problems, preflight: proven } };
  }
  await ports.ledger.saveRelease(planned);

  ports.progress.phase('register');
  const prepared = await prepareAll(plan, ports);
  if (!prepared.ok) return { stage: 'register', found: { services: prepared.failures } };
  const { targets } = prepared;

  const migrated = await migrateAll({ plan, targets, release: planned, lock, control }, ports);
  if (migrated.length > 0 || lock.signal.aborted) return { stage: 'migrate', found: { services: migrated } };
  return { targets, preflight: proven };
}

interface Serving {
  readonly planned: Release;
  readonly targets: ReadonlyMap<string, Target>;
}

interface Served {
  readonly release: Release;
  readonly seconds: MoveSeconds;
  readonly predictions?: PredictionReport;
}

/** Moves every service and proves that what serves is ours, healthy, and answers as it should. */
async function serve(
  request: ApplyRequest,
  { planned, targets }: Serving,
  ports: ReleasePorts,
): Promise<Served | Halt> {
  const { plan, lock, predictions, baseUrl } = request;
  const touched = touchedBy(plan);
  const served = request.control.head !== undefined;
  const asked = await beforeRollout(predictions, { services: touched, baseUrl, served }, ports);

  ports.progress.phase('rollout');
  const rollout = await moveAll(plan, targets, { ...ports, stop: lock.signal });
  if (rollout.failures.length > 0 || lock.signal.aborted) {
    return { stage: 'rollout', found: { services: rollout.failures }, touched };
  }

  ports.progress.phase('verify');
  const released = releaseWith(planned, plan, rollout.revisions);
  const wrong = await whatIsWrong(request, released, ports);
  if (wrong !== undefined || lock.signal.aborted) return { stage: 'verify', touched, ...(wrong && { found: wrong }) };

  if (asked === undefined || predictions === undefined) return { release: released, seconds: rollout.seconds };
  ports.progress.phase('predictions');
  const order = { order: predictions, baseUrl, commit: request.draft.commit };
  const { report, stop, models } = await afterRollout(asked, order, ports);
  if (stop !== undefined || lock.signal.aborted) {
    return { stage: 'predictions', found: { predictions: { report, ...stop } }, touched };
  }
  return { release: releaseWithModels(released, models), seconds: rollout.seconds, predictions: report };
}

/** Checks that are not answered as expected, or services that are not ours any more; undefined when all is well. */
async function whatIsWrong(
  { baseUrl, lock, templates, plan }: ApplyRequest,
  release: Release,
  ports: ReleasePorts,
): Promise<Stage | undefined> {
  const checks = await verify(release, baseUrl, ports);
  if (checks.length > 0) {
    const services = lock.signal.aborted ? [] : await explainChecks(checks, { release, templates }, ports);
    return { checks, services };
  }
  const lost = await confirmServing(release, touchedBy(plan), { ...ports, templates });
  return lost.length > 0 ? { services: lost } : undefined;
}

async function verify(release: Release, baseUrl: string, { send, clock, progress }: ReleasePorts) {
  const checks = Object.entries(release.services).flatMap(([service, released]) =>
    (released.checks ?? []).map((check) => ({ service, check })),
  );
  progress.line(`${checks.length} checks against ${baseUrl}`);
  return runChecks({ baseUrl, checks, send, clock });
}

/** Resolves to why the head could not be moved. */
async function moveHead({ control: { head }, lock, draft }: ApplyRequest, release: Release, { ledger }: ReleasePorts) {
  if (lock.lost()) return 'another run took the lock over while this one was slow';
  await ledger.saveRelease(release);
  const move = { from: head?.version ?? 0, release: release.id, commit: release.commit };
  return (await ledger.moveHead(draft.environment, move)) ? undefined : 'another deployment moved the head meanwhile';
}

/** The head has moved: what is left is bookkeeping, which `settleInterrupted` repeats if we die here. */
export async function finish(
  release: Release,
  head: Head | undefined,
  { ledger, clock }: Pick<ReleasePorts, 'ledger' | 'clock'>,
): Promise<Release> {
  const now = clock.now();
  const live: Release = { ...release, status: 'live', ...finished(release, now) };
  const before = head && (await ledger.release(release.environment, head.release));
  // One after the other: a run that dies in between leaves its release `deploying`, and whoever settles that does both again.
  if (before?.status === 'live') await ledger.saveRelease({ ...before, status: 'superseded' });
  await ledger.saveRelease(live);
  return live;
}

const finished = ({ createdAt }: Pick<Release, 'createdAt'>, now: number) => ({
  finishedAt: new Date(now).toISOString(),
  seconds: Math.round((now - Date.parse(createdAt)) / 100) / 10,
});

interface FailureRecord {
  readonly request: ApplyRequest;
  readonly release: Release;
  readonly stage: DeploymentFailure['stage'];
  readonly found: Stage;
  readonly touched: readonly string[];
}

async function recordFailure(record: FailureRecord, ports: ReleasePorts): Promise<ApplyResult> {
  const { request, release, stage, found, touched } = record;
  if (touched.length > 0) ports.progress.phase('put back');
  const { environment } = release;
  const back =
    touched.length === 0 ? [] : await putBack({ environment, services: touched, templates: request.templates }, ports);
  const failure: DeploymentFailure = {
    stage,
    services: found.services ?? [],
    checks: found.checks ?? [],
    putBack: back,
    ...(found.preflight && { preflight: found.preflight }),
    ...(found.predictions && { predictions: found.predictions }),
  };
  const failed: Release = {
    ...release,
    status: 'failed',
    ...finished(release, ports.clock.now()),
    failure: failureWords(failure),
  };
  await ports.ledger.saveRelease(failed);
  return { ok: false, release: failed, failure };
}
