/** Annotations by which a build finds its own work again in the registry. */
export const ANNOTATION = {
  /** Content key of the image. */
  key: 'dev.slipway.key',
  /** Content key of a layer. */
  layerKey: 'dev.slipway.layer.key',
  /** Digest of the layer's uncompressed archive. */
  diffId: 'dev.slipway.layer.diff-id',
  unpackedSize: 'dev.slipway.layer.unpacked-size',
  /** What a layer of bundled packages holds, as JSON: it cannot be seen from the files. */
  holds: 'dev.slipway.layer.holds',
  /** Digest that the base had when the image was built. */
  baseDigest: 'org.opencontainers.image.base.digest',
  baseName: 'org.opencontainers.image.base.name',
  title: 'org.opencontainers.image.title',
  description: 'org.opencontainers.image.description',
  source: 'org.opencontainers.image.source',
  /** Commit that the image was built from; later ones with the same content find it. */
  revision: 'org.opencontainers.image.revision',
  version: 'org.opencontainers.image.version',
  /** Month of a preview's image that an engine has built. */
  preview: 'dev.slipway.preview',
  standIn: 'dev.slipway.stand-in',
} as const;
