import type { PublishedTemplate } from '../ports/templates.ts';
import type { Target } from '../rollout/mover.ts';
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
  readonly reasons: readonly MoveReason[];
}

export interface Plan {
  readonly environment: string;
  readonly commit: string;
  readonly moves: readonly Move[];
  /** Services that stay as they are, and belong to the release all the same. */
  readonly unchanged: Readonly<Record<string, ReleasedService>>;
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
  if (problems.length > 0) return { ok: false, problems };
  const notes = Object.keys(head?.services ?? {})
    .filter((service) => templates[service] === undefined)
    .map((service) => `${service} is no longer part of ${environment}`);
  return { ok: true, plan: { environment, commit: request.commit, moves, unchanged, notes } };
}

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
  return { service, template, templateVersion: version, target, checks: template.checks, reasons, ...(key && { key }) };
}

export interface RollbackRequest {
  readonly environment: string;
  readonly to: Release;
  readonly templates: TemplatesByService;
  readonly head: Release;
  readonly serving: Serving;
}

/** What has to move so that every service of release `to` serves the very revision that it served then. Pure. */
export function planRollback({ environment, to, templates, head, serving }: RollbackRequest): Planned {
  const moves: Move[] = [];
  const unchanged: Record<string, ReleasedService> = {};
  const notes: string[] = [];
  const problems: string[] = [];
  for (const [service, then] of Object.entries(to.services)) {
    const published = templates[service];
    if (published === undefined) notes.push(`${service} is no longer part of ${environment} and stays away`);
    else if (then.revision === undefined)
      problems.push(`release ${to.id} does not say which revision of ${service} served`);
    else if (then.revision === serving[service]) unchanged[service] = then;
    else {
      const target = { digest: then.digest, commit: to.commit, revision: then.revision };
      const { template } = published;
      const { templateVersion, key, checks = template.checks } = then;
      moves.push({ service, template, templateVersion, target, checks, reasons: ['rollback'], ...(key && { key }) });
    }
  }
  for (const [service, now] of Object.entries(head.services)) {
    if (to.services[service] !== undefined || templates[service] === undefined) continue;
    unchanged[service] = now;
    notes.push(`${service} did not exist in release ${to.id} and stays as it is`);
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, plan: { environment, commit: to.commit, moves, unchanged, notes } };
}
