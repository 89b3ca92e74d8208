import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Esbuild from 'esbuild';
import type { Manifest } from '../../manifest/types.ts';
import type { Import } from './lockfile.ts';
import { BuildError } from './types.ts';

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

export type Bundler = typeof Esbuild;

/** CommonJS packages inside an ES module expect `require`. */
const BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/** esbuild holds a native program, so it is taken from the checkout's own node_modules and not bundled with this code. */
export async function loadBundler(root: string): Promise<Bundler> {
  try {
    const file = createRequire(join(root, 'package.json')).resolve('esbuild');
    const loaded = (await import(pathToFileURL(file).href)) as Bundler & { readonly default?: Bundler };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new BuildError(`esbuild cannot be loaded from ${root}`, 'Run "npm ci" in the checkout', { cause });
  }
}

/** What a service is made of, found without reading a single package. */
export interface Sources {
  /** The repository's own files, relative to the root. */
  readonly files: readonly string[];
  /** Packages that they import. */
  readonly imports: readonly Import[];
}

/** Follows the imports up to the borders of the packages: a fraction of the work of bundling. Throws `BuildError` like bundling. */
export async function traceService(bundler: Bundler, { root, manifest, external }: BundleRequest): Promise<Sources> {
  const { metafile } = await run(bundler, manifest, {
    absWorkingDir: root,
    external: [...external],
    minifySyntax: false,
  });
  const found = Object.entries(metafile.inputs);
  const imports = found.flatMap(([file, { imports: all }]) =>
    all
      .filter((one) => one.external)
      .map((one) => ({ name: packageName(one.path), from: folderOf(file, manifest.name) })),
  );
  return { files: found.map(([file]) => file), imports };
}

/** A service may have packages of its own beside those of the root. */
const folderOf = (file: string, service: string): string =>
  file.startsWith(`services/${service}/`) ? `services/${service}` : '';

/**
 * One ES module with everything but the native packages. The output is a function of the sources alone: no absolute path and no link
 * that node_modules may be ends up in it. Throws `BuildError` with file and line when the sources do not bundle.
 */
export async function bundleService(bundler: Bundler, request: BundleRequest): Promise<Bundle> {
  const { root, manifest, external, sourceMap: wanted = false } = request;
  const result = await run(bundler, manifest, {
    absWorkingDir: root,
    external: [...external],
    sourcemap: wanted && 'external',
  });
  const file = (ending: string): Uint8Array | undefined =>
    result.outputFiles.find(({ path }) => path.endsWith(ending))?.contents;
  const [code, sourceMap, output] = [file(BUNDLE_FILE), file('.map'), result.metafile.outputs[BUNDLE_FILE]];
  if (code === undefined || output === undefined) throw new Error(`esbuild wrote no ${BUNDLE_FILE}`);
  const inputs = Object.keys(result.metafile.inputs).map(
    (path) => [path, output.inputs[path]?.bytesInOutput ?? 0] as const,
  );
  const imported = new Set(output.imports.flatMap((one) => (one.external ? [packageName(one.path)] : [])));
  const native = external.filter((name) => imported.has(name));
  return { code, inputs: new Map(inputs), native, ...(sourceMap && { sourceMap }) };
}

type BundlerResult = Esbuild.BuildResult<{ metafile: true; write: false }>;

async function run(
  bundler: Bundler,
  { name, entry }: BundleRequest['manifest'],
  options: Pick<Esbuild.BuildOptions, 'absWorkingDir' | 'external' | 'sourcemap' | 'minifySyntax'>,
): Promise<BundlerResult> {
  const entryPoint = `services/${name}/${entry}`;
  try {
    return (await bundler.build({ ...OPTIONS, ...options, entryPoints: [entryPoint] })) as Esbuild.BuildResult<
      typeof OPTIONS
    >;
  } catch (error) {
    throw explain(error, entryPoint);
  }
}

const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  outfile: BUNDLE_FILE,
  write: false,
  metafile: true,
  banner: { js: BANNER },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  charset: 'utf8',
  preserveSymlinks: true,
  logLevel: 'silent',
} as const satisfies Esbuild.BuildOptions;

function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function explain(error: unknown, entry: string): unknown {
  const messages = (error as Partial<Esbuild.BuildFailure> | null)?.errors;
  if (messages === undefined) return error;
  const lines = messages.slice(0, 5).map(({ text, location }) => {
    const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : '';
    return `${place}${text}`;
  });
  return new BuildError(
    `${entry} does not bundle: ${lines.join('; ')}`,
    'Correct the import or the syntax; "npm run check" finds the same',
    {
      cause: error,
    },
  );
}
