import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Content of a file in a layer: bytes at hand, or a file of this machine with the size (and digest, where it counts) it had when it was found. */
export type Content = Uint8Array | { readonly file: string; readonly size: number; readonly digest?: string };

interface CommonEntry {
  /** Path inside the image: relative, `/` between segments, no `.` or `..`. */
  readonly path: string;
  readonly mode?: number;
  readonly owner?: number;
}

export interface FileEntry extends CommonEntry {
  readonly type: 'file';
  readonly content: Content;
}

export interface DirectoryEntry extends CommonEntry {
  readonly type: 'directory';
}

export interface LinkEntry extends CommonEntry {
  readonly type: 'link';
  readonly target: string;
}

/** One thing in a layer. Times and groups are not part of it: they would make equal content differ. */
export type Entry = FileEntry | DirectoryEntry | LinkEntry;

export const EXECUTABLE = 0o755;
export const PLAIN = 0o644;

export const sizeOf = (content: Content): number => (content instanceof Uint8Array ? content.byteLength : content.size);

/** An entry for one file of this machine; any execute bit counts, the umask does not. */
export function fileEntry(path: string, file: string): FileEntry {
  const stats = lstatSync(file);
  const mode = stats.mode & 0o111 ? EXECUTABLE : PLAIN;
  return { type: 'file', path, mode, content: { file, size: stats.size } };
}

/**
 * Everything below `folder` as entries below `path`. `keep` decides by path relative to `folder`; a folder that is not kept is not
 * read. Symbolic links stay links; sockets, pipes and devices are no part of an image and are left out.
 */
export function folderEntries(folder: string, path: string, keep: (relative: string) => boolean = () => true): Entry[] {
  const entries: Entry[] = [];
  const visit = (relative: string): void => {
    for (const found of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const below = relative === '' ? found.name : `${relative}/${found.name}`;
      if (!keep(below)) continue;
      const file = join(folder, below);
      if (found.isDirectory()) visit(below);
      else if (found.isSymbolicLink()) {
        entries.push({ type: 'link', path: `${path}/${below}`, target: readlinkSync(file) });
      } else if (found.isFile()) entries.push(fileEntry(`${path}/${below}`, file));
    }
  };
  visit('');
  return entries;
}

/** Sorted by path with all parent folders named, each path once (the last one given wins): the order that every machine writes. */
export function completeEntries(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    for (const parent of parents(entry.path)) {
      if (!byPath.has(parent)) byPath.set(parent, { type: 'directory', path: parent });
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function parents(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}
