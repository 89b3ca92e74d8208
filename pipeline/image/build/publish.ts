import { BOOTSTRAP_TAG } from '../../manifest/names.ts';
import { bytesBlob, remoteBlob } from '../registry/blobs.ts';
import type { Blob } from '../registry/client.ts';
import { allOver } from './all-over.ts';
import { type Artifact, attach } from './attestations.ts';
import type { Base } from './base.ts';
import type { BaseImage, ComposedImage, Document } from './document.ts';
import type { Delivery, StoredLayer } from './layer-store.ts';
import { layerTag } from './layer-store.ts';
import type { Run } from './run.ts';
import { partTag, pullImage, pushTag, requireCommitTag, tagParts } from './tags.ts';
import { BuildError, type PlatformName, type ServiceBuild } from './types.ts';

/** An image of one platform with the layers that it has on top of its base. */
export interface PlatformImage {
  readonly platform: PlatformName;
  readonly base: BaseImage;
  readonly image: ComposedImage;
  readonly layers: readonly StoredLayer[];
}

/** Brings layers, base layers and configuration into the repository. Returns the bytes that were sent. */
export async function pushBlobs(
  run: Run,
  build: ServiceBuild,
  { base, image: { base: below, image, layers } }: { readonly base: Base; readonly image: PlatformImage },
): Promise<number> {
  const { repository } = build;
  const deliver = async (blob: Blob, delivery: Delivery): Promise<number> =>
    (await run.layers.deliver(repository, blob, delivery)) === 'uploaded' ? blob.size : 0;
  const sent = await allOver([
    ...below.manifest.layers.map((layer) =>
      deliver(remoteBlob(base.client, { repository: base.repository, digest: layer.digest, size: layer.size }), {
        from: base.sameRegistry ? [base.repository] : [],
      }),
    ),
    ...layers.map(({ blob, foundIn }) => deliver(blob, foundIn === undefined ? { unseen: true } : { from: [foundIn] })),
    deliver(bytesBlob(image.config), { unseen: true }),
  ]);
  return sent.reduce((sum, bytes) => sum + bytes, 0);
}

export interface Publication {
  readonly images: readonly PlatformImage[];
  readonly top: Document;
  /** Tag by which the image is found by its content. */
  readonly contentTag: string;
  /** The repository holds no other. */
  readonly isFirst: boolean;
}

/** Stores what an index names and what refers to the image; the image itself otherwise comes with its first tag. */
export async function pushManifests(
  build: ServiceBuild,
  { images, top, contentTag }: Publication,
  artifacts: readonly Artifact[],
): Promise<void> {
  const { client, repository } = build;
  const parts = images.map(({ image }) => image).filter(({ manifest }) => manifest.digest !== top.digest);
  await allOver(parts.map((part) => pushPart(build, part, contentTag)));
  if (artifacts.length === 0) return;
  await client.pushManifest({ repository, target: top.digest }, top);
  await attach(build, artifacts);
}

async function pushPart(build: ServiceBuild, { manifest, platform }: ComposedImage, contentTag: string): Promise<void> {
  const { client, repository } = build;
  if (await pushTag(build, partTag(contentTag, platform), manifest)) return;
  // The tag is that of a part with the same content, whose index has this one's tag as well.
  await client.pushManifest({ repository, target: manifest.digest }, manifest);
}

/**
 * Gives the image its tags. The content's comes after everything else of the image is there: a build that is killed before it is
 * simply done again. Returns the digest that counts: another build of the same content may have been faster.
 */
export async function pushTags(
  build: ServiceBuild,
  { images, top, contentTag, isFirst }: Publication,
): Promise<string> {
  const { repository } = build;
  // Not at once: CNCF's registry reads what it writes for another tag of the same manifest half-written.
  if (isFirst && (await pushTag(build, BOOTSTRAP_TAG, top))) await tagParts(build, top.digest, BOOTSTRAP_TAG);
  const tags = images.flatMap((image) => sharedLayers(image, repository).map((tag) => [tag, image.image] as const));
  for (const [tag, { manifest }] of tags) await pushTag(build, tag, manifest);
  const digest = (await pushTag(build, contentTag, top)) ? top.digest : await winner(build, contentTag);
  await requireCommitTag(build, digest === top.digest ? top : await pullImage(build, digest), digest);
  return digest;
}

/** Whether the image that is being built is the one that Terraform creates the service with. */
export async function isFirstImage({ client, repository }: ServiceBuild): Promise<boolean> {
  return (await client.resolveManifest(repository, BOOTSTRAP_TAG)) === undefined;
}

/** Tags for the layers by which other builds shall find this image. */
function sharedLayers({ layers }: PlatformImage, repository: string): string[] {
  const shared = layers.filter(({ layer, foundIn }) => layer.name !== 'application' && foundIn !== repository);
  return shared.map(({ layer }) => layerTag(layer.key));
}

async function winner({ client, repository }: ServiceBuild, tag: string): Promise<string> {
  const found = await client.resolveManifest(repository, tag);
  if (found !== undefined) return found.digest;
  throw new BuildError(`${repository}:${tag} is refused as taken, but is not there`, 'Run the build again');
}
