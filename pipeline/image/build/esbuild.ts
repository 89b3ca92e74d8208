import { spawn } from 'node:child_process';
import { type Dirent, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { BuildError } from './types.ts';

/** esbuild's own program: starting it takes a tenth of what loading and talking to its JavaScript API takes. */
export interface Bundler {
  readonly program: string;
  /** Where it may write; whoever runs it cleans up. */
  readonly folder: string;
  /** A run that has begun already with the same request, if there is one. */
  begun?(request: BundlerRequest): BundlerRun | undefined;
}

/** A run of the program that has begun. */
export interface BundlerRun {
  /** Where it writes. */
  readonly folder: string;
  /** What the program says when it fails; undefined when it is done. */
  readonly log: Promise<string | undefined>;
  /** Ends it at once. */
  end(): void;
}

/** The bundler's program that the checkout has installed: it is native code, and no part of this. Throws `BuildError` when there is none. */
export function findBundler(root: string): string {
  try {
    const own = createRequire(join(root, 'package.json')).resolve('esbuild/package.json');
    // https://esbuild.github.io/getting-started/#download-a-build names the packages of each platform.
    return createRequire(own).resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
  } catch (cause) {
    throw new BuildError(`esbuild is not installed in ${root}`, 'Run "npm ci" in the checkout', { cause });
  }
}

/** CommonJS packages inside an ES module expect `require`. The name is one that no code has: esbuild does not see that it is taken. */
const BANNER =
  "import{createRequire as slipwayRequire}from'node:module';const require=slipwayRequire(import.meta.url);";

const FLAGS = [
  '--bundle',
  '--platform=node',
  '--format=esm',
  '--target=node24',
  '--main-fields=module,main',
  `--banner:js=${BANNER}`,
  '--minify-whitespace',
  '--minify-syntax',
  '--legal-comments=none',
  '--charset=utf8',
  '--preserve-symlinks',
  '--log-level=error',
  '--color=false',
] as const;

/** What esbuild is asked for; everything else is the same for all. */
export interface BundlerRequest {
  /** Real path of the checkout. */
  readonly root: string;
  /** A file of the checkout, or code that might be one in its root folder. */
  readonly input: { readonly entry: string } | { readonly code: string };
  /** Name of the output. */
  readonly output: string;
  /** Packages that stay outside. */
  readonly external: readonly string[];
  /** Packages that stay outside as well, and are called `<prefix><name>` in the output. */
  readonly renamed?: { readonly prefix: string; readonly packages: readonly string[] };
  readonly sourceMap?: boolean;
}

export interface BundlerOutput {
  readonly code: Uint8Array;
  readonly sourceMap?: Uint8Array;
  /** Every file that was read, relative to the checkout, with the bytes that it takes up in the output. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly metafile: Metafile;
  /** What is imported from outside the output. */
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/**
 * The output is a function of the sources alone: no absolute path and no link that node_modules may be ends up in it. Throws
 * `BuildError` with file and line when the sources of `what` do not bundle.
 */
export async function runBundler(bundler: Bundler, what: string, request: BundlerRequest): Promise<BundlerOutput> {
  const { root } = request;
  const { folder, log: failing } = bundler.begun?.(request) ?? beginBundler(bundler, request);
  const log = await failing;
  if (log !== undefined) throw explain(log, what);
  const metafile = readMetafile(join(folder, META));
  refuseOutside(root, Object.keys(metafile.inputs), what);
  return readOutput(request, folder, metafile);
}

const META = 'meta.json';

function readMetafile(file: string): Metafile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Metafile;
  } catch (cause) {
    throw notWritten(cause);
  }
}

/** esbuild says nothing of files that it could not write to their end. */
const notWritten = (cause?: unknown): BuildError =>
  new BuildError(
    'esbuild did not write all that it should',
    'Make room in the folder for temporary files (TMPDIR) and build again',
    { cause },
  );

export function beginBundler({ program, folder: parent }: Bundler, request: BundlerRequest): BundlerRun {
  const { root, input } = request;
  const folder = mkdtempSync(join(parent, 'bundle-'));
  // Go believes PWD, which may be another name of the same folder.
  const env = { ...process.env, PWD: root };
  const stdin = 'code' in input ? 'pipe' : 'ignore';
  const child = spawn(program, flagsFor(request, folder), { cwd: root, env, stdio: [stdin, 'ignore', 'pipe'] });
  const log = new Promise<string | undefined>((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : text || `it ended with ${signal ?? code}`));
  });
  // Whoever waits for it is told.
  log.catch(() => undefined);
  // An input that is not read is told by the program's end.
  if ('code' in input) child.stdin?.on('error', () => undefined).end(input.code);
  return { folder, log, end: () => child.kill('SIGKILL') };
}

