import type { Compression } from '../layer/compression.ts';
import { type Entry, PLAIN } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';
import { requireNoReaders } from './beside.ts';
import { type Bundle, bundleService } from './bundle.ts';
import { packageName } from './esbuild.ts';
import { bundledPackages, type Identity, requireKnown } from './identity.ts';
import { filesLayerKey, packagesLayerKey } from './key.ts';
import type { LayerContent, LayerHoldings, LayerPlan } from './layer-store.ts';
import { closureOf, findPackage, type LockedPackage, requireInstalled } from './lockfile.ts';
import { BUNDLE_FILE } from './own-code.ts';
import type { Run } from './run.ts';
import { requireNoSecretIn } from './secrets.ts';
import type { Part } from './size-guard.ts';
import { bundlePackages, importFromPackages, PACKAGES_FILE, type PackageImports } from './split.ts';
import { BuildError, type ServiceBuild } from './types.ts';

/** The code of an image: own code, which is bundled for every change, and packages, which the registry may hold from before. */
export interface ServiceCode {
  /** Own code; packages, too, when the two cannot be told apart. */
  readonly bundle: Bundle;
  /** The layer with the packages, if there is one. */
  readonly layers: readonly LayerPlan[];
  readonly packages: readonly LockedPackage[];
  /** Bytes of each package in the layer. */
  readonly parts: readonly Part[];
  /** Packages outside the bundle that any of the code imports. */
  readonly native: readonly string[];
}

/**
 * Bundles a service: 1,400 modules of packages take half a second, a service's own 50 a hundredth of it. Packages therefore are a layer
 * of their own that is found in the registry by what is imported and by the lock file. Throws `BuildError`.
 */
export async function bundleCode(
  run: Run,
  build: ServiceBuild,
  { identity, packagesLayer }: { readonly identity: Identity; readonly packagesLayer: LayerPlan | undefined },
): Promise<ServiceCode> {
  try {
    const { imports } = identity;
    if (imports !== undefined) return await bundleApart(run, build, { identity, imports, packagesLayer });
  } catch (error) {
    // One bundle of everything tells the reason with the file and line of the import.
    if (!(error instanceof BuildError)) throw error;
  }
  const bundle = await bundleWhole(run, build, identity);
  const packages = requirePackages(run, { identity, service: build.manifest.name }, bundle);
  return { bundle, layers: [], packages, parts: [], native: bundle.native };
}

/** The bundle with the service's own code, and nothing of the image around it. Throws `BuildError`. */
export async function bundleOwn(run: Run, build: ServiceBuild, identity: Identity): Promise<Bundle> {
  return identity.imports === undefined ? bundleWhole(run, build, identity) : identity.sources.bundle;
}

function bundleWhole(
  { root, bundler }: Run,
  { request, manifest }: ServiceBuild,
  { external }: Identity,
): Promise<Bundle> {
  return bundleService(bundler, { root, manifest, external, sourceMap: request.sourceMaps !== undefined });
}

interface Owner {
  readonly identity: Identity;
  readonly service: string;
}

interface Apart {
  readonly identity: Identity;
  readonly imports: PackageImports;
  readonly packagesLayer: LayerPlan | undefined;
}

async function bundleApart(
  run: Run,
  { repository }: ServiceBuild,
  { identity, imports, packagesLayer }: Apart,
): Promise<ServiceCode> {
  const { sources, compression } = identity;
  const layers = packagesLayer === undefined ? [] : [packagesLayer];
  const storing = Promise.all(layers.map((layer) => run.layers.obtain(layer, repository, compression)));
  const bundle = importFromPackages(sources.bundle, imports);
  // Packed while the packages are looked for.
  run.begin(run.layers.obtain(applicationLayer(bundle, compression), repository, compression));
  const stored = await storing;
  const holds = stored[0]?.layer.holds ?? { packages: {}, native: [] };
  return { bundle, layers, ...combine(run, identity, { own: bundle, holds }) };
}

/** The layer that every change of own code makes anew. */
export function applicationLayer(bundle: Bundle, compression: Compression): LayerPlan {
  const entry: Entry = { type: 'file', path: `app/${BUNDLE_FILE}`, mode: PLAIN, content: bundle.code };
  const key = filesLayerKey([[entry.path, PLAIN, sha256(bundle.code)]], compression);
  return { name: 'application', key, shared: false, content: () => ({ entries: [entry] }) };
}

/** The layer with what own code takes from packages; undefined when it takes nothing, or is one bundle with them. */
export function planPackages(run: Run, { identity, service }: Owner): LayerPlan | undefined {
  const { lockfile, bundler, root } = run;
  const { external, compression, imports = new Map() } = identity;
  if (imports.size === 0) return undefined;
  const names = [...imports.keys()].map((specifier) => ({ name: packageName(specifier) }));
  const tool = findPackage(lockfile, 'esbuild');
  const packages = [...closureOf(lockfile, names), ...(tool === undefined ? [] : [tool])];
  const locked = new Set(packages.map(({ name }) => name));
  const content = async (): Promise<LayerContent> => {
    const bundle = await bundlePackages(bundler, { root, external }, imports);
    const held = requirePackages(run, { identity, service }, bundle);
    requireNoSecretIn(`the packages of the service (${names.map(({ name }) => name).join(', ')})`, bundle.code);
    const files = [[PACKAGES_FILE, bundle.code] as const, ...bundle.others];
    const entries = files.map(
      ([file, code]): Entry => ({ type: 'file', path: `app/${file}`, mode: PLAIN, content: Buffer.from(code) }),
    );
    const sizes = held.map(({ path }) => [path, bytesOf(bundle, path)] as const);
    return { entries, holds: { packages: Object.fromEntries(sizes), native: bundle.native } };
  };
  const key = packagesLayerKey(imports, packages, {
    compression,
    external: external.filter((name) => locked.has(name)),
  });
  return { name: 'packages', key, shared: true, content };
}

function bytesOf({ inputs }: Bundle, path: string): number {
  const of = [...inputs].filter(
    ([file]) => file.startsWith(`${path}/`) && !file.slice(path.length + 1).includes('node_modules/'),
  );
  return of.reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** Packages in a bundle: known to the content key, installed as the lock file says, and none that would miss its files. */
function requirePackages(run: Run, { identity, service }: Owner, bundle: Bundle): LockedPackage[] {
  const packages = bundledPackages(run, bundle.inputs.keys());
  requireNoReaders(run.root, service, bundle);
  requireKnown(packages, identity);
  for (const one of packages) requireInstalled(run.root, one);
  return packages;
}

function combine(
  { lockfile }: Run,
  { external }: Identity,
  { own, holds }: { readonly own: Bundle; readonly holds: LayerHoldings },
): Pick<ServiceCode, 'packages' | 'parts' | 'native'> {
  const native = new Set([...own.native, ...holds.native]);
  const parts = Object.entries(holds.packages).map(([path, bytes]) => ({
    name: path.replace(/^.*node_modules\//, ''),
    bytes,
  }));
  return {
    packages: Object.keys(holds.packages).flatMap((path) => lockfile.packages.get(path) ?? []),
    parts,
    native: external.filter((name) => native.has(name)),
  };
}
