import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPatches } from './patches.ts';
import { BuildError } from './types.ts';

/** One package of package-lock.json (version 3), as far as an image depends on it. */
export interface LockedPackage {
  /** Where it is installed: `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Missing for packages of the repository itself. */
  readonly integrity: string | undefined;
  /** Digest of what is changed in it after it was installed. */
  readonly patch: string | undefined;
  readonly license: string | undefined;
  readonly dependencies: readonly string[];
  readonly peerDependencies: readonly string[];
  /** Those of them that it does without. */
  readonly optionalPeers: readonly string[];
  readonly optionalDependencies: readonly string[];
  readonly hasInstallScript: boolean;
  /** Platforms that it is for; undefined: all. */
  readonly os: readonly string[] | undefined;
  readonly cpu: readonly string[] | undefined;
  readonly libc: readonly string[] | undefined;
}

export interface Lockfile {
  readonly packages: ReadonlyMap<string, LockedPackage>;
  /** Where node_modules has links to the repository's own packages. */
  readonly links: ReadonlySet<string>;
  /** Folder of the repository's own packages (`services/web`) -> names of the packages that they declare. */
  readonly declared: ReadonlyMap<string, readonly string[]>;
}

const NODE_MODULES = 'node_modules/';

/** Throws `BuildError` when there is no lock file of npm 7 or later. */
export function readLockfile(root: string): Lockfile {
  const file = join(root, 'package-lock.json');
  try {
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages?: Record<string, RawPackage> };
    if (packages === undefined) throw new Error('it has no "packages"');
    const entries = Object.entries(packages);
    const patches = readPatches(root);
    const own = entries.filter(([path]) => !path.includes(NODE_MODULES));
    return {
      packages: new Map(
        entries
          .filter(([path, { link }]) => path.includes(NODE_MODULES) && link !== true)
          .map(([path, raw]) => [path, new Package(path, raw, patches)]),
      ),
      links: new Set(entries.filter(([, { link }]) => link === true).map(([path]) => path)),
      declared: new Map(own.map(([path, raw]) => [path, Object.keys(raw.dependencies ?? {})])),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError(
      `package-lock.json cannot be read: ${reason}`,
      'Run "npm install" and commit package-lock.json',
      { cause },
    );
  }
}

interface RawPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** Of the hundreds that are installed few are looked at, and most of those for a field or two. */
class Package implements LockedPackage {
  readonly path: string;
  readonly name: string;
  readonly #raw: RawPackage;
  readonly #patches: ReadonlyMap<string, string>;

  constructor(path: string, raw: RawPackage, patches: ReadonlyMap<string, string>) {
    this.path = path;
    this.name = path.slice(path.lastIndexOf(NODE_MODULES) + NODE_MODULES.length);
    this.#raw = raw;
    this.#patches = patches;
  }

  get version(): string {
    return this.#raw.version ?? '0.0.0';
  }
  get integrity(): string | undefined {
    return this.#raw.integrity;
  }
  get patch(): string | undefined {
    return this.#patches.get(this.name);
  }
  get license(): string | undefined {
    return typeof this.#raw.license === 'string' ? this.#raw.license : undefined;
  }
  get dependencies(): readonly string[] {
    return Object.keys(this.#raw.dependencies ?? {});
  }
  get peerDependencies(): readonly string[] {
    return Object.keys(this.#raw.peerDependencies ?? {});
  }
  get optionalPeers(): readonly string[] {
    const all = Object.entries(this.#raw.peerDependenciesMeta ?? {});
    return all.flatMap(([name, { optional }]) => (optional ? [name] : []));
  }
  get optionalDependencies(): readonly string[] {
    return Object.keys(this.#raw.optionalDependencies ?? {});
  }
  get hasInstallScript(): boolean {
    return this.#raw.hasInstallScript === true;
  }
  get os(): readonly string[] | undefined {
    return this.#raw.os;
  }
  get cpu(): readonly string[] | undefined {
    return this.#raw.cpu;
  }
  get libc(): readonly string[] | undefined {
    return this.#raw.libc;
  }
}

/** The package that a file belongs to: `node_modules/@a/b/lib/x.js` -> `node_modules/@a/b`; undefined for the repository's own files. */
export function packagePathOf(file: string): string | undefined {
  const start = file.lastIndexOf(NODE_MODULES);
  if (start < 0) return undefined;
  const [first = '', second = ''] = file.slice(start + NODE_MODULES.length).split('/');
  return file.slice(0, start) + NODE_MODULES + (first.startsWith('@') ? `${first}/${second}` : first);
}

/** Finds `name` the way Node does for a file of the package at `from`. */
export function findPackage({ packages }: Lockfile, name: string, from = ''): LockedPackage | undefined {
  for (let folder = from; ; ) {
    const found = packages.get(`${folder === '' ? '' : `${folder}/`}${NODE_MODULES}${name}`);
    if (found !== undefined || folder === '') return found;
    const parent = folder.lastIndexOf(`/${NODE_MODULES}`);
    folder = parent < 0 ? '' : folder.slice(0, parent);
  }
}

export interface Import {
  readonly name: string;
  /** Folder of the package that imports it: `services/web`, `node_modules/a`; absent: the root. */
  readonly from?: string;
}

/** The imported packages and everything that they may load in turn, on any platform, sorted by path. */
export function closureOf(lockfile: Lockfile, imports: readonly Import[]): LockedPackage[] {
  const found = new Map<string, LockedPackage>();
  const visit = ({ name, from = '' }: Import): void => {
    const locked = findPackage(lockfile, name, from);
    if (locked === undefined || found.has(locked.path)) return;
    found.set(locked.path, locked);
    const { dependencies, optionalDependencies, peerDependencies, path } = locked;
    for (const next of [...dependencies, ...optionalDependencies, ...peerDependencies])
      visit({ name: next, from: path });
  };
  for (const one of imports) visit(one);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Throws `BuildError` when what is installed is not what the lock file says. */
export function requireInstalled(root: string, { path, name, version }: LockedPackage, install = 'npm ci'): void {
  const file = join(root, path, 'package.json');
  if (!existsSync(file)) throw new BuildError(`${name} ${version} is not installed`, `Run "${install}"`);
  const installed = versionIn(file);
  if (installed === version) return;
  throw new BuildError(
    `${name} ${installed ?? 'without a version'} is installed, package-lock.json says ${version}`,
    `Run "${install}"`,
  );
}

/** Undefined when the file is damaged. */
function versionIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
