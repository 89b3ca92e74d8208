import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import type { TarEntry } from '../../pipeline/image/layer/tar.ts';
import { nameInside, resolveInside, statusOf } from './inside.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Only root may give files away; then they belong to whom the layer says. */
const givesAway = process.getuid?.() === 0;

/**
 * Applies one layer to a root file system: files, folders and links are created or replaced, whiteouts remove what lower layers had
 * (https://github.com/opencontainers/image-spec/blob/main/layer.md). Files are replaced, never written into, so a root whose files are hard links
 * to another's leaves the other as it was. Devices and pipes are left out. Nothing is written outside `root`.
 */
export async function applyLayer(root: string, entries: AsyncIterable<TarEntry>): Promise<void> {
  const written = new Set<string>();
  const modes: [folder: string, mode: number][] = [];
  for await (const entry of entries) {
    if (entry.path === '' || entry.type === 'special') continue;
    if (basename(entry.path).startsWith(WHITEOUT)) {
      removeHidden(root, entry.path, written);
      continue;
    }
    for (let path = entry.path; path !== '.'; path = dirname(path)) written.add(path);
    const file = nameInside(root, entry.path);
    mkdirSync(dirname(file), { recursive: true });
    if (entry.type === 'directory') {
      makeFolder(file);
      modes.push([file, entry.mode & 0o7777]);
    } else {
      rmSync(file, { recursive: true, force: true });
      if (entry.type === 'file') await writeFile(file, entry);
      else if (entry.type === 'symbolic-link') symlinkSync(entry.target, file);
      else linkSync(nameInside(root, entry.target), file);
    }
    if (givesAway && entry.type !== 'hard-link' && entry.type !== 'file') lchownSync(file, entry.owner, entry.group);
  }
  // Last, because a folder may forbid to write into it. The owner keeps the right to, so that the next layer can be applied.
  for (const [folder, mode] of modes) if (statusOf(folder)?.isDirectory()) chmodSync(folder, mode | 0o700);
}

function makeFolder(file: string): void {
  const present = statusOf(file);
  if (present?.isDirectory()) return;
  if (present) rmSync(file);
  mkdirSync(file);
}

async function writeFile(file: string, entry: TarEntry): Promise<void> {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    for await (const chunk of entry.content()) writeAll(descriptor, chunk);
    // Changing the owner clears the set-user-id bit, so the mode comes last.
    if (givesAway) fchownSync(descriptor, entry.owner, entry.group);
    fchmodSync(descriptor, entry.mode & 0o7777);
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, chunk: Buffer): void {
  for (let offset = 0; offset < chunk.length; ) offset += writeSync(descriptor, chunk, offset);
}

function removeHidden(root: string, path: string, written: ReadonlySet<string>): void {
  const folder = dirname(path);
  const location = resolveInside(root, folder);
  if (basename(path) !== OPAQUE) {
    rmSync(join(location, basename(path).slice(WHITEOUT.length)), { recursive: true, force: true });
    return;
  }
  if (!statusOf(location)?.isDirectory()) return;
  for (const name of readdirSync(location)) {
    if (!written.has(join(folder, name))) rmSync(join(location, name), { recursive: true, force: true });
  }
}
