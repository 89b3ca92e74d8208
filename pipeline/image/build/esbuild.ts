import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type * as Esbuild from 'esbuild';
import { BuildError } from './types.ts';

export type Bundler = typeof Esbuild;
export type { Plugin } from 'esbuild';

/** CommonJS packages inside an ES module expect `require`. */
const BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * esbuild holds a native program, so it is taken from the checkout's own node_modules and not bundled with this code. The program starts
 * while its caller does something else.
 */
export function loadBundler(root: string): Bundler {
  try {
    const bundler = createRequire(join(root, 'package.json'))('esbuild') as Bundler;
    // Whoever bundles first is told when it does not start.
    bundler.transform('').catch(() => undefined);
    return bundler;
  } catch (cause) {
    throw new BuildError(`esbuild cannot be loaded from ${root}`, 'Run "npm ci" in the checkout', { cause });
  }
}

const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
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

/** What esbuild is asked for; everything else is the same for all. */
export type BundlerOptions = Pick<
  Esbuild.BuildOptions,
  'entryPoints' | 'stdin' | 'external' | 'plugins' | 'minifySyntax'
> & {
  /** Real path of the checkout. */
  readonly absWorkingDir: string;
  /** Name of the output. */
  readonly outfile: string;
  readonly sourceMap?: boolean;
};

export interface BundlerOutput {
  readonly code: Uint8Array;
  readonly sourceMap?: Uint8Array;
  /** Every file that was read, relative to the checkout, with the bytes that it takes up in the output. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly metafile: Esbuild.Metafile;
  /** What is imported from outside the output. */
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/**
 * The output is a function of the sources alone: no absolute path and no link that node_modules may be ends up in it. Throws
 * `BuildError` with file and line when the sources of `what` do not bundle.
 */
export async function runBundler(bundler: Bundler, what: string, options: BundlerOptions): Promise<BundlerOutput> {
  const { outfile, sourceMap: wanted = false, ...rest } = options;
  const request = { ...OPTIONS, ...rest, outfile, sourcemap: wanted && ('external' as const) };
  const { outputFiles, metafile } = await bundler.build(request).catch((error: unknown) => {
    throw explain(error, what);
  });
  refuseOutside(options.absWorkingDir, Object.keys(metafile.inputs), what);
  const file = (name: string): Uint8Array | undefined => outputFiles.find(({ path }) => path.endsWith(name))?.contents;
  const [code, sourceMap, output] = [file(outfile), file('.map'), metafile.outputs[outfile]];
  if (code === undefined || output === undefined) throw new Error(`esbuild wrote no ${outfile}`);
  const sizes = Object.keys(metafile.inputs).map((path) => [path, output.inputs[path]?.bytesInOutput ?? 0] as const);
  const imports = output.imports.filter(({ external }) => external);
  return { code, inputs: new Map(sizes), metafile, imports, ...(sourceMap && { sourceMap }) };
}

/** A link or a path that leaves the checkout could carry anything of the machine that builds into the image, its credentials for one. */
function refuseOutside(root: string, inputs: readonly string[], what: string): void {
  const outside = inputs.find((path) => {
    const file = join(root, path);
    if (!existsSync(file)) return false;
    const real = realpathSync.native(file);
    // Packages may be installed elsewhere and linked.
    const isPackage = /(?:^|\/)node_modules\//.test(path) && real.includes('/node_modules/');
    return !isPackage && relative(root, real).startsWith('..');
  });
  if (outside !== undefined)
    throw new BuildError(`${what} takes in ${outside}, outside the checkout`, 'Copy the file into the repository');
}

/** `@a/b/c` -> `@a/b`. */
export function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function explain(error: unknown, what: string): unknown {
  const messages = (error as Partial<Esbuild.BuildFailure> | null)?.errors;
  if (messages === undefined) return error;
  const lines = messages.slice(0, 5).map(({ text, location }) => {
    const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : '';
    return `${place}${text}`;
  });
  return new BuildError(
    `${what} does not bundle: ${lines.join('; ')}`,
    'Correct the import or the syntax; "npm run check" finds the same',
    { cause: error },
  );
}
