import { createHash } from 'node:crypto';
import {
  constants,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { environment, flag, input, lines, saveState, setOutput, warn } from '../../kit/action.mjs';

/** Restores what `path` names, from exactly `key` or from the newest cache that `restore-keys` allows. */
export function restoreCache() {
  const key = input('key');
  setOutput('cache-primary-key', key);
  if (linkModules()) return found(key, key);
  const match = findCache(key);
  if (!match) {
    if (flag('fail-on-cache-miss')) throw new Error(`Failed to restore cache entry: no cache for key ${key}`);
    console.log(`Cache not found for input keys: ${[key, ...lines('restore-keys')].join(', ')}`);
    setOutput('cache-hit', '');
    return undefined;
  }
  if (!flag('lookup-only'))
    for (const [index, path] of paths().entries()) copyBack(join(match.folder, String(index)), path);
  return found(key, match.key);
}

/** Saves what `path` names under `key`, unless there is such a cache already: caches never change. */
export function saveCache() {
  const key = input('key');
  const folder = folderOf(key);
  if (existsSync(folder)) return console.log(`A cache for ${key} exists already`);
  const scratch = `${folder}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  const existing = paths().map((path, index) => existsSync(path) && linkTree(path, join(scratch, String(index))));
  if (!existing.some(Boolean)) {
    rmSync(scratch, { recursive: true });
    return warn(`Path Validation Error: none of the paths of the cache exist, so nothing is saved`);
  }
  writeFileSync(join(scratch, 'key'), key);
  renameSync(scratch, folder);
  return console.log(`Cache saved with key: ${key}`);
}

/** `node_modules` of the same lockfile as the developer's is the developer's own folder: linked, not copied. */
function linkModules() {
  const { SLIPWAY_STANDIN_LOCKFILE: lockfile, SLIPWAY_STANDIN_MODULES: modules } = process.env;
  const workspace = environment('GITHUB_WORKSPACE');
  const target = join(workspace, 'node_modules');
  const own = join(workspace, 'package-lock.json');
  if (!paths().includes(target)) return false;
  // A link that came with the checkout: "npm ci" would empty the folder that it leads to.
  if (isLink(target)) rmSync(target);
  if (!lockfile || !modules || paths().length > 1) return false;
  if (!existsSync(own) || !existsSync(lockfile) || !existsSync(modules) || existsSync(target)) return false;
  if (!readFileSync(own).equals(readFileSync(lockfile))) return false;
  symlinkSync(modules, target);
  console.log(`node_modules -> ${modules} (same package-lock.json)`);
  return true;
}

const isLink = (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

function found(key, matched) {
  console.log(`Cache restored from key: ${matched}`);
  saveState('exact', key === matched);
  setOutput('cache-hit', key === matched);
  setOutput('cache-matched-key', matched);
}

function findCache(key) {
  const exact = folderOf(key);
  if (existsSync(exact)) return { key, folder: exact };
  const root = environment('SLIPWAY_STANDIN_CACHES');
  const all = readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, 'key')))
    .map((folder) => ({ folder, key: readFileSync(join(folder, 'key'), 'utf8'), time: lstatSync(folder).mtimeMs }))
    .sort((one, other) => other.time - one.time);
  for (const prefix of lines('restore-keys')) {
    const match = all.find((cache) => cache.key.startsWith(prefix));
    if (match) return match;
  }
  return undefined;
}

function folderOf(key) {
  return join(environment('SLIPWAY_STANDIN_CACHES'), createHash('sha256').update(key).digest('hex'));
}

function paths() {
  return lines('path').map((path) =>
    resolve(environment('GITHUB_WORKSPACE'), path.replace(/^~(?=\/|$)/, environment('HOME'))),
  );
}

function copyBack(from, to) {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

/** The workspace is deleted with its job, so a cache may share its files instead of copying them. */
function linkTree(from, to) {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (stat.isDirectory()) {
    mkdirSync(to);
    for (const name of readdirSync(from)) linkTree(join(from, name), join(to, name));
  } else linkSync(from, to);
  return true;
}
