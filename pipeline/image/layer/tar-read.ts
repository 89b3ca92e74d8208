import { ByteReader } from './byte-reader.ts';
import { BLOCK, decodeExtended, decodeHeader, FLAG, type Header, TarError } from './tar-header.ts';

/** Extended headers hold names; nothing honest needs more. */
const LARGEST_EXTENDED_HEADER = 1 << 20;

export type TarEntryType = 'file' | 'directory' | 'symbolic-link' | 'hard-link' | 'special';

export interface TarEntry {
  /** Relative and clean: no leading `/` or `./`, no `..`, no empty segment. `''` is the root folder itself. */
  readonly path: string;
  readonly type: TarEntryType;
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  readonly size: number;
  /** Target of a link as it stands in the archive; a hard link's is clean like `path`. */
  readonly target: string;
  /** The file's bytes, to be read before the next entry is asked for (or not at all). */
  content(): AsyncGenerator<Buffer>;
}

/**
 * Entries of an uncompressed tar archive (ustar, PAX, GNU long names), one at a time in constant memory. Throws `TarError` on a
 * damaged or truncated archive, on a path that leads outside, and on a kind of entry that cannot be represented (sparse files).
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(source);
  let global: Record<string, string> = {};
  let own: Record<string, string> = {};
  try {
    for (;;) {
      const block = await reader.read(BLOCK);
      if (block === undefined) throw new TarError('the archive has no end mark');
      if (block.every((byte) => byte === 0)) return await reader.drain();
      const header = decodeHeader(block);
      if (isExtended(header.flag)) {
        const records = await readExtended(header, reader);
        if (header.flag === FLAG.global) global = { ...global, ...records };
        else own = { ...own, ...records };
        continue;
      }
      yield* entryOf(withRecords(header, { ...global, ...own }), reader);
      own = {};
    }
  } finally {
    await reader.close();
  }
}

const EXTENDED: readonly string[] = [FLAG.extended, FLAG.global, FLAG.gnuName, FLAG.gnuLink];
const isExtended = (flag: string): boolean => EXTENDED.includes(flag);
const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

async function readExtended(header: Header, reader: ByteReader): Promise<Record<string, string>> {
  if (header.size > LARGEST_EXTENDED_HEADER) throw new TarError('an extended header is larger than 1 MiB');
  const body = (await reader.read(header.size)) ?? Buffer.alloc(0);
  if (body.length < header.size) throw new TarError('the archive ends in the middle');
  await reader.skip(paddingOf(header.size));
  const name = body.toString('utf8').replace(/\0.*$/s, '');
  if (header.flag === FLAG.gnuName) return { path: name };
  return header.flag === FLAG.gnuLink ? { linkpath: name } : decodeExtended(body);
}

function withRecords(header: Header, records: Readonly<Record<string, string>>): Header {
  const size = records['size'] === undefined ? header.size : Number(records['size']);
  if (!Number.isSafeInteger(size) || size < 0) throw new TarError(`${header.name} has no valid size`);
  return {
    ...header,
    size,
    name: records['path'] ?? header.name,
    link: records['linkpath'] ?? header.link,
    owner: id(records['uid']) ?? header.owner,
    group: id(records['gid']) ?? header.group,
  };
}

function id(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

async function* entryOf(header: Header, reader: ByteReader): AsyncGenerator<TarEntry> {
  const type = typeOf(header);
  const size = type === 'file' ? header.size : 0;
  let left = size;
  async function* content(): AsyncGenerator<Buffer> {
    for await (const chunk of reader.stream(left)) {
      left -= chunk.length;
      yield chunk;
    }
  }
  const path = cleanPath(header.name);
  const target = type === 'hard-link' ? cleanPath(header.link) : header.link;
  if (target.includes('\0')) throw new TarError(`${path} links to a name with a zero byte`);
  yield { path, type, mode: header.mode, owner: header.owner, group: header.group, size, target, content };
  await reader.skip(left + paddingOf(size));
}

function typeOf({ flag, name }: Header): TarEntryType {
  switch (flag) {
    case FLAG.file:
    case FLAG.contiguous:
      // Archives older than POSIX mark a folder by its trailing slash only.
      return name.endsWith('/') ? 'directory' : 'file';
    case FLAG.directory:
      return 'directory';
    case FLAG.symbolicLink:
      return 'symbolic-link';
    case FLAG.hardLink:
      return 'hard-link';
    case FLAG.characterDevice:
    case FLAG.blockDevice:
    case FLAG.pipe:
      return 'special';
    default:
      throw new TarError(`${name} is of type "${flag}", which is not supported`);
  }
}

function cleanPath(name: string): string {
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..') || name.includes('\0')) throw new TarError(`${JSON.stringify(name)} leads outside`);
  return segments.join('/');
}
