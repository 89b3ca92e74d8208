import { baseUrl, isPreview, type Project } from '../manifest/names.ts';
import { applyPlan } from './apply.ts';
import type { DeploymentFailure } from './failure.ts';
import { guardOrder } from './guard.ts';
import type { Freeze } from './ledger.ts';
import { type HeldLock, takeLock } from './lock.ts';
import type { MoveSeconds } from './moves.ts';
import { type Observed, observeSettled } from './observe.ts';
import { type Plan, planDeployment } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { Settled } from './settle.ts';
import type { BuiltImages, Release } from './types.ts';

export interface DeployRequest {
  readonly project: Pick<Project, 'domain' | 'urlPattern'>;
  readonly environment: string;
  readonly images: BuiltImages;
  readonly commit: string;
  readonly actor: string;
  readonly reason: string;
  /** History was rewritten on purpose: accepts a commit that does not descend from the deployed one. */
  readonly force?: boolean;
  /** Milliseconds to wait for another deployment of the environment; longer than a dead run's lease. */
  readonly lockWaitMs?: number;
}

export const DEFAULT_LOCK_WAIT_MS = 45_000;

/** What a deployment came to. Only `failed` and `refused` are bad news. */
export type DeployResult =
  | {
      readonly outcome: 'deployed';
      readonly release: Release;
      readonly plan: Plan;
      readonly seconds: MoveSeconds;
      readonly url: string;
      readonly settled: readonly Settled[];
      readonly warnings: readonly string[];
    }
  | {
      readonly outcome: 'unchanged';
      readonly release: Release;
      readonly url: string;
      readonly settled: readonly Settled[];
    }
  | { readonly outcome: 'frozen'; readonly environment: string; readonly freeze: Freeze }
  | { readonly outcome: 'refused'; readonly environment: string; readonly problems: readonly string[] }
  | {
      readonly outcome: 'failed';
      readonly release: Release;
      readonly plan: Plan;
      readonly failure: DeploymentFailure;
      readonly url: string;
    };

/** Brings `environment` to `images` on its current templates. Says `frozen` and does nothing after a rollback, until resumed. */
export async function deploy(request: DeployRequest, ports: ReleasePorts): Promise<DeployResult> {
  const { environment } = request;
  const { freeze } = await ports.ledger.control(environment);
  if (freeze !== undefined) return { outcome: 'frozen', environment, freeze };
  const locked = await takeLock(
    {
      environment,
      holder: request.actor,
      reason: `deploy ${request.commit.slice(0, 7)}`,
      waitMs: request.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS,
    },
    { ...ports, onProgress: ports.progress.line },
  );
  if (!locked.ok) return { outcome: 'refused', environment, problems: [locked.problem] };
  try {
    return await deployLocked(request, locked.lock, ports);
  } finally {
    await locked.lock.release();
  }
}

async function deployLocked(request: DeployRequest, lock: HeldLock, ports: ReleasePorts): Promise<DeployResult> {
  const { environment, commit, images } = request;
  const observed = await observeSettled(environment, ports);
  const { control, headRelease: head, templates, serving, settled } = observed;
  if (control.freeze !== undefined) return { outcome: 'frozen', environment, freeze: control.freeze };

  ports.progress.phase('plan');
  const refusal = await refuseOrder(request, observed, ports);
  if (refusal !== undefined) return { outcome: 'refused', environment, problems: [refusal] };
  const planned = planDeployment({ environment, commit, images, templates, serving, ...(head && { head }) });
  if (!planned.ok) return { outcome: 'refused', environment, problems: planned.problems };
  const { plan } = planned;
  for (const { service, reasons } of plan.moves) ports.progress.line(`${service}: ${reasons.join(', ')}`);
  const url = baseUrl(request.project, environment);
  const gone = Object.keys(head?.services ?? {}).some((service) => templates[service] === undefined);
  if (head !== undefined && plan.moves.length === 0 && !gone) {
    await rememberCommit(request, observed, ports);
    return { outcome: 'unchanged', release: head, url, settled };
  }
  const draft = draftRelease({ ...request, kind: 'deploy', previous: head?.id }, ports.clock.now());
  const result = await applyPlan({ plan, draft, head: control.head, templates, baseUrl: url, lock }, ports);
  if (!result.ok) return { outcome: 'failed', release: result.release, plan, failure: result.failure, url };
  const warnings = [...plan.notes, ...(await announce(result.release, url, ports))];
  return { outcome: 'deployed', release: result.release, plan, seconds: result.seconds, url, settled, warnings };
}

/** A branch under review may be rewritten at will, so the order of commits is only guarded where main is deployed. */
async function refuseOrder(request: DeployRequest, { control }: Observed, { history }: ReleasePorts) {
  const { environment, commit, force = false } = request;
  if (isPreview(environment)) return undefined;
  return guardOrder({ environment, commit, force, deployed: control.head?.commit }, history);
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

export interface Draft extends Pick<Release, 'environment' | 'commit' | 'actor' | 'kind' | 'reason'> {
  readonly previous: string | undefined;
  readonly restores?: string | undefined;
}

/** A release's id starts with its time, so that ids sort as releases do; the lock makes it unique. */
export function draftRelease(draft: Draft, now: number): Omit<Release, 'status' | 'services'> {
  const createdAt = new Date(now).toISOString();
  const { environment, commit, actor, kind, reason, previous, restores } = draft;
  return {
    id: `${createdAt.replaceAll(/[-:.]/g, '')}-${commit.slice(0, 7)}`,
    environment,
    commit,
    actor,
    kind,
    reason,
    createdAt,
    ...(previous === undefined ? {} : { previous }),
    ...(restores === undefined ? {} : { restores }),
  };
}

/** Tells Sentry which release serves; resolves to warnings. */
export async function announce(release: Release, url: string, { tracker }: ReleasePorts): Promise<readonly string[]> {
  const warning = await tracker.announce({
    version: release.commit,
    environment: release.environment,
    name: release.kind === 'rollback' ? `rollback: ${release.reason}` : 'deploy',
    url,
    startedAt: release.createdAt,
    finishedAt: release.finishedAt ?? release.createdAt,
  });
  return warning === undefined ? [] : [warning];
}
