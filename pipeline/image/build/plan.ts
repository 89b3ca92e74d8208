import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compression } from '../layer/compression.ts';
import { requireOwnFiles } from './beside.ts';
import type { Bundle } from './bundle.ts';
import { applicationLayer, bundleCode, bundleOwn, planPackages } from './code.ts';
import { type Identity, requireKnown, requireOneVersion } from './identity.ts';
import { nativeLayerKey } from './key.ts';
import type { LayerContent, LayerPlan } from './layer-store.ts';
import type { LockedPackage } from './lockfile.ts';
import { nativeClosure, nativeEntries } from './native.ts';
import { BUNDLE_FILE } from './own-code.ts';
import type { Run } from './run.ts';
import { type Part, partsOf } from './size-guard.ts';
import type { PlatformName, ServiceBuild } from './types.ts';

export const NATIVE_LAYER = 'native packages';

/** What an image of the `node` builder consists of. Nothing has been packed yet. */
export interface ImagePlan {
  readonly bundle: Bundle;
  /** What the code consists of. */
  readonly parts: readonly Part[];
  /** Packages in the bundle. */
  readonly packages: readonly LockedPackage[];
  /** Packages beside the bundle. */
  readonly native: ReadonlyMap<PlatformName, readonly LockedPackage[]>;
  readonly layers: ReadonlyMap<PlatformName, readonly LayerPlan[]>;
}

/** Bundles the service and decides its layers: native packages, bundled packages, application, assets. Throws `BuildError`. */
export async function planImage(
  run: Run,
  build: ServiceBuild,
  { identity, seldomChanged }: { readonly identity: Identity; readonly seldomChanged: SeldomChanged },
): Promise<ImagePlan> {
  const { manifest } = build;
  const { platforms, compression } = identity;
  requireOwnFiles(manifest.name, identity.sources.bundle.code, identity.assets);
  // Packed while the packages are bundled, if the registry does not have it.
  for (const layer of seldomChanged.native) run.begin(run.layers.obtain(layer, build.repository, compression));
  const code = await bundleCode(run, build, { identity, packagesLayer: seldomChanged.packages });
  const { bundle, packages, parts } = code;
  requireOneVersion(identity, code.native);
  await writeSourceMap(build, bundle);
  const native = new Map(platforms.map((platform) => [platform, nativeClosure(run.lockfile, code.native, platform)]));
  requireKnown([...packages, ...[...native.values()].flat()], identity);
  const common = [...code.layers, applicationLayer(bundle, compression), ...assetsLayer(identity)];
  const layers = platforms.map((platform) => {
    const layer = nativeLayer(run, { packages: native.get(platform) ?? [], manifest, platform, compression });
    return [platform, [...layer, ...common]] as const;
  });
  return { bundle, packages, parts: [...partsOf(bundle), ...parts], native, layers: new Map(layers) };
}

/** Layers that a change of own code leaves as they are. */
export interface SeldomChanged {
  /** One for each platform. What own code imports is nearly always all that the image gets. */
  readonly native: readonly LayerPlan[];
  readonly packages: LayerPlan | undefined;
}

/** Asks the registry for them, before it is known whether there is a change. */
export function lookForLayers(run: Run, { repository, manifest }: ServiceBuild, identity: Identity): SeldomChanged {
  const { sources, external, platforms, compression } = identity;
  const imported = new Set(sources.imports.map(({ name }) => name));
  const names = external.filter((name) => imported.has(name));
  const native = platforms.flatMap((platform) => {
    const packages = nativeClosure(run.lockfile, names, platform);
    return nativeLayer(run, { packages, manifest, platform, compression });
  });
  const packages = planPackages(run, { identity, service: manifest.name });
  for (const layer of packages === undefined ? native : [...native, packages])
    run.begin(run.layers.find(layer, repository));
  return { native, packages };
}

/** The source map for an image that the registry has already: Sentry looks it up by the commit that is released, whoever built the image. */
export async function mapSources(run: Run, build: ServiceBuild, identity: Identity): Promise<void> {
  if (build.request.sourceMaps === undefined) return;
  await writeSourceMap(build, await bundleOwn(run, build, identity));
}

async function writeSourceMap({ request, manifest }: ServiceBuild, { sourceMap }: Bundle): Promise<void> {
  if (request.sourceMaps === undefined || sourceMap === undefined) return;
  const folder = join(request.sourceMaps, manifest.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${BUNDLE_FILE}.map`), sourceMap);
}

function assetsLayer({ assets, assetsKey }: Identity): LayerPlan[] {
  if (assetsKey === undefined) return [];
  return [
    { name: 'assets', key: assetsKey, shared: true, content: () => ({ entries: assets.map(({ entry }) => entry) }) },
  ];
}

interface NativeLayer {
  readonly packages: readonly LockedPackage[];
  readonly manifest: ServiceBuild['manifest'];
  readonly platform: PlatformName;
  readonly compression: Compression;
}

function nativeLayer(run: Run, { packages, manifest, platform, compression }: NativeLayer): LayerPlan[] {
  if (packages.length === 0) return [];
  const whole = packages.map(({ name }) => name).filter((name) => manifest.external?.includes(name));
  const key = nativeLayerKey(packages, whole, { platform, compression });
  const content = (): LayerContent => ({ entries: nativeEntries({ ...run, whole }, packages, platform) });
  return [{ name: `${NATIVE_LAYER} for ${platform}`, key, shared: true, content }];
}
