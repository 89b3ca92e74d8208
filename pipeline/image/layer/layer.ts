import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sha256 } from '../registry/digest.ts';
import { type Compression, compressBlock, compressor, decompressor } from './compression.ts';
import { type Entry, sizeOf } from './entries.ts';
import { BLOCK_BYTES } from './parallel-gzip.ts';
import { readTar, type TarEntry } from './tar-read.ts';
import { writeTar } from './tar-write.ts';

export interface Layer {
  readonly mediaType: string;
  /** Of the compressed bytes. */
  readonly digest: string;
  /** Compressed bytes. */
  readonly size: number;
  /** Digest of the uncompressed tar archive; it names the content, whichever compressor ran. */
  readonly diffId: string;
  /** Bytes of the uncompressed tar archive. */
  readonly unpackedSize: number;
}

export interface LayerFile extends Layer {
  /** Where the compressed bytes are. */
  readonly file: string;
}

export interface LayerBytes extends Layer {
  readonly bytes: Uint8Array;
}

export interface LayerOptions {
  /** Folder for the compressed bytes; created when missing. */
  readonly folder: string;
  readonly compression?: Compression;
  readonly level?: number;
}

/**
 * Packs the entries into a compressed layer: tar, compression and both digests in one pass, in constant memory. Throws what the file
 * system throws (`ENOSPC`, `ENOENT`), and leaves no file then.
 */
export async function packLayer(entries: readonly Entry[], options: LayerOptions): Promise<LayerFile> {
  const { folder, compression = 'gzip', level } = options;
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${randomUUID()}.layer`);
  const plain = new Meter();
  const packed = new Meter();
  try {
    await pipeline(
      Readable.from(writeTar(entries), { objectMode: false, highWaterMark: 1 << 20 }),
      plain.tap(),
      compressor(compression, level),
      packed.tap(),
      createWriteStream(file, { flags: 'wx' }),
    );
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return {
    mediaType: mediaTypeOf(compression),
    digest: packed.digest(),
    size: packed.bytes,
    diffId: plain.digest(),
    unpackedSize: plain.bytes,
    file,
  };
}

const mediaTypeOf = (compression: Compression): string => `application/vnd.oci.image.layer.v1.tar+${compression}`;

/** Headers and padding of a file, at most: its own, those of its folders and of a long name. */
const OVERHEAD_BYTES = 1 << 14;

/** Whether all contents are at hand and few enough to be packed without a file. */
export function fitsInMemory(entries: readonly Entry[]): boolean {
  const sizes = entries.map((entry) =>
    entry.type !== 'file' ? 0 : entry.content instanceof Uint8Array ? sizeOf(entry.content) : Number.POSITIVE_INFINITY,
  );
  return sizes.reduce((sum, size) => sum + size + OVERHEAD_BYTES, 0) <= BLOCK_BYTES;
}

/** The same layer for entries that `fitsInMemory`, in a tenth of the time. */
export async function packInMemory(
  entries: readonly Entry[],
  { compression = 'gzip' }: { readonly compression?: Compression },
): Promise<LayerBytes> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(entries)) chunks.push(chunk);
  const archive = Buffer.concat(chunks);
  const bytes = await compressBlock(archive, compression);
  return {
    mediaType: mediaTypeOf(compression),
    digest: sha256(bytes),
    size: bytes.length,
    diffId: sha256(archive),
    unpackedSize: archive.length,
    bytes,
  };
}

/**
 * Entries of a compressed layer. After the last one the uncompressed archive has been compared with `diffId`; a difference throws, so
 * whoever unpacks must not use what was unpacked before the loop has ended.
 */
export async function* readLayer(
  source: Readable,
  layer: { mediaType: string; diffId: string },
): AsyncGenerator<TarEntry> {
  const plain = new Meter();
  const tap = plain.tap();
  const flow = pipeline(source, decompressor(layer.mediaType), tap);
  flow.catch(() => undefined);
  yield* readTar(tap);
  await flow;
  if (plain.digest() === layer.diffId) return;
  throw new Error(`the unpacked layer is not ${layer.diffId}: it was damaged or its configuration names another layer`);
}

/** Counts and hashes what flows past. */
class Meter {
  bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  tap(): Transform {
    return new Transform({
      highWaterMark: 1 << 20,
      transform: (chunk: Buffer, _encoding, done) => {
        this.bytes += chunk.length;
        this.#hash.update(chunk);
        done(null, chunk);
      },
    });
  }

  digest(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}
