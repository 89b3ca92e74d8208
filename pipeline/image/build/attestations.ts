import { bytesBlob } from '../registry/blobs.ts';
import { sha256 } from '../registry/digest.ts';
import { type Descriptor, type ImageManifest, MEDIA } from '../registry/oci.ts';
import { type Document, describe } from './document.ts';
import type { ServiceBuild } from './types.ts';

export const ARTIFACT = {
  billOfMaterials: 'application/vnd.cyclonedx+json',
  provenance: 'application/vnd.in-toto+json',
} as const;

export interface Attestation {
  readonly artifactType: (typeof ARTIFACT)[keyof typeof ARTIFACT];
  readonly content: object;
}

const EMPTY = Buffer.from('{}');

/**
 * Stores the image under its digest and attaches statements to it, as artifacts that refer to it
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage).
 */
export async function attach(
  build: ServiceBuild,
  image: Document,
  attestations: readonly Attestation[],
): Promise<void> {
  const { client, repository } = build;
  const statements = attestations.map(({ artifactType, content }) => {
    const bytes = Buffer.from(JSON.stringify(content));
    return { artifactType, bytes, digest: sha256(bytes) };
  });
  const empty = { digest: sha256(EMPTY), bytes: EMPTY };
  await Promise.all([
    client.pushManifest({ repository, target: image.digest }, image),
    ...[empty, ...statements].map((one) => client.ensureBlob(repository, bytesBlob(one))),
  ]);
  // One after the other: a registry without the referrers API keeps one list, and each push would write its own.
  for (const { artifactType, bytes, digest } of statements) {
    const layer: Descriptor = { mediaType: artifactType, digest, size: bytes.length };
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      artifactType,
      config: { mediaType: MEDIA.empty, digest: empty.digest, size: EMPTY.length },
      layers: [layer],
      subject: describe(image),
    };
    await client.pushReferrer(repository, manifest);
  }
}
