import type { Migration } from '../manifest/types.ts';
import type { PublishedTemplate } from '../ports/templates.ts';
import type { Target } from '../rollout/mover.ts';
import type { Control } from './ledger.ts';
import {
  CONSENT,
  type CrossedMigration,
  crossedMigrations,
  objections,
  type PlannedMigration,
  planMigration,
} from './migration.ts';
import type { Template } from './template.ts';
import type { BuiltImage, Release, ReleasedService } from './types.ts';

/** Why a service moves. */
export type MoveReason = 'first release' | 'image' | 'template' | 'drift' | 'rollback';

export interface Move {
  readonly service: string;
  readonly template: Template;
  readonly templateVersion: string;
  readonly target: Target;
  readonly key?: string;
  readonly checks: Template['checks'];
  readonly migration?: Migration;
  readonly reasons: readonly MoveReason[];
}

export interface Plan {
  readonly environment: string;
  readonly commit: string;
  readonly moves: readonly Move[];
  /** Services that stay as they are, and belong to the release all the same. */
  readonly unchanged: Readonly<Record<string, ReleasedService>>;
  /** Run before anything moves. */
  readonly migrations: readonly PlannedMigration[];
  /** Stay although the code goes back below them. */
  readonly crossed: readonly CrossedMigration[];
  /** Things worth saying that stop nothing. */
  readonly notes: readonly string[];
}

/** Problems stop a deployment before anything moved. */
export type Planned =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly string[] };

export type TemplatesByService = Readonly<Record<string, PublishedTemplate>>;
/** Service -> the revision that really serves now, whatever the ledger says. */
export type Serving = Readonly<Record<string, string | undefined>>;

export interface DeploymentRequest {
  readonly environment: string;
  readonly commit: string;
  readonly images: Readonly<Record<string, Pick<BuiltImage, 'digest' | 'key'>>>;
  readonly templates: TemplatesByService;
  readonly head?: Release;
  readonly serving: Serving;
  /** What the data of the services is at. */
  readonly migrations?: Control['migrations'];
  /** Somebody made sure that code and data fit, whatever the levels say. */
  readonly allowIncompatible?: boolean;
}

/** What has to move so that `images` on the current templates are what the environment runs. Pure. */
export function planDeployment(request: DeploymentRequest): Planned {
  const { environment, templates, images, head } = request;
  const problems = Object.keys(images)
    .filter((service) => templates[service] === undefined)
    .map(
      (service) => `${service} has an image but no template in ${environment}: run the provision action for it first`,
    );
  if (Object.keys(templates).length === 0) {
    return { ok: false, problems: [`${environment} has no services: run the provision action first`] };
  }
  const moves: Move[] = [];
  const unchanged: Record<string, ReleasedService> = {};
  for (const [service, published] of Object.entries(templates)) {
    const before = head?.services[service];
    const image = images[service] ?? before;
    if (image === undefined) {
      problems.push(`${service} has neither a new image nor a released one: build it`);
      continue;
    }
    const reasons = reasonsToMove(before, image.digest, published.version, request.serving[service]);
    if (before !== undefined && reasons.length === 0) unchanged[service] = before;
    else moves.push(toMove(service, published, image, request.commit, reasons));
  }
  const { migrations, crossed, refusals } = migrationsOf(moves, request);
  problems.push(...refusals);
  if (problems.length > 0) return { ok: false, problems };
  const notes = Object.keys(head?.services ?? {})
    .filter((service) => templates[service] === undefined)
    .map((service) => `${service} is no longer part of ${environment}`);
  return { ok: true, plan: { environment, commit: request.commit, moves, unchanged, migrations, crossed, notes } };
}

function migrationsOf(moves: readonly Move[], { head, migrations, allowIncompatible = false }: DeploymentRequest) {
  const planned = moves.map(({ service, migration: declared }) => {
    const before = head?.services[service];
    const serving = before === undefined ? undefined : (before.migration?.level ?? 0);
    return planMigration({ service, declared, serving, applied: migrations });
  });
  return {
    migrations: planned.flatMap(({ run }) => run),
    crossed: planned.flatMap(({ crossed }) => crossed),
    refusals: refuse(
      planned.flatMap((one) => one.objections),
      allowIncompatible,
    ),
  };
}

