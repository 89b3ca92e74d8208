import { createReadStream } from 'node:fs';
import { completeEntries, type Entry, EXECUTABLE, type FileEntry, PLAIN, sizeOf } from './entries.ts';
import { BLOCK, encodeHeader, FLAG, padding } from './tar-header.ts';

const READ_BYTES = 1 << 20;
const LINK_MODE = 0o777;

/**
 * The entries as a tar archive that is the same on every machine: sorted, parents included, no times, owner and group 0 unless an
 * entry says otherwise. Throws when a file cannot be read or changed its size since it was found.
 */
export async function* writeTar(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  for (const entry of completeEntries(entries)) {
    yield headerOf(entry);
    if (entry.type === 'file') yield* contentOf(entry);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function headerOf(entry: Entry): Buffer {
  const owner = entry.owner ?? 0;
  const common = { owner, group: owner, modified: 0, size: 0, link: '' };
  switch (entry.type) {
    case 'directory':
      return encodeHeader({ ...common, name: `${entry.path}/`, mode: entry.mode ?? EXECUTABLE, flag: FLAG.directory });
    case 'link':
      return encodeHeader({
        ...common,
        name: entry.path,
        mode: LINK_MODE,
        flag: FLAG.symbolicLink,
        link: entry.target,
      });
    case 'file':
      return encodeHeader({
        ...common,
        name: entry.path,
        mode: entry.mode ?? PLAIN,
        flag: FLAG.file,
        size: sizeOf(entry.content),
      });
  }
}

async function* contentOf({ content, path }: FileEntry): AsyncGenerator<Uint8Array> {
  const size = sizeOf(content);
  let written = 0;
  for await (const chunk of chunksOf(content)) {
    written += chunk.byteLength;
    if (written > size) break;
    yield chunk;
  }
  if (written !== size) throw new Error(`${path} changed while it was packed; build again`);
  yield padding(size);
}

function chunksOf(content: FileEntry['content']): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return content instanceof Uint8Array ? [content] : createReadStream(content.file, { highWaterMark: READ_BYTES });
}
