import type { Manifest } from '../../manifest/types.ts';
import { type Bundler, type BundlerOutput, type Plugin, packageName, runBundler } from './esbuild.ts';
import type { Import } from './lockfile.ts';

export const BUNDLE_FILE = 'main.mjs';

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
  /** Packages that stay outside. */
  readonly external: readonly string[];
  readonly sourceMap?: boolean;
}

/** What a service is made of, found without reading a single package. */
export interface Sources {
  /** The repository's own files, relative to the root. */
  readonly files: readonly string[];
  /** Packages that they import. */
  readonly imports: readonly Import[];
  /** The own code in one module whose imports are those of packages, as statements of esbuild's form. */
  readonly code: string;
  /** Those imports. */
  readonly specifiers: BundlerOutput['imports'];
}

const entryOf = ({ name, entry }: BundleRequest['manifest']): string => `services/${name}/${entry}`;

/** Follows the imports up to the borders of the packages: a fraction of the work of bundling. Throws `BuildError` like bundling. */
export async function traceService(bundler: Bundler, { root, manifest, external }: BundleRequest): Promise<Sources> {
  const entry = entryOf(manifest);
  const { metafile, code, imports } = await runBundler(bundler, entry, {
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: BUNDLE_FILE,
    external: [...external],
    minifySyntax: false,
  });
  const found = Object.entries(metafile.inputs);
  const packages = found.flatMap(([file, { imports: all }]) =>
    all
      .filter((one) => one.external)
      .map((one) => ({ name: packageName(one.path), from: folderOf(file, manifest.name) })),
  );
  return {
    files: found.map(([file]) => file),
    imports: packages,
    code: Buffer.from(code).toString(),
    specifiers: imports,
  };
}

/** A service may have packages of its own beside those of the root. */
const folderOf = (file: string, service: string): string =>
  file.startsWith(`services/${service}/`) ? `services/${service}` : '';

/** One ES module with everything but the native packages. Throws `BuildError` with file and line when the sources do not bundle. */
export async function bundleService(
  bundler: Bundler,
  { root, manifest, external, sourceMap = false }: BundleRequest,
  plugins: Plugin[] = [],
): Promise<Bundle> {
  const entry = entryOf(manifest);
  const output = await runBundler(bundler, entry, {
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: BUNDLE_FILE,
    external: [...external],
    sourceMap,
    plugins,
  });
  return toBundle(output, external);
}

export function toBundle({ imports, code, sourceMap, inputs }: BundlerOutput, external: readonly string[]): Bundle {
  const imported = new Set(imports.map(({ path }) => packageName(path)));
  const native = external.filter((name) => imported.has(name));
  return { code, inputs, native, ...(sourceMap && { sourceMap }) };
}