const refuse = (problems: readonly string[], allowed: boolean): readonly string[] =>
  problems.length === 0 || allowed ? [] : [...problems, CONSENT];

function reasonsToMove(
  before: ReleasedService | undefined,
  digest: string,
  templateVersion: string,
  serving: string | undefined,
): readonly MoveReason[] {
  if (before === undefined) return ['first release'];
  return [
    ...(before.digest === digest ? [] : (['image'] as const)),
    ...(before.templateVersion === templateVersion ? [] : (['template'] as const)),
    ...(before.revision === serving ? [] : (['drift'] as const)),
  ];
}

function toMove(
  service: string,
  { template, version }: PublishedTemplate,
  { digest, key }: Pick<BuiltImage, 'digest'> & { readonly key?: string },
  commit: string,
  reasons: readonly MoveReason[],
): Move {
  const target = { digest, commit };
  const migration = 'migration' in template ? template.migration : undefined;
  return {
    service,
    template,
    templateVersion: version,
    target,
    checks: template.checks,
    reasons,
    ...(key && { key }),
    ...(migration && { migration }),
  };
}

export interface RollbackRequest {
  readonly environment: string;
  readonly to: Release;
  readonly templates: TemplatesByService;
  readonly head: Release;
  readonly serving: Serving;
  /** Only these; empty: all. The others stay on the head. */
  readonly services?: readonly string[];
  readonly migrations?: Control['migrations'];
  readonly allowIncompatible?: boolean;
}

/** What has to move so that every service of release `to` serves the very revision that it served then. Pure. */
export function planRollback(request: RollbackRequest): Planned {
  const { environment, to, templates, head, serving, services: subset = [], migrations, allowIncompatible } = request;
  const moves: Move[] = [];
  const unchanged: Record<string, ReleasedService> = {};
  const notes: string[] = [];
  const crossed: CrossedMigration[] = [];
  const problems = subset
    .filter((service) => to.services[service] === undefined)
    .map((service) => `release ${to.id} has no service ${service}; it has ${Object.keys(to.services).join(', ')}`);
  // A job goes back by a new revision: what the rollback before this one registered is as good as the one of its target.
  const isBack = (head.restores ?? head.id) === (to.restores ?? to.id);
  const goesBack = (service: string): boolean =>
    to.services[service] !== undefined && (subset.length === 0 || subset.includes(service));
  for (const service of new Set([...Object.keys(to.services), ...Object.keys(head.services)])) {
    const back = goesBack(service);
    const from = back ? to : head;
    const wanted = from.services[service];
    const current = head.services[service];
    const published = templates[service];
    if (published === undefined) {
      if (back) notes.push(`${service} is no longer part of ${environment} and stays away`);
      continue;
    }
    if (wanted === undefined) continue;
    if (!back && subset.length === 0) notes.push(`${service} did not exist in release ${to.id} and stays as it is`);
    if (back) crossed.push(...crossedMigrations(service, wanted.migration?.level ?? 0, migrations));
    if (wanted.revision === undefined) {
      problems.push(`release ${from.id} does not say which revision of ${service} served`);
    } else if (wanted.revision === serving[service]) unchanged[service] = wanted;
    else if (isBack && current?.revision === serving[service] && current) unchanged[service] = current;
    else moves.push(toMoveBack(service, published.template, wanted, { commit: from.commit, back }));
  }
  problems.push(...refuse(objections(crossed), allowIncompatible ?? false));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: { environment, commit: to.commit, moves, unchanged, migrations: [], crossed, notes } };
}

function toMoveBack(
  service: string,
  template: Template,
  wanted: ReleasedService,
  { commit, back }: { readonly commit: string; readonly back: boolean },
): Move {
  const { digest, revision, templateVersion, key, migration, checks = template.checks } = wanted;
  return {
    service,
    template,
    templateVersion,
    target: { digest, commit, ...(revision && { revision }) },
    checks,
    reasons: [back ? 'rollback' : 'drift'],
    ...(key && { key }),
    ...(migration && { migration }),
  };
}
