import { BOOTSTRAP_TAG } from '../../manifest/names.ts';
import { bytesBlob, remoteBlob } from '../registry/blobs.ts';
import type { Blob } from '../registry/client.ts';
import { type Artifact, attach } from './attestations.ts';
import type { BaseImage, ComposedImage, Document } from './document.ts';
import type { Delivery, StoredLayer } from './layer-store.ts';
import { layerTag } from './layer-store.ts';
import type { Run } from './run.ts';
import { commitTag, pushTag, tagImage } from './tags.ts';
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
  { base: { manifest }, image, layers }: PlatformImage,
): Promise<number> {
  const { repository } = build;
  const { base } = run;
  const deliver = async (blob: Blob, delivery: Delivery): Promise<number> =>
    (await run.layers.deliver(repository, blob, delivery)) === 'uploaded' ? blob.size : 0;
  const sent = await Promise.all([
    ...manifest.layers.map((layer) =>
      deliver(remoteBlob(base.client, { repository: base.repository, digest: layer.digest, size: layer.size }), {
        from: base.sameRegistry ? [base.repository] : [],
      }),
    ),
    ...layers.map(({ blob, foundIn }) => deliver(blob, foundIn === undefined ? { unseen: true } : { from: [foundIn] })),
    deliver(bytesBlob(image.config), { unseen: true }),
  ]);
  return sent.reduce((sum, bytes) => sum + bytes, 0);
}

export interface Manifests {
  readonly images: readonly PlatformImage[];
  readonly top: Document;
  readonly artifacts: readonly Artifact[];
}

/** Stores what an index names and what refers to the image; the image itself otherwise comes with its first tag. */
export async function pushManifests(build: ServiceBuild, { images, top, artifacts }: Manifests): Promise<void> {
  const { client, repository } = build;
  const parts = images.map(({ image }) => image.manifest).filter(({ digest }) => digest !== top.digest);
  await Promise.all(parts.map((part) => client.pushManifest({ repository, target: part.digest }, part)));
  if (artifacts.length === 0) return;
  await client.pushManifest({ repository, target: top.digest }, top);
  await attach(build, artifacts);
}

export interface Publication {
  readonly images: readonly PlatformImage[];
  readonly top: Document;
  /** Tag by which the image is found by its content. */
  readonly contentTag: string;
}

/**
 * Gives the image its tags. The content's comes after everything else of the image is there: a build that is killed before it is
 * simply done again. Returns the digest that counts: another build of the same content may have been faster.
 */
export async function pushTags(build: ServiceBuild, { images, top, contentTag }: Publication): Promise<string> {
  const { repository, request } = build;
  await Promise.all([
    pushBootstrapTag(build, top),
    ...images.flatMap((image) =>
      sharedLayers(image, repository).map((tag) => pushTag(build, tag, image.image.manifest)),
    ),
  ]);
  const digest = (await pushTag(build, contentTag, top)) ? top.digest : await winner(build, contentTag);
  const tag = commitTag(request.commit);
  const tagged = digest === top.digest ? await pushTag(build, tag, top) : await tagImage(build, digest, tag);
  if (!tagged) {
    throw new BuildError(
      `another build of ${request.commit} has pushed other content to ${repository} meanwhile`,
      'Run the build again: it takes over what is there, or says what differs',
    );
  }
  return digest;
}

async function pushBootstrapTag(build: ServiceBuild, top: Document): Promise<void> {
  const { client, repository } = build;
  if ((await client.resolveManifest(repository, BOOTSTRAP_TAG)) === undefined) await pushTag(build, BOOTSTRAP_TAG, top);
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
