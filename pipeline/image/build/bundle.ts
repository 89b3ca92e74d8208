import { isBuiltin } from 'node:module';
import type { Manifest } from '../../manifest/types.ts';
import { type Bundler, type BundlerOutput, packageName, runBundler } from './esbuild.ts';
import { findPackage, type Import, type Lockfile, packagePathOf } from './lockfile.ts';
import { BUNDLE_FILE, entryOf, ownCodeRequest, PACKAGE_PREFIX } from './own-code.ts';
import { BuildError } from './types.ts';

export interface Bundle {
  readonly code: Uint8Array;
  readonly sourceMap?: Uint8Array;
  /** Every file that went in, relative to the root, with the bytes that it takes up in the bundle. */
  readonly inputs: ReadonlyMap<string, number>;
  /** Native packages that the bundle imports. */
  readonly native: readonly string[];
}

export interface BundleRequest {
  /** Real path of the checkout. */
  readonly root: string;
  readonly manifest: Pick<Manifest, 'name' | 'entry'>;
  /** Native packages, which stay outside. */
  readonly external: readonly string[];
  readonly sourceMap?: boolean;
}

/** What a service is made of, found without reading a single package. */
export interface Sources {
  /** Packages that the repository's own files import. */
  readonly imports: readonly Import[];
  /** The own code in one module, which imports packages by `PACKAGE_PREFIX` and their names. */
  readonly bundle: Bundle;
  /** What it imports. */
  readonly specifiers: BundlerOutput['imports'];
}

/**
 * Follows the imports up to the borders of the packages: a fraction of the work of bundling everything. Throws `BuildError` like bundling.
 * Own code mostly imports what package.json declares; only if it does not, all that is in the lock file is left out by name.
 */
export async function bundleSources(bundler: Bundler, request: BundleRequest, lockfile: Lockfile): Promise<Sources> {
  const quick = await bundleDeclared(bundler, request);
  if (quick !== undefined) {
    const sources = toSources(quick, request);
    if (isApart(sources, lockfile)) return sources;
  }
  const { root, manifest, external, sourceMap = false } = request;
  const names = new Set([...lockfile.packages.values()].map(({ name }) => name));
  const output = await runBundler(bundler, entryOf(manifest), {
    root,
    input: { entry: entryOf(manifest) },
    output: BUNDLE_FILE,
    external,
    renamed: { prefix: PACKAGE_PREFIX, packages: [...names].filter((name) => !external.includes(name)) },
    sourceMap,
  });
  return toSources(output, request);
}

/** Undefined when a package that is not declared, and therefore taken in, does not bundle. */
async function bundleDeclared(bundler: Bundler, request: BundleRequest): Promise<BundlerOutput | undefined> {
  try {
    return await runBundler(bundler, entryOf(request.manifest), ownCodeRequest(request));
  } catch (error) {
    if (error instanceof BuildError && error.message.includes('node_modules/')) return undefined;
    throw error;
  }
}

/** Whether no package has been taken in, and what was left out are packages and not the repository's own, which node_modules links to. */
function isApart({ bundle, imports }: Sources, lockfile: Lockfile): boolean {
  const takenIn = [...bundle.inputs.keys()].some((file) => {
    const path = packagePathOf(file);
    return path !== undefined && !lockfile.links.has(path);
  });
  return (
    !takenIn && imports.every(({ name, from }) => isBuiltin(name) || findPackage(lockfile, name, from) !== undefined)
  );
}

function toSources(output: BundlerOutput, { manifest, external }: BundleRequest): Sources {
  const imports = Object.entries(output.metafile.inputs).flatMap(([file, { imports: all }]) =>
    all
      .filter((one) => one.external)
      .map(({ path }) => ({ name: packageName(withoutPrefix(path)), from: folderOf(file, manifest.name) })),
  );
  const named = nameExternals(output, external);
  return { imports, bundle: toBundle(named, external), specifiers: named.imports };
}

/** Packages that stay outside the bundle are called what they are. No character moves, so the source map stays right. */
function nameExternals(output: BundlerOutput, external: readonly string[]): BundlerOutput {
  const isExternal = (path: string): boolean => external.includes(packageName(withoutPrefix(path)));
  const renamed = new Set(
    output.imports.map(({ path }) => path).filter((path) => path !== withoutPrefix(path) && isExternal(path)),
  );
  if (renamed.size === 0) return output;
  const code = Buffer.from(output.code)
    .toString()
    .replaceAll(NAMED, (name, path: string) =>
      renamed.has(path) ? JSON.stringify(withoutPrefix(path)).padEnd(name.length) : name,
    );
  const imports = output.imports.map(({ path, kind }) => ({
    path: isExternal(path) ? withoutPrefix(path) : path,
    kind,
  }));
  return { ...output, code: Buffer.from(code), imports };
}

const NAMED = new RegExp(`"(${PACKAGE_PREFIX}[^"]+)"`, 'g');

export const withoutPrefix = (specifier: string): string =>
  specifier.startsWith(PACKAGE_PREFIX) ? specifier.slice(PACKAGE_PREFIX.length) : specifier;

/** A service may have packages of its own beside those of the root. */
const folderOf = (file: string, service: string): string =>
  file.startsWith(`services/${service}/`) ? `services/${service}` : '';

/** One ES module with everything but the native packages. Throws `BuildError` with file and line when the sources do not bundle. */
export async function bundleService(
  bundler: Bundler,
  { root, manifest, external, sourceMap = false }: BundleRequest,
): Promise<Bundle> {
  const entry = entryOf(manifest);
  const output = await runBundler(bundler, entry, {
    root,
    input: { entry },
    output: BUNDLE_FILE,
    external,
    sourceMap,
  });
  return toBundle(output, external);
}

export function toBundle({ imports, code, sourceMap, inputs }: BundlerOutput, external: readonly string[]): Bundle {
  const imported = new Set(imports.map(({ path }) => packageName(path)));
  const native = external.filter((name) => imported.has(name));
  return { code, inputs, native, ...(sourceMap && { sourceMap }) };
}
