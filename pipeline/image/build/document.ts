import type { Layer } from '../layer/layer.ts';
import { sha256 } from '../registry/digest.ts';
import {
  type Annotations,
  type ContainerConfig,
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  MEDIA,
  type Platform,
} from '../registry/oci.ts';
import { ANNOTATION } from './annotations.ts';

/** A JSON document of an image, as it goes to the registry. */
export interface Document {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

/** One layer of ours: what it is called in the history, and its content key. */
export interface NamedLayer extends Layer {
  readonly name: string;
  readonly key: string;
  readonly holds?: LayerHoldings;
}

/** What a layer of bundled packages holds. */
export interface LayerHoldings {
  /** Where a package is installed -> bytes that it takes up. */
  readonly packages: Readonly<Record<string, number>>;
  /** Native packages that the code imports. */
  readonly native: readonly string[];
}

/** The image below ours, for one platform. */
export interface BaseImage {
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

export interface ImageParts {
  readonly platform: Platform;
  readonly base?: BaseImage;
  readonly layers: readonly NamedLayer[];
  readonly container: ContainerConfig;
  readonly annotations: Annotations;
}

export interface ComposedImage {
  readonly platform: Platform;
  readonly config: Document;
  readonly manifest: Document;
}

/** Equal content, equal digest: no image says when it was made. */
const CREATED = '1970-01-01T00:00:00Z';

/** Configuration and manifest of an image. Pure: the same parts give the same bytes. */
export function composeImage({ platform, base, layers, container, annotations }: ImageParts): ComposedImage {
  const config: ImageConfig = {
    created: CREATED,
    ...platform,
    config: container,
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)],
    },
    history: [
      ...(base?.config.history ?? []),
      ...layers.map(({ name }) => ({ created: CREATED, created_by: `slipway: ${name}` })),
    ],
  };
  const configDocument = documentOf(config, MEDIA.config);
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: describe(configDocument),
    layers: [...(base?.manifest.layers ?? []).map(asOci), ...layers.map(layerDescriptor)],
    annotations,
  };
  return { platform, config: configDocument, manifest: documentOf(manifest, MEDIA.manifest) };
}

/** One name for the images of several platforms. */
export function composeIndex(images: readonly ComposedImage[], annotations: Annotations): Document {
  const manifests = images.map(({ manifest, platform }) => ({ ...describe(manifest), platform }));
  return documentOf(
    { schemaVersion: 2, mediaType: MEDIA.index, manifests, annotations } satisfies ImageIndex,
    MEDIA.index,
  );
}

export const describe = ({ mediaType, digest, bytes }: Document): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
});

export function documentOf(value: ImageConfig | ImageManifest | ImageIndex, mediaType: string): Document {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, digest: sha256(bytes), bytes };
}

export function layerDescriptor({ mediaType, digest, size, key, diffId, unpackedSize, holds }: NamedLayer): Descriptor {
  const annotations = {
    [ANNOTATION.layerKey]: key,
    [ANNOTATION.diffId]: diffId,
    [ANNOTATION.unpackedSize]: String(unpackedSize),
    ...(holds !== undefined && { [ANNOTATION.holds]: JSON.stringify(holds) }),
  };
  return { mediaType, digest, size, annotations };
}

/** A manifest of OCI's kind names OCI's media types, whatever the base's manifest calls the same bytes. */
function asOci({ mediaType, digest, size }: Descriptor): Descriptor {
  const docker = mediaType === 'application/vnd.docker.image.rootfs.diff.tar.gzip';
  return { mediaType: docker ? 'application/vnd.oci.image.layer.v1.tar+gzip' : mediaType, digest, size };
}
