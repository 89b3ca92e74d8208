import type { GoldenModels } from '../predictions/types.ts';
import type { Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';
import { secretVersions } from './secrets.ts';
import { targetContents } from './target-contents.ts';
import type { Release, ReleasedService } from './types.ts';

/** What a plan's moves will be in the release, with the versions of secrets that are current now. */
export async function targetsOf(plan: Plan, { inspect }: ReleasePorts): Promise<Record<string, ReleasedService>> {
  const targets = plan.moves.map(async (move) => {
    const { service, target, templateVersion, key, checks, migration } = move;
    // What may not be looked at is left out here: preflight says so.
    const contents = await targetContents(move, inspect).catch(() => undefined);
    const secrets = await secretVersions(contents?.secrets ?? {}, inspect);
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

/** The release with the revisions that serve it. Pure. */
export function releaseWith(planned: Release, plan: Plan, revisions: Readonly<Record<string, string>>): Release {
  const services = { ...planned.services };
  for (const { service } of plan.moves) {
    const released = services[service];
    const revision = revisions[service];
    if (released !== undefined && revision !== undefined) services[service] = { ...released, revision };
  }
  return { ...planned, services };
}

/** What the models answered belongs to the release. */
export function releaseWithModels(release: Release, models: GoldenModels = {}): Release {
  const services = Object.entries(release.services).map(([service, released]) => {
    const golden = models[service];
    return [service, golden === undefined ? released : { ...released, models: golden }] as const;
  });
  return { ...release, services: Object.fromEntries(services) };
}
