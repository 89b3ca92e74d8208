import type { Descriptor } from '../registry/oci.ts';
import { ARTIFACT, type Artifact, artifactOf, wantsAttestations } from './attestations.ts';
import { billOfMaterials, type Component } from './bill-of-materials.ts';
import { type Origin, provenance } from './provenance.ts';
import type { ServiceBuild } from './types.ts';

/** What is said about an image beside what its build was asked for. */
export interface About extends Pick<Origin, 'buildType' | 'key' | 'platforms' | 'bases' | 'packages'> {
  readonly components: readonly Component[];
}

/** What is attached to an image: a bill of materials and where it comes from; nothing when that is not wanted. Pure. */
export function statementsAbout(build: ServiceBuild, image: Descriptor, about: About): Artifact[] {
  if (!wantsAttestations(build)) return [];
  const { request, manifest, repository } = build;
  const { source, builder, invocation, commit } = request;
  const { components, key, bases, ...origin } = about;
  const service = manifest.name;
  const [{ digest: baseDigest } = {}] = bases;
  const known = {
    ...(source !== undefined && { source }),
    ...(builder !== undefined && { builder }),
    ...(invocation !== undefined && { invocation }),
  };
  return [
    {
      artifactType: ARTIFACT.billOfMaterials,
      content: billOfMaterials({ service, components, ...(baseDigest !== undefined && { baseDigest }) }),
    },
    {
      artifactType: ARTIFACT.provenance,
      content: provenance({ ...origin, ...known, repository, digest: image.digest, service, commit, key, bases }),
    },
  ].map((statement) => artifactOf(image, statement));
}
