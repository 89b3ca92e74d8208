import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compression } from '../layer/compression.ts';
import { type Entry, PLAIN } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';
import { BUNDLE_FILE, type Bundle, bundleService } from './bundle.ts';
import { bundledPackages, type Identity, requireKnown } from './identity.ts';
import { filesLayerKey, nativeLayerKey } from './key.ts';
import { type LockedPackage, requireInstalled } from './lockfile.ts';
import { nativeClosure, nativeEntries } from './native.ts';
import type { Run } from './run.ts';
import type { PlatformName, ServiceBuild } from './types.ts';

export const NATIVE_LAYER = 'native packages';

export interface LayerPlan {
  readonly name: string;
  readonly key: string;
  /** Large and seldom changed: looked for in the registry before it is packed. */
  readonly shared: boolean;
  /** Finds the files; only called when the layer has to be packed. */
  entries(): readonly Entry[];
}

/** What an image of the `node` builder consists of. Nothing has been packed yet. */
export interface ImagePlan {
  readonly bundle: Bundle;
  /** Packages in the bundle. */
  readonly packages: readonly LockedPackage[];
  /** Packages beside the bundle. */
  readonly native: ReadonlyMap<PlatformName, readonly LockedPackage[]>;
  readonly layers: ReadonlyMap<PlatformName, readonly LayerPlan[]>;
}

/** Bundles the service and decides its layers: native packages, application, assets. Throws `BuildError`. */
export async function planImage(run: Run, build: ServiceBuild, identity: Identity): Promise<ImagePlan> {
  const { platforms, compression } = identity;
  const bundle = await bundleService(run.bundler, {
    sourceMap: build.request.sourceMaps !== undefined,
    root: run.root,
    manifest: build.manifest,
    external: run.nativeNames,
  });
  const packages = bundledPackages(run, bundle.inputs.keys());
  await writeSourceMap(build, bundle);
  const native = new Map(platforms.map((platform) => [platform, nativeClosure(run.lockfile, bundle.native, platform)]));
  requireKnown([...packages, ...[...native.values()].flat()], identity);
  for (const one of packages) requireInstalled(run.root, one);
  const common = [appLayer(bundle, compression), ...assetsLayer(identity)];
  const layers = platforms.map((platform) => {
    const layer = nativeLayer(run.root, { packages: native.get(platform) ?? [], platform, compression });
    return [platform, [...layer, ...common]] as const;
  });
  return { bundle, packages, native, layers: new Map(layers) };
}

async function writeSourceMap({ request, manifest }: ServiceBuild, { sourceMap }: Bundle): Promise<void> {
  if (request.sourceMaps === undefined || sourceMap === undefined) return;
  const folder = join(request.sourceMaps, manifest.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${BUNDLE_FILE}.map`), sourceMap);
}

function appLayer(bundle: Bundle, compression: Compression): LayerPlan {
  const entry: Entry = { type: 'file', path: `app/${BUNDLE_FILE}`, mode: PLAIN, content: bundle.code };
  const key = filesLayerKey([[entry.path, PLAIN, sha256(bundle.code)]], compression);
  return { name: 'application', key, shared: false, entries: () => [entry] };
}

function assetsLayer({ assets, assetsKey }: Identity): LayerPlan[] {
  if (assetsKey === undefined) return [];
  return [{ name: 'assets', key: assetsKey, shared: true, entries: () => assets.map(({ entry }) => entry) }];
}

interface NativeLayer {
  readonly packages: readonly LockedPackage[];
  readonly platform: PlatformName;
  readonly compression: Compression;
}

function nativeLayer(root: string, { packages, platform, compression }: NativeLayer): LayerPlan[] {
  if (packages.length === 0) return [];
  const key = nativeLayerKey(packages, platform, compression);
  const entries = (): readonly Entry[] => nativeEntries(root, packages, platform);
  return [{ name: `${NATIVE_LAYER} for ${platform}`, key, shared: true, entries }];
}
