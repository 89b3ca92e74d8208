import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, type PlatformName } from '../build/types.ts';
import { folderEntries, sizeOf } from '../layer/entries.ts';
import { sha256 } from '../registry/digest.ts';

/** What tools leave behind; no Dockerfile copies it on purpose. */
const LEFTOVERS: readonly string[] = ['node_modules', '__pycache__', '.venv', '.git', '.DS_Store'];

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
  const entries = folderEntries(folder, '', (path) => !LEFTOVERS.includes(path.slice(path.lastIndexOf('/') + 1)));
  const files = entries.map((entry) => {
    if (entry.type !== 'file') return [entry.path, entry.type === 'link' ? entry.target : ''];
    const { content, path, mode } = entry;
    return [path, mode, sizeOf(content), sha256(content instanceof Uint8Array ? content : readFileSync(content.file))];
  });
  const sorted = files.map((file) => JSON.stringify(file)).sort();
  return createHash('sha256')
    .update(JSON.stringify(['dockerfile', 1, platforms, sorted]))
    .digest('hex');
}
