import { createHash } from 'node:crypto';
import type { Compression } from '../layer/compression.ts';
import type { LockedPackage } from './lockfile.ts';
import type { PlatformName } from './types.ts';

/** Changes when the same content would become another image. */
const FORMAT = 5;

/** Everything that an image is a function of, by identity. Order does not matter. */
export interface ImageContent {
  /** The repository's own files in the bundle -> SHA-256 of their content. */
  readonly sources: ReadonlyMap<string, string>;
  /** SHA-256 of the own code as it was bundled: tsconfig.json, a package.json and the entry have their say in it, and are no sources. */
  readonly code: string;
  /** Packages that the bundle may take in, and the bundler. */
  readonly packages: readonly LockedPackage[];
  /** Key of the layer with the assets. */
  readonly assets: string | undefined;
  readonly baseDigest: string;
  readonly platforms: readonly PlatformName[];
  readonly compression: Compression;
  readonly port: number | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly source: string | undefined;
}

/** Content key: equal keys are equal images, on every machine. 64 hexadecimal digits. */
export function contentKey(content: ImageContent): string {
  const { sources, code, packages, assets, baseDigest, platforms, compression, port, labels, source } = content;
  return hash([
    'image',
    FORMAT,
    [...sources].sort(([a], [b]) => (a < b ? -1 : 1)),
    code,
    packages.map(identity).sort(),
    assets ?? null,
    baseDigest,
    platforms,
    compression,
    port ?? null,
    source ?? null,
    ...(labels === undefined ? [] : [Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]),
  ]);
}

/** Key of the layer with bundled packages: what is taken from them, and everything that may come with it. */
export function packagesLayerKey(
  imports: ReadonlyMap<string, readonly string[]>,
  packages: readonly LockedPackage[],
  { compression, external }: { readonly compression: Compression; readonly external: readonly string[] },
): string {
  return hash(['packages', FORMAT, compression, external, [...imports], packages.map(identity).sort()]);
}

/** Key of the layer with the packages beside the bundle for one platform; `whole` are those of which nothing is left out. */
export function nativeLayerKey(
  packages: readonly LockedPackage[],
  whole: readonly string[],
  { platform, compression }: { readonly platform: PlatformName; readonly compression: Compression },
): string {
  return hash(['native', FORMAT, platform, compression, whole, packages.map(identity).sort()]);
}

/** Key of a layer of files: path in the image, mode and SHA-256 of each. */
export function filesLayerKey(
  files: readonly (readonly [path: string, mode: number, digest: string])[],
  compression: Compression,
): string {
  return hash(['files', FORMAT, compression, [...files].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** A package is what its integrity says, and a patch; the version names it for those that have none. */
const identity = ({ path, version, integrity, patch }: LockedPackage): string =>
  `${path}@${version} ${integrity ?? ''}${patch === undefined ? '' : ` ${patch}`}`;
const hash = (value: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
