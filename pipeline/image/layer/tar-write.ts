import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { completeEntries, type Entry, EXECUTABLE, type FileEntry, PLAIN, sizeOf } from './entries.ts';
import { BLOCK, encodeHeader, FLAG, padding } from './tar-header.ts';

const READ_BYTES = 1 << 20;
const LINK_MODE = 0o777;

/**
 * The entries as a tar archive that is the same on every machine: sorted, parents included, no times, owner and group 0 unless an
 * entry says otherwise. Throws `ChangedError` when a file is not what it was when it was found, and what the file system throws.
 */
export async function* writeTar(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  for (const entry of completeEntries(entries)) {
    yield headerOf(entry);
    if (entry.type === 'file') yield* contentOf(entry);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** A file is not what it was when it was found. */
export class ChangedError extends Error {
  override readonly name = 'ChangedError';
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
  const digest = content instanceof Uint8Array ? undefined : content.digest;
  const hash = digest === undefined ? undefined : createHash('sha256');
  let written = 0;
  for await (const chunk of chunksOf(content)) {
    written += chunk.byteLength;
    if (written > size) break;
    hash?.update(chunk);
    yield chunk;
  }
  const isSame = hash === undefined || `sha256:${hash.digest('hex')}` === digest;
  if (written !== size || !isSame) throw new ChangedError(`${path} changed while it was packed`);
  yield padding(size);
}

function chunksOf(content: FileEntry['content']): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return content instanceof Uint8Array ? [content] : createReadStream(content.file, { highWaterMark: READ_BYTES });
}
