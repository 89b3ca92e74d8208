import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../registry/digest.ts';

/** `@scope+name+1.0.0.patch`, `outer++inner+1.0.0+001+reason.patch`: what comes before the version, of the innermost package. */
const PATCH = /^(?:.+\+\+)?((?:@[^+]+\+)?[^+]+)\+\d[^+]*(?:\+.*)?\.patch$/;

/**
 * Patches that patch-package applies when packages are installed (https://github.com/ds300/patch-package): package name -> what its
 * patches are. The lock file does not know of them.
 */
export function readPatches(root: string): ReadonlyMap<string, string> {
  const folder = join(root, 'patches');
  const patches = new Map<string, string>();
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const name = PATCH.exec(file)?.[1]?.replace('+', '/');
    if (name === undefined) continue;
    patches.set(name, sha256(`${patches.get(name) ?? ''}${file}${sha256(readFileSync(join(folder, file)))}`));
  }
  return patches;
}
