import { baseUrl } from '../manifest/names.ts';
import { changesOf, type ServiceChange } from './changes.ts';
import { type DeployRequest, planFor, refuseOrder } from './deploy.ts';
import type { Control } from './ledger.ts';
import { type Observed, observe } from './observe.ts';
import type { Plan, Planned } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { type PreflightCheck, preflight } from './preflight.ts';
import { type Restorable, restorableReleases } from './restorable.ts';
import { chooseTarget, planBack, type RollbackRequest } from './rollback-plan.ts';
import type { Release } from './types.ts';

/** What a deployment or rollback would do, found out by looking only. */
export interface DryRun {
  readonly environment: string;
  readonly url: string;
  readonly kind: 'deploy' | 'rollback';
  readonly control: Control;
  readonly from?: Release;
  /** Of a rollback. */
  readonly to?: Release;
  /** Why it would be refused; then there is no plan. */
  readonly problems: readonly string[];
  readonly plan?: Plan;
  readonly changes: readonly ServiceChange[];
  readonly preflight: readonly PreflightCheck[];
  /** Of a rollback: what could be chosen. */
  readonly offered: readonly Restorable[];
  /** Deployments that did not come to their end; they would be stopped, or settled first. */
  readonly unfinished: readonly Release[];
}

export async function dryRunDeployment(request: DeployRequest, ports: ReleasePorts): Promise<DryRun> {
  const observed = await observe(request.environment, ports);
  const base = basics('deploy', request, observed);
  const refusal = await refuseOrder(request, observed, ports);
  if (refusal?.outcome === 'refused') return { ...base, problems: refusal.problems };
  if (refusal?.outcome === 'superseded') return { ...base, problems: [refusal.message] };
  return { ...base, ...(await look(planFor(request, observed), observed, ports)) };
}

export async function dryRunRollback(request: RollbackRequest, ports: ReleasePorts): Promise<DryRun> {
  const { environment } = request;
  const observed = await observe(environment, ports);
  const [chosen, offered] = await Promise.all([
    chooseTarget(request, ports),
    restorableReleases(environment, observed, ports),
  ]);
  const base = { ...basics('rollback', request, observed), offered };
  const { headRelease: head } = observed;
  if (!chosen.ok || head === undefined)
    return { ...base, problems: [chosen.ok ? 'there is no release' : chosen.problem] };
  const to = chosen.release;
  return { ...base, to, ...(await look(planBack({ request, to, head, observed }), observed, ports)) };
}

function basics(
  kind: DryRun['kind'],
  { environment, project }: Pick<DeployRequest, 'environment' | 'project'>,
  { control, headRelease, releases }: Observed,
): DryRun {
  return {
    environment,
    url: baseUrl(project, environment),
    kind,
    control,
    ...(headRelease && { from: headRelease }),
    problems: [],
    changes: [],
    preflight: [],
    offered: [],
    unfinished: releases.filter(({ status }) => status === 'deploying'),
  };
}

async function look(planned: Planned, observed: Observed, ports: ReleasePorts) {
  if (!planned.ok) return { problems: planned.problems };
  const { plan } = planned;
  const [changes, checks] = await Promise.all([changesOf(plan, observed, ports), preflight(plan, ports)]);
  return { plan, changes, preflight: checks };
}
