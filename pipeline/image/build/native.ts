import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Entry, folderEntries } from '../layer/entries.ts';
import { runsOn } from './binary.ts';
import { findPackage, type LockedPackage, type Lockfile, requireInstalled } from './lockfile.ts';
import { fitsPlatform, platformNames } from './platform.ts';
import { BuildError, type PlatformName } from './types.ts';

/** Dependencies that only the package's own install script uses: they are no part of what runs. */
const INSTALL_ONLY: Readonly<Record<string, readonly string[]>> = { 'onnxruntime-node': ['adm-zip', 'global-agent'] };

/** Files that nothing loads at run time. */
const NOT_LOADED = /\.(?:d\.[cm]?ts|ts|map|md|markdown|h|hpp|c|cc|cpp|gyp|gypi)$/i;

const SOURCE_MAP = /\.map$/i;

/**
 * Names of the installed packages that cannot be bundled, because they load a binary made for one platform: they hold one, build one, or
 * depend on packages per platform.
 */
export function nativePackages(root: string, lockfile: Lockfile): string[] {
  const names = [...lockfile.packages.values()].filter((one) => isNative(root, lockfile, one)).map(({ name }) => name);
  return [...new Set(names)].sort();
}

function isNative(root: string, lockfile: Lockfile, locked: LockedPackage): boolean {
  const perPlatform = locked.optionalDependencies.some(
    (name) => findPackage(lockfile, name, locked.path)?.cpu !== undefined,
  );
  return perPlatform || (locked.hasInstallScript && holdsBinary(join(root, locked.path)));
}

function holdsBinary(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true }).some(
    (found) =>
      found.name === 'binding.gyp' ||
      found.name.endsWith('.node') ||
      (found.isDirectory() && found.name !== 'node_modules' && holdsBinary(join(folder, found.name))),
  );
}

/** The packages that have to lie beside the bundle on `platform`: the named ones and what they need at run time, sorted by path. */
export function nativeClosure(lockfile: Lockfile, names: readonly string[], platform: PlatformName): LockedPackage[] {
  return closureFrom(
    lockfile,
    names.flatMap((name) => findPackage(lockfile, name) ?? []),
    platform,
  );
}

function closureFrom(lockfile: Lockfile, start: readonly LockedPackage[], platform: PlatformName): LockedPackage[] {
  const found = new Map<string, LockedPackage>();
  const visit = (locked: LockedPackage): void => {
    if (found.has(locked.path) || !isFor(locked, platform)) return;
    found.set(locked.path, locked);
    const installOnly = INSTALL_ONLY[locked.name] ?? [];
    const peers = locked.peerDependencies.filter((name) => !locked.optionalPeers.includes(name));
    for (const name of [...locked.dependencies, ...locked.optionalDependencies, ...peers]) {
      const next = installOnly.includes(name) ? undefined : findPackage(lockfile, name, locked.path);
      if (next !== undefined) visit(next);
    }
  };
  for (const one of start) visit(one);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isFor({ os, cpu, libc }: LockedPackage, platform: PlatformName): boolean {
  const names = platformNames(platform);
  const fits = (allowed: readonly string[] | undefined, name: string): boolean =>
    allowed === undefined || (allowed.includes(name) && !allowed.includes(`!${name}`)) || isExclusion(allowed, name);
  return fits(os, names.os) && fits(cpu, names.cpu) && fits(libc, names.libc);
}

const isExclusion = (allowed: readonly string[], name: string): boolean =>
  allowed.every((one) => one.startsWith('!')) && !allowed.includes(`!${name}`);

function installOptions(platform: PlatformName): string {
  const { os, cpu, libc } = platformNames(platform);
  return `--os=${os} --cpu=${cpu} --libc=${libc}`;
}

export interface NativeRequest {
  readonly root: string;
  readonly lockfile: Lockfile;
  /** All native packages. */
  readonly nativeNames: readonly string[];
  /** Packages of which nothing is left out that could be read while they run. */
  readonly whole: readonly string[];
}

/**
 * Files of the packages that `platform` loads. Throws `BuildError` when a package is not installed, or when one that needs a binary has
 * none that runs there.
 */
export function nativeEntries(
  { root, lockfile, nativeNames, whole }: NativeRequest,
  closure: readonly LockedPackage[],
  platform: PlatformName,
): Entry[] {
  const entries = new Map(
    closure.map((locked) => [
      locked.path,
      packageEntries(root, locked, { platform, isWhole: whole.includes(locked.name) }),
    ]),
  );
  for (const locked of closure.filter(({ name }) => nativeNames.includes(name))) {
    const needed = closureFrom(lockfile, [locked], platform).flatMap(({ path }) => entries.get(path) ?? []);
    if (needed.some((entry) => isBinary(entry, platform))) continue;
    throw new BuildError(
      `${locked.name} has no binary for ${platform}`,
      `Install it with "npm install ${installOptions(platform)}", or build for another platform`,
    );
  }
  return [...entries.values()].flat();
}

function isBinary(entry: Entry, platform: PlatformName): boolean {
  if (entry.type !== 'file' || entry.content instanceof Uint8Array) return false;
  return entry.path.endsWith('.node') || runsOn(entry.content.file, platform) === true;
}

interface Selection {
  readonly platform: PlatformName;
  readonly isWhole: boolean;
}

function packageEntries(root: string, locked: LockedPackage, { platform, isWhole }: Selection): Entry[] {
  const folder = join(root, locked.path);
  requireInstalled(root, locked, locked.cpu ? `npm install ${installOptions(platform)}` : 'npm ci');
  const keep = (relative: string): boolean =>
    relative !== 'node_modules' &&
    !(isWhole ? SOURCE_MAP : NOT_LOADED).test(relative) &&
    fitsPlatform(relative, platform);
  const entries = folderEntries(folder, `app/${locked.path}`, keep);
  requireLinksInside(entries, locked);
  // Folders do not say everything: what was compiled while it was installed is for the machine that did it.
  return entries.filter(
    (entry) =>
      entry.type !== 'file' || entry.content instanceof Uint8Array || runsOn(entry.content.file, platform) !== false,
  );
}

/** A link that leads outside names a file of the machine that builds, which is no part of the image. */
function requireLinksInside(entries: readonly Entry[], { name, path }: LockedPackage): void {
  const folder = `app/${path}/`;
  const astray = entries.find(
    (entry) =>
      entry.type === 'link' &&
      (isAbsolute(entry.target) || !join(dirname(entry.path), entry.target, '/').startsWith(folder)),
  );
  if (astray === undefined) return;
  throw new BuildError(
    `${name} holds a link that leads outside the package: ${astray.path.slice(folder.length)}`,
    'Install the package anew with "npm ci"',
  );
}
