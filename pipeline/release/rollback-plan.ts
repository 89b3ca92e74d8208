import type { Project } from '../manifest/names.ts';
import type { PredictionPolicy } from '../predictions/types.ts';
import { findTarget, type Looked } from './find-target.ts';
import { lookUp, type Observed } from './observe.ts';
import { planRollback } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import type { Requester } from './record.ts';
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

export type Chosen =
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

export function isThere(head: Release, to: Release, request: RollbackRequest): boolean {
  return isPartial(request) || (head.restores ?? head.id) === (to.restores ?? to.id);
}

/** A rollback of some services is still the release that it mends; any other is the one that it brings back. */
export function whatItMakes({ request, to, head }: { request: RollbackRequest; to: Release; head: Release }) {
  const previous = head.id;
  if (isPartial(request)) return { commit: head.commit, previous, partial: request.services ?? [] };
  return { commit: to.commit, previous, restores: to.restores ?? to.id };
}
