import type { Manifest } from '../../manifest/types.ts';
import { type Bundler, type BundlerOutput, packageName, runBundler } from './esbuild.ts';
import type { Import } from './lockfile.ts';

export const BUNDLE_FILE = 'main.mjs';

/** Before the names of packages in own code that has been bundled without them: no text of the code itself looks like it. */
export const PACKAGE_PREFIX = 'slipway-packages:';

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

const entryOf = ({ name, entry }: BundleRequest['manifest']): string => `services/${name}/${entry}`;

/**
 * Follows the imports up to the borders of the packages: a fraction of the work of bundling everything. Throws `BuildError` like bundling.
 * @param packages all that are installed
 */
export async function bundleSources(
  bundler: Bundler,
  request: BundleRequest,
  packages: readonly string[],
): Promise<Sources> {
  const { root, manifest, external, sourceMap = false } = request;
  const entry = entryOf(manifest);
  const output = await runBundler(bundler, entry, {
    root,
    input: { entry },
    output: BUNDLE_FILE,
    external,
    renamed: { prefix: PACKAGE_PREFIX, packages: packages.filter((name) => !external.includes(name)) },
    sourceMap,
  });
  const imports = Object.entries(output.metafile.inputs).flatMap(([file, { imports: all }]) =>
    all
      .filter((one) => one.external)
      .map(({ path }) => ({ name: packageName(withoutPrefix(path)), from: folderOf(file, manifest.name) })),
  );
  return { imports, bundle: toBundle(output, external), specifiers: output.imports };
}

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
