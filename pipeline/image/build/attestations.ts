import { bytesBlob } from '../registry/blobs.ts';
import type { Blob } from '../registry/client.ts';
import { sha256 } from '../registry/digest.ts';
import { type Descriptor, type ImageManifest, MEDIA } from '../registry/oci.ts';
import { allOver } from './all-over.ts';
import type { ServiceBuild } from './types.ts';

export const ARTIFACT = {
  billOfMaterials: 'application/vnd.cyclonedx+json',
  provenance: 'application/vnd.in-toto+json',
} as const;

export interface Attestation {
  readonly artifactType: (typeof ARTIFACT)[keyof typeof ARTIFACT];
  readonly content: object;
}

/** A statement about an image, as an artifact that refers to it. */
export interface Artifact {
  readonly manifest: ImageManifest;
  readonly blobs: readonly Blob[];
}

const EMPTY = Buffer.from('{}');

/** Lambda's documentation warns of images with anything attached. */
export const wantsAttestations = ({ request, manifest }: Pick<ServiceBuild, 'request' | 'manifest'>): boolean =>
  (request.attestations ?? true) && manifest.kind !== 'function';

/** Pure; https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage */
export function artifactOf(subject: Descriptor, { artifactType, content }: Attestation): Artifact {
  const statement = blobOf(Buffer.from(JSON.stringify(content)));
  const empty = blobOf(EMPTY);
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType,
    config: { mediaType: MEDIA.empty, digest: empty.digest, size: empty.size },
    layers: [{ mediaType: artifactType, digest: statement.digest, size: statement.size }],
    subject,
  };
  return { manifest, blobs: [empty, statement] };
}

const blobOf = (bytes: Buffer): Blob => bytesBlob({ digest: sha256(bytes), bytes });

export async function pushArtifactBlobs(
  { client, repository }: ServiceBuild,
  artifacts: readonly Artifact[],
): Promise<void> {
  const blobs = new Map(
    artifacts.flatMap(({ manifest, blobs: all }) =>
      all.map((blob) => [blob.digest, { blob, unseen: isNew(manifest, blob) }] as const),
    ),
  );
  await allOver([...blobs.values()].map(({ blob, unseen }) => client.ensureBlob(repository, blob, { unseen })));
}

/** A provenance names its commit and image; a bill of materials is that of the image before, as long as the packages are. */
const isNew = ({ artifactType, config }: ImageManifest, { digest }: Blob): boolean =>
  artifactType === ARTIFACT.provenance && digest !== config.digest;

/** Attaches the artifacts to their image; their blobs are there. */
export async function attach({ client, repository }: ServiceBuild, artifacts: readonly Artifact[]): Promise<void> {
  await client.pushReferrers(
    repository,
    artifacts.map(({ manifest }) => manifest),
  );
}
