import { BOOTSTRAP_TAG } from '../../manifest/names.ts';
import { bytesBlob, remoteBlob } from '../registry/blobs.ts';
import type { BaseImage, ComposedImage, Document } from './document.ts';
import type { StoredLayer } from './layer-store.ts';
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
  const deliver = async (...[blob, from]: DeliverArguments): Promise<number> =>
    (await run.layers.deliver(repository, blob, from)) === 'uploaded' ? blob.size : 0;
  const sent = await Promise.all([
    ...manifest.layers.map((layer) =>
      deliver(
        remoteBlob(base.client, { repository: base.repository, digest: layer.digest, size: layer.size }),
        base.sameRegistry ? [base.repository] : [],
      ),
    ),
    ...layers.map(({ blob, foundIn }) => deliver(blob, foundIn === undefined ? [] : [foundIn])),
    deliver(bytesBlob(image.config)),
  ]);
  return sent.reduce((sum, bytes) => sum + bytes, 0);
}

type DeliverArguments = [blob: Parameters<Run['layers']['deliver']>[1], from?: readonly string[]];

/** Stores what an index names; a single manifest comes with its first tag. */
export async function pushManifests(
  { client, repository }: ServiceBuild,
  images: readonly PlatformImage[],
  top: Document,
): Promise<void> {
  for (const { image } of images) {
    if (image.manifest.digest !== top.digest) {
      await client.pushManifest({ repository, target: image.manifest.digest }, image.manifest);
    }
  }
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
  const { client, repository, request } = build;
  if ((await client.resolveManifest(repository, BOOTSTRAP_TAG)) === undefined) await pushTag(build, BOOTSTRAP_TAG, top);
  await Promise.all(
    images.flatMap((image) => sharedLayers(image, repository).map((tag) => pushTag(build, tag, image.image.manifest))),
  );
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
