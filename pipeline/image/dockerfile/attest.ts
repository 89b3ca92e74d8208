import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACT, attach, pushArtifactBlobs, wantsAttestations } from '../build/attestations.ts';
import { statementsAbout } from '../build/statements.ts';
import type { PlatformName, ServiceBuild } from '../build/types.ts';
import { inventoryOf } from './inventory.ts';

export interface EngineImage {
  readonly digest: string;
  readonly key: string;
  readonly platforms: readonly PlatformName[];
  /** Folder with the Dockerfile. */
  readonly context: string;
}

/**
 * Attaches bill of materials and provenance to an image that an engine has pushed. The provenance comes last: where it is, all is
 * there; where it is not, an earlier build was killed, and this one makes up for it.
 */
export async function attestEngineImage(build: ServiceBuild, image: EngineImage): Promise<void> {
  if (!wantsAttestations(build)) return;
  const { client, repository } = build;
  const { digest, key, platforms, context } = image;
  if ((await client.referrers(repository, digest, ARTIFACT.provenance)).length > 0) return;
  const descriptor = await client.resolveManifest(repository, digest);
  if (descriptor === undefined) return;
  build.report('reading what is inside');
  const artifacts = statementsAbout(build, descriptor, {
    buildType: 'dockerfile',
    key,
    platforms,
    bases: basesOf(readFileSync(join(context, 'Dockerfile'), 'utf8')),
    components: await inventoryOf(build, digest),
  });
  await pushArtifactBlobs(build, artifacts);
  await attach(build, artifacts);
}

const FROM = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/gim;

/** Images that a Dockerfile starts from, as it names them; with a digest where it pins one. Its own stages are none. Pure. */
export function basesOf(dockerfile: string): { reference: string; digest?: string }[] {
  const stages = new Set<string>(['scratch']);
  const bases = new Map<string, { reference: string; digest?: string }>();
  for (const [, reference = '', stage] of dockerfile.matchAll(FROM)) {
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
    if (!stages.has(reference.toLowerCase()))
      bases.set(reference, { reference, ...(digest !== undefined && { digest }) });
    if (stage !== undefined) stages.add(stage.toLowerCase());
  }
  return [...bases.values()];
}
