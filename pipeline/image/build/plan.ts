import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compression } from '../layer/compression.ts';
import { type Entry, PLAIN } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';
import { findAssets } from './assets.ts';
import { BUNDLE_FILE, type Bundle, bundleService } from './bundle.ts';
import { contentKey, filesLayerKey, nativeLayerKey } from './key.ts';
import { type LockedPackage, packagePathOf } from './lockfile.ts';
import { nativeClosure, nativeEntries } from './native.ts';
import type { Run } from './run.ts';
import { BuildError, type PlatformName, type ServiceBuild } from './types.ts';

export interface LayerPlan {
  readonly name: string;
  readonly key: string;
  /** Large and seldom changed: looked for in the registry before it is packed. */
  readonly shared: boolean;
  /** Finds the files; only called when the layer has to be packed. */
  entries(): readonly Entry[];
}

/** What an image of the `node` builder will consist of. Nothing has been packed yet. */
export interface ImagePlan {
  readonly platforms: readonly PlatformName[];
  readonly compression: Compression;
  readonly bundle: Bundle;
  /** Packages in the bundle. */
  readonly packages: readonly LockedPackage[];
  readonly native: ReadonlyMap<PlatformName, readonly LockedPackage[]>;
  readonly layers: ReadonlyMap<PlatformName, readonly LayerPlan[]>;
  /** Content key on a base. */
  keyOn(baseDigest: string): string;
}

/** Bundles the service and finds out what else its image needs. Throws `BuildError`. */
export async function planImage(run: Run, build: ServiceBuild): Promise<ImagePlan> {
  const { request, manifest } = build;
  const isFunction = manifest.kind === 'function';
  const wanted = request.platforms ?? ['linux/amd64'];
  // Lambda takes neither an index nor, by its documentation, zstd.
  const platforms = isFunction ? wanted.slice(0, 1) : wanted;
  const compression = isFunction ? 'gzip' : (request.compression ?? 'gzip');
  const bundle = await bundleService(run.bundler, { root: run.root, manifest, external: run.nativeNames });
  const { packages, sources } = inputsOf(run, bundle);
  const native = new Map(platforms.map((platform) => [platform, nativeClosure(run.lockfile, bundle.native, platform)]));
  const common = [appLayer(bundle, compression), ...assetsLayer(run, build, compression)];
  const layers = new Map(
    platforms.map((platform) => [
      platform,
      [...nativeLayer(run, native.get(platform) ?? [], platform, compression), ...common],
    ]),
  );
  const keys = [...new Set([...layers.values()].flat().map(({ name, key }) => `${name} ${key}`))];
  const { port } = manifest;
  const content = { code: sha256(bundle.code), sources, packages, layers: keys, platforms, compression };
  const optional = {
    ...(port !== undefined && { port }),
    ...(request.source !== undefined && { source: request.source }),
  };
  const keyOn = (baseDigest: string): string => contentKey({ ...content, ...optional, baseDigest });
  return { platforms, compression, bundle, packages, native, layers, keyOn };
}

/** What the bundle was made of: packages by their lock entries, everything else by content. */
function inputsOf(run: Run, bundle: Bundle): { packages: LockedPackage[]; sources: Map<string, string> } {
  const packages = new Map<string, LockedPackage>();
  const sources = new Map<string, string>();
  for (const path of bundle.inputs.keys()) {
    if (path.startsWith('..') || path.startsWith('/')) {
      throw new BuildError(
        `the bundle takes in ${path}, which lies outside the checkout`,
        'Move the file into the service or services/kit',
      );
    }
    const locked = run.lockfile.packages.get(packagePathOf(path) ?? '');
    if (locked?.integrity !== undefined) packages.set(locked.path, locked);
    // esbuild's own helpers and disabled modules are inputs that are no files; they depend on the bundle alone.
    else if (!/^[(<]/.test(path)) sources.set(path, sha256(readFileSync(join(run.root, path))));
  }
  return { packages: [...packages.values()], sources };
}

function appLayer(bundle: Bundle, compression: Compression): LayerPlan {
  const entry: Entry = { type: 'file', path: `app/${BUNDLE_FILE}`, mode: PLAIN, content: bundle.code };
  const key = filesLayerKey([[entry.path, PLAIN, sha256(bundle.code)]], compression);
  return { name: 'application', key, shared: false, entries: () => [entry] };
}

function assetsLayer(run: Run, { manifest }: ServiceBuild, compression: Compression): LayerPlan[] {
  const assets = findAssets(run.root, manifest);
  if (assets.length === 0) return [];
  const files = assets.map(({ entry, digest }) => [entry.path, entry.mode ?? PLAIN, digest] as const);
  return [
    {
      name: 'assets',
      key: filesLayerKey(files, compression),
      shared: true,
      entries: () => assets.map(({ entry }) => entry),
    },
  ];
}

function nativeLayer(
  run: Run,
  packages: readonly LockedPackage[],
  platform: PlatformName,
  compression: Compression,
): LayerPlan[] {
  if (packages.length === 0) return [];
  const key = nativeLayerKey(packages, platform, compression);
  const entries = (): readonly Entry[] => nativeEntries(run.root, packages, platform);
  return [{ name: `native packages for ${platform}`, key, shared: true, entries }];
}