function flagsFor({ input, output, external, renamed, sourceMap }: BundlerRequest, folder: string): string[] {
  const { prefix, packages } = renamed ?? { prefix: '', packages: [] };
  return [
    ...('entry' in input ? [`./${input.entry}`] : [`--sourcefile=${output}`]),
    ...FLAGS,
    `--outfile=${join(folder, output)}`,
    `--metafile=${join(folder, META)}`,
    ...external.map((name) => `--external:${name}`),
    ...packages.map((name) => `--alias:${name}=${prefix}${name}`),
    ...(renamed === undefined ? [] : [`--external:${prefix}*`]),
    ...(sourceMap === true ? ['--sourcemap=external'] : []),
  ];
}

function readOutput(
  { root, output: name, sourceMap: wanted = false }: BundlerRequest,
  folder: string,
  metafile: Metafile,
): BundlerOutput {
  const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}`))?.[1];
  if (output === undefined) throw new Error(`esbuild wrote no ${name}`);
  const sizes = Object.keys(metafile.inputs).map((path) => [path, output.inputs[path]?.bytesInOutput ?? 0] as const);
  const imports = output.imports.filter(({ external }) => external);
  const code = readFileSync(join(folder, name));
  if (code.length !== output.bytes) throw notWritten();
  const sourceMap = wanted ? fromRoot(root, folder, readFileSync(join(folder, `${name}.map`), 'utf8')) : undefined;
  return { code, inputs: new Map(sizes), metafile, imports, ...(sourceMap && { sourceMap }) };
}

/** The sources are named as seen from the checkout, and not from where the output happened to be written. */
function fromRoot(root: string, folder: string, text: string): Buffer {
  const map = JSON.parse(text) as { readonly sources: readonly string[] };
  const sources = map.sources.map((source) => relative(root, resolve(folder, source)));
  return Buffer.from(JSON.stringify({ ...map, sources }));
}

/** A link or a path that leaves the checkout could carry anything of the machine that builds into the image, its credentials for one. */
function refuseOutside(root: string, inputs: readonly string[], what: string): void {
  const folders = new Map<string, Folder>();
  const outside = inputs.find((path) => {
    const real = realPath(join(root, path), folders);
    if (real === undefined) return false;
    // Packages may be installed elsewhere and linked.
    const isPackage = /(?:^|\/)node_modules\//.test(path) && real.includes('/node_modules/');
    return !isPackage && relative(root, real).startsWith('..');
  });
  if (outside !== undefined)
    throw new BuildError(`${what} takes in ${outside}, outside the checkout`, 'Copy the file into the repository');
}

interface Folder {
  readonly real: string;
  readonly entries: ReadonlyMap<string, Dirent>;
}

/** Undefined for what is not there. @param folders those that are known: many files are in few of them */
function realPath(file: string, folders: Map<string, Folder>): string | undefined {
  const path = dirname(file);
  const folder = folders.get(path) ?? readFolder(path);
  folders.set(path, folder);
  const entry = folder.entries.get(basename(file));
  return entry?.isSymbolicLink() ? realpathSync.native(file) : entry && join(folder.real, entry.name);
}

/** Nothing is in a folder that is none: esbuild's own helpers are inputs, too. */
function readFolder(path: string): Folder {
  if (!existsSync(path)) return { real: path, entries: new Map() };
  const entries = readdirSync(path, { withFileTypes: true });
  return { real: realpathSync.native(path), entries: new Map(entries.map((entry) => [entry.name, entry])) };
}

/** `@a/b/c` -> `@a/b`. */
export function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/** A message as the program prints it: what is wrong, an empty line, and where. */
const MESSAGE = /\[ERROR\] (.+)\n(?:\n\s+(\S.*?:\d+):(\d+):\n)?/g;

/** The package that has a native library without building it: nothing else says that it cannot be bundled. */
const NATIVE_FILE = /No loader is configured for "\.node" files: (?:\S*\/)?node_modules\/(\S+)/;

function explain(log: string, what: string): BuildError {
  if (/no space left on device/.test(log))
    return new BuildError('the disk is full', 'Make room in the folder for temporary files (TMPDIR) and build again');
  const lines = [...log.matchAll(MESSAGE)].slice(0, 5).map(([, text = '', file, column]) => {
    const place = file === undefined ? '' : `${file}:${Number(column) + 1}: `;
    return `${place}${text}`;
  });
  const native = NATIVE_FILE.exec(log)?.[1];
  return new BuildError(
    `${what} does not bundle: ${lines.join('; ') || log.slice(0, 500)}`,
    native === undefined
      ? 'Correct the import or the syntax; "npm run check" finds the same'
      : `Add "${packageName(native)}" to "external" in service.json: it then goes into the image as it is`,
  );
}
