import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPrivate, requireNoSecretInFile } from '../build/secrets.ts';
import { BuildError, type PlatformName } from '../build/types.ts';
import { type Entry, folderEntries, sizeOf } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';
import { readIgnored } from './ignored.ts';

/** What tools leave behind; no Dockerfile copies it on purpose. */
const LEFTOVERS: readonly string[] = ['node_modules', '__pycache__', '.venv', '.git', '.DS_Store'];

/** Throws `BuildError` when the engine would be given a file that is a secret, or holds one: `COPY . .` takes everything. */
export function requireNoSecretsIn(folder: string, service: string): void {
  const isIgnored = readIgnored(folder);
  for (const entry of filesIn(folder)) {
    const path = entry.path.slice(1);
    if (entry.type !== 'file' || isIgnored(path)) continue;
    const place = `services/${service}/${path}`;
    if (isPrivate(path))
      throw new BuildError(`${place} could become part of the image`, `Name it in services/${service}/.dockerignore`);
    requireNoSecretInFile(place, entry.content);
  }
}

const filesIn = (folder: string): Entry[] =>
  folderEntries(folder, '', (path) => !LEFTOVERS.includes(path.slice(path.lastIndexOf('/') + 1)));

/**
 * Content key of an image that a Dockerfile describes: names, modes and contents of the files beside it. A base image that moves under
 * its tag does not change it; name the base by digest where that matters. Throws `BuildError` when there is no Dockerfile.
 */
export function contextKey(folder: string, service: string, platforms: readonly PlatformName[]): string {
  if (!existsSync(join(folder, 'Dockerfile'))) {
    throw new BuildError(
      `services/${service}/Dockerfile does not exist`,
      'Add it, or set "builder" to "node" in service.json',
    );
  }
  const files = filesIn(folder).map((entry) => {
    if (entry.type !== 'file') return [entry.path, entry.type === 'link' ? entry.target : ''];
    const { content, path, mode } = entry;
    return [path, mode, sizeOf(content), sha256(content instanceof Uint8Array ? content : readFileSync(content.file))];
  });
  const sorted = files.map((file) => JSON.stringify(file)).sort();
  return createHash('sha256')
    .update(JSON.stringify(['dockerfile', 1, platforms, sorted]))
    .digest('hex');
}
