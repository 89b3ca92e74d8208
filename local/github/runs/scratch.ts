import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A filesystem in memory, on Linux. */
const MEMORY = '/dev/shm';
/** A workspace holds some 20 MB, and a few jobs run at a time. */
const ENOUGH_BYTES = 2 ** 30;

/**
 * Where jobs work: below memory if there is plenty of it, else below the local cloud's folder. A checkout is a thousand small files that live for seconds; in memory that
 * takes a fraction of the time that a disk takes.
 */
export function openScratch(home: string): string {
  const folder = memoryFolder(home);
  if (!hasRoom()) return diskFolder(home);
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  return isOurs(folder) ? folder : diskFolder(home);
}

/** Removes what jobs left there. */
export function clearScratch(home: string): void {
  for (const folder of [memoryFolder(home), diskFolder(home)])
    if (existsSync(folder) && isOurs(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The same for every process that asks about this local cloud. */
export function memoryFolder(home: string): string {
  const mark = createHash('sha256').update(home).digest('hex').slice(0, 12);
  return join(MEMORY, `slipway-${process.getuid?.() ?? 0}-${mark}`);
}

const diskFolder = (home: string): string => join(home, 'work');

/** Containers often have a small /dev/shm, and one from which nothing can be executed. */
function hasRoom(): boolean {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, place]) => place === MEMORY);
    const [, , type, options = ''] = mount ?? [];
    const { bavail, bsize } = statfsSync(MEMORY);
    return type === 'tmpfs' && !options.split(',').includes('noexec') && bavail * bsize > ENOUGH_BYTES;
  } catch {
    return false;
  }
}

/** Anybody may make folders in /dev/shm. */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.();
}
