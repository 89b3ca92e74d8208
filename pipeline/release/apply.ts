import { afterRollout, beforeRollout, type PredictionOrder } from '../predictions/step.ts';
import type { GoldenModels, PredictionReport } from '../predictions/types.ts';
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
import { declaredSecrets, secretVersions } from './secrets.ts';
import type { Release, ReleasedService } from './types.ts';

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

/**
 * Carries out a plan: preflight, register, migrate, move all services in parallel, verify, compare predictions, then move the head. On failure every
 * service that was touched goes back to the release at the head, and the release is on record as failed.
 */
export async function applyPlan(request: ApplyRequest, ports: ReleasePorts): Promise<ApplyResult> {
  const { plan, draft, lock, templates, predictions } = request;
  const services = { ...plan.unchanged, ...(await targetsOf(plan, ports)) };
  const planned: Release = { ...draft, status: 'deploying', services };
  const fail = (stage: DeploymentFailure['stage'], found: Stage = {}, touched: readonly string[] = []) => {
    const stopped = endedEarly(lock);
    if (stopped !== undefined) return { ok: false as const, release: planned, stopped };
    return recordFailure({ request, release: planned, stage, found, touched }, ports);
  };

  ports.progress.phase('preflight');
  const proven = await preflight(plan, ports);
  const problems = failuresOf(proven);
  if (problems.length > 0 || lock.signal.aborted) return fail('preflight', { services: problems, preflight: proven });
  await ports.ledger.saveRelease(planned);

  ports.progress.phase('register');
  const prepared = await prepareAll(plan, ports);
  if (!prepared.ok) return fail('register', { services: prepared.failures });

  const migrated = await migrateAll(
    { plan, targets: prepared.targets, release: planned, lock, control: request.control },
    ports,
  );
  if (migrated.length > 0 || lock.signal.aborted) return fail('migrate', { services: migrated });

  const touched = plan.moves.map(({ service }) => service);
  const served = request.control.head !== undefined;
  const asked = await beforeRollout(predictions, { services: touched, baseUrl: request.baseUrl, served }, ports);

  ports.progress.phase('rollout');
  const rollout = await moveAll(plan, prepared.targets, { ...ports, stop: lock.signal });
  if (rollout.failures.length > 0 || lock.signal.aborted)
    return fail('rollout', { services: rollout.failures }, touched);

  ports.progress.phase('verify');
  const released = releaseWith(planned, plan, rollout.revisions);
  const checks = await verify(released, request.baseUrl, ports);
  if (checks.length > 0 || lock.signal.aborted) {
    const services = lock.signal.aborted ? [] : await explainChecks(checks, { release: released, templates }, ports);
    return fail('verify', { checks, services }, touched);
  }
  const lost = await confirmServing(released, touched, { ...ports, templates });
  if (lost.length > 0) return fail('verify', { services: lost }, touched);

  if (asked !== undefined) ports.progress.phase('predictions');
  const predicted =
    asked &&
    predictions &&
    (await afterRollout(asked, { order: predictions, baseUrl: request.baseUrl, commit: draft.commit }, ports));
  if (predicted?.stop !== undefined || lock.signal.aborted)
    return fail('predictions', predicted && { predictions: { report: predicted.report, ...predicted.stop } }, touched);
  const proved = releaseWithModels(released, predicted?.models);

  ports.progress.phase('record');
  const problem = await moveHead(request, proved, ports);
  if (problem !== undefined) return fail('record', { services: [{ service: 'all', message: problem }] }, touched);
  const release = await finish(proved, request.control.head, ports);
  return {
    ok: true,
    release,
    seconds: rollout.seconds,
    preflight: proven,
    ...(predicted && { predictions: predicted.report }),
  };
}

async function targetsOf(plan: Plan, { inspect }: ReleasePorts): Promise<Record<string, ReleasedService>> {
  const targets = plan.moves.map(async ({ service, template, target, templateVersion, key, checks, migration }) => {
    const secrets = await secretVersions(declaredSecrets(template), inspect);
    const released: ReleasedService = {
      digest: target.digest,
      templateVersion,
      checks,
      ...(key && { key }),
      ...(migration && { migration }),
      ...(Object.keys(secrets).length > 0 && { secrets }),
      ...(target.revision && { revision: target.revision }),
    };
    return [service, released] as const;
  });
  return Object.fromEntries(await Promise.all(targets));
}

function releaseWith(planned: Release, plan: Plan, revisions: Readonly<Record<string, string>>): Release {
  const services = { ...planned.services };
  for (const { service } of plan.moves) {
    const released = services[service];
    const revision = revisions[service];
    if (released !== undefined && revision !== undefined) services[service] = { ...released, revision };
  }
  return { ...planned, services };
}

/** What the models answered belongs to the release. */
function releaseWithModels(release: Release, models: GoldenModels = {}): Release {
  const services = Object.entries(release.services).map(([service, released]) => {
    const golden = models[service];
    return [service, golden === undefined ? released : { ...released, models: golden }] as const;
  });
  return { ...release, services: Object.fromEntries(services) };
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
