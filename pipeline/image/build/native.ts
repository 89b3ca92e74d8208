import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, folderEntries } from '../layer/entries.ts';
import { findPackage, type LockedPackage, type Lockfile, requireInstalled } from './lockfile.ts';
import { fitsPlatform, platformNames } from './platform.ts';
import { BuildError, type PlatformName } from './types.ts';

/** Dependencies that only the package's own install script uses: they are no part of what runs. */
const INSTALL_ONLY: Readonly<Record<string, readonly string[]>> = { 'onnxruntime-node': ['adm-zip', 'global-agent'] };

/** Files that nothing loads at run time. */
const NOT_LOADED = /\.(?:d\.[cm]?ts|ts|map|md|markdown|h|hpp|c|cc|cpp|gyp|gypi)$/i;

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
  const found = new Map<string, LockedPackage>();
  const visit = (name: string, from?: string): void => {
    const locked = findPackage(lockfile, name, from);
    if (locked === undefined || found.has(locked.path) || !isFor(locked, platform)) return;
    found.set(locked.path, locked);
    const installOnly = INSTALL_ONLY[locked.name] ?? [];
    for (const next of [...locked.dependencies, ...locked.optionalDependencies]) {
      if (!installOnly.includes(next)) visit(next, locked.path);
    }
  };
  for (const name of names) visit(name);
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

/** Files of the packages that `platform` loads. Throws `BuildError` when a package is not installed or has no binary for it. */
export function nativeEntries(root: string, closure: readonly LockedPackage[], platform: PlatformName): Entry[] {
  const entries = closure.flatMap((locked) => packageEntries(root, locked, platform));
  const hasBinary = entries.some(({ path }) => path.endsWith('.node'));
  if (hasBinary || closure.length === 0) return entries;
  const names = closure.map(({ name }) => name).join(', ');
  throw new BuildError(
    `${names} has no binary for ${platform}`,
    `Install it with "npm install ${installOptions(platform)}", or build for another platform`,
  );
}

function packageEntries(root: string, locked: LockedPackage, platform: PlatformName): Entry[] {
  const folder = join(root, locked.path);
  requireInstalled(root, locked, locked.cpu ? `npm install ${installOptions(platform)}` : 'npm ci');
  const keep = (relative: string): boolean =>
    relative !== 'node_modules' && !NOT_LOADED.test(relative) && fitsPlatform(relative, platform);
  return folderEntries(folder, `app/${locked.path}`, keep);
}
