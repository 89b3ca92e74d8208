import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../manifest/types.ts';
import type { Compression } from '../layer/compression.ts';
import { PLAIN } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';
import { type Asset, findAssets } from './assets.ts';
import { bundleSources, type Sources } from './bundle.ts';
import { contentKey, filesLayerKey } from './key.ts';
import { closureOf, findPackage, type LockedPackage, packagePathOf } from './lockfile.ts';
import { wantedPlatforms } from './platform.ts';
import type { Run } from './run.ts';
import { type PackageImports, packageImports } from './split.ts';
import { BuildError, type PlatformName, type ServiceBuild } from './types.ts';

/** What an image is a function of: all that is needed to know whether it exists already. */
export interface Identity {
  readonly sources: Sources;
  /** What own code takes from packages; undefined when the service has to stay one bundle. */
  readonly imports: PackageImports | undefined;
  /** Packages that stay outside the bundle: native ones, and those that the manifest names. */
  readonly external: readonly string[];
  readonly platforms: readonly PlatformName[];
  readonly compression: Compression;
  /** Packages that the bundle may take in. */
  readonly packages: readonly LockedPackage[];
  readonly assets: readonly Asset[];
  readonly assetsKey: string | undefined;
  /** Content key on a base. */
  keyOn(baseDigest: string): string;
}

/** Finds out what the image will be made of, without making anything. Throws `BuildError`. */
export async function identify(run: Run, { request, manifest }: ServiceBuild): Promise<Identity> {
  const platforms = wantedPlatforms(request, manifest.kind);
  // Lambda's documentation names gzip only.
  const compression = manifest.kind === 'function' ? 'gzip' : (request.compression ?? 'gzip');
  const { root, bundler, lockfile } = run;
  const external = externalPackages(run, manifest);
  const sourceMap = request.sourceMaps !== undefined;
  const bundling = run.begin(bundleSources(bundler, { root, manifest, external, sourceMap }, lockfile));
  const assets = findAssets(root, manifest);
  const assetsKey = assets.length === 0 ? undefined : keyOfAssets(assets, compression);
  const sources = await bundling;
  const { bundle } = sources;
  // None is in it yet, unless somebody has put it into node_modules by hand.
  bundledPackages(run, bundle.inputs.keys());
  const own = `services/${manifest.name}`;
  const declared = (lockfile.declared.get(own) ?? []).map((name) => ({ name, from: own }));
  const packages = closureOf(lockfile, [...sources.imports, ...declared]);
  const tool = findPackage(lockfile, 'esbuild');
  const content = {
    sources: digestsOf(run, [...bundle.inputs.keys()]),
    code: sha256(bundle.code),
    packages: tool === undefined ? packages : [...packages, tool],
    assets: assetsKey,
    platforms,
    compression,
    port: manifest.port,
    labels: manifest.labels,
    source: request.source,
  };
  const keyOn = (baseDigest: string): string => contentKey({ ...content, baseDigest });
  const imports = hasOwnPackages(run, own) ? undefined : packageImports(sources);
  return { sources, imports, external, platforms, compression, packages, assets, assetsKey, keyOn };
}

/** Packages that are installed beside the service: those of the layer would find others. */
const hasOwnPackages = ({ lockfile }: Run, folder: string): boolean =>
  [...lockfile.packages.keys()].some((path) => path.startsWith(`${folder}/node_modules/`));

function externalPackages({ lockfile, nativeNames }: Run, { name, external = [] }: Manifest): readonly string[] {
  const unknown = external.find((one) => findPackage(lockfile, one) === undefined);
  if (unknown === undefined) return [...new Set([...nativeNames, ...external])].sort();
  throw new BuildError(
    `services/${name}/service.json: "external" names ${unknown}, which package-lock.json does not have`,
    'Correct the name, or run "npm install" with it',
  );
}

function keyOfAssets(assets: readonly Asset[], compression: Compression): string {
  return filesLayerKey(
    assets.map(({ entry, digest }) => [entry.path, entry.mode ?? PLAIN, digest] as const),
    compression,
  );
}

function digestsOf({ root, sourceDigests }: Run, files: readonly string[]): Map<string, string> {
  return new Map(
    files.filter(isFile).map((file) => {
      if (file.startsWith('..') || file.startsWith('/')) {
        throw new BuildError(
          `the bundle takes in ${file}, outside the checkout`,
          'Move the file into the service or into services/kit',
        );
      }
      const digest = sourceDigests.get(file) ?? sha256(readFileSync(join(root, file)));
      sourceDigests.set(file, digest);
      return [file, digest];
    }),
  );
}

/** esbuild's own helpers and disabled modules are inputs that are no files. */
const isFile = (input: string): boolean => !/^[(<]/.test(input);

/** Packages whose files are in the bundle, sorted by path. Throws `BuildError` for one that the lock file does not have. */
export function bundledPackages({ lockfile }: Run, inputs: Iterable<string>): LockedPackage[] {
  const paths = new Set([...inputs].flatMap((input) => packagePathOf(input) ?? []));
  return [...paths].sort().flatMap((path) => {
    if (lockfile.links.has(path)) return [];
    const locked = lockfile.packages.get(path);
    if (locked !== undefined) return [locked];
    throw new BuildError(
      `the bundle takes in ${path}, which package-lock.json does not have`,
      'Add it to "dependencies" in the package.json of the service, and run "npm install"',
    );
  });
}

/**
 * Throws `BuildError` when a package that stays outside the bundle is not where all of the bundle finds it: beside the bundle there is room
 * for one version.
 */
export function requireOneVersion({ packages }: Identity, external: readonly string[]): void {
  const apart = packages.find(({ name, path }) => external.includes(name) && path !== `node_modules/${name}`);
  if (apart === undefined) return;
  throw new BuildError(
    `${apart.name} ${apart.version} is installed as ${apart.path}; outside the bundle there can be one version, that of node_modules/${apart.name}`,
    `Let all packages take the same version of ${apart.name} ("overrides" in package.json), and run "npm install"`,
  );
}

/** Throws `BuildError` for a package in the image that the content key does not know: its change would go unnoticed. */
export function requireKnown(packages: readonly LockedPackage[], { packages: known }: Identity): void {
  const paths = new Set(known.map(({ path }) => path));
  const stray = packages.find(({ path }) => !paths.has(path));
  if (stray === undefined) return;
  throw new BuildError(
    `the bundle takes in ${stray.name}, which no package that imports it has declared`,
    'Add it to "dependencies" in the package.json of the service, and run "npm install"',
  );
}
