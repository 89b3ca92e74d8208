import { Transform, type TransformCallback } from 'node:stream';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

/** What is compressed in one piece. */
export const BLOCK_BYTES = 1 << 21;
/** Deflate looks back so far; each block is given the end of the one before it. */
const WINDOW_BYTES = 1 << 15;
/** Blocks that are compressed or wait to be written: enough for every thread of Node's pool, little enough memory. */
const MOST_IN_WORK = 8;
const DEFLATE = 8;
/** RFC 1952, 2.3: no name, no time, and an operating system that is unknown, so that every machine writes the same. */
const HEADER = Buffer.from([0x1f, 0x8b, DEFLATE, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block: what is flushed before it ends on a whole byte. */
const END = Buffer.from([0x03, 0x00]);

/** A block comes out in few pieces, on a whole byte. */
const OPTIONS = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: BLOCK_BYTES / 2 } as const;
const compress = promisify<Uint8Array, Parameters<typeof deflateRaw>[1], Buffer>(deflateRaw);

/** At most one block as gzip: what `ParallelGzip` makes of it. */
export async function gzipBlock(block: Uint8Array, level: number): Promise<Buffer> {
  const packed = block.length === 0 ? [] : [await compress(block, { ...OPTIONS, level })];
  return Buffer.concat([HEADER, ...packed, trailerOf(crc32(block), block.length)]);
}

function trailerOf(checksum: number, length: number): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([END, trailer]);
}

/**
 * Gzip on all cores, as pigz does it: blocks are compressed side by side, each with the end of the one before as its dictionary, and make
 * up one stream that every reader of gzip takes. Blocks do not depend on the number of cores, so the bytes do not either.
 */
export class ParallelGzip extends Transform {
  readonly #level: number;
  readonly #working: Promise<Buffer>[] = [];
  #block: Buffer[] = [];
  #blockBytes = 0;
  #window: Buffer = Buffer.alloc(0);
  #checksum = 0;
  #length = 0;

  constructor(level: number) {
    super({ writableHighWaterMark: BLOCK_BYTES, readableHighWaterMark: BLOCK_BYTES });
    this.#level = level;
    this.push(HEADER);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#take(chunk).then(() => done(), done);
  }

  override _flush(done: TransformCallback): void {
    this.#finish().then(() => done(), done);
  }

  async #take(chunk: Buffer): Promise<void> {
    this.#checksum = crc32(chunk, this.#checksum);
    this.#length += chunk.length;
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, BLOCK_BYTES - this.#blockBytes);
      rest = rest.subarray(part.length);
      this.#block.push(part);
      this.#blockBytes += part.length;
      if (this.#blockBytes === BLOCK_BYTES) await this.#compressBlock();
    }
  }

  async #compressBlock(): Promise<void> {
    const block = this.#block.length === 1 ? (this.#block[0] as Buffer) : Buffer.concat(this.#block);
    const dictionary = this.#window.length > 0 ? { dictionary: this.#window } : {};
    const work = compress(block, { ...OPTIONS, level: this.#level, ...dictionary });
    // A failure is told to whoever waits for the block; until then it is not unhandled.
    work.catch(() => undefined);
    this.#working.push(work);
    this.#window = block.subarray(-WINDOW_BYTES);
    this.#block = [];
    this.#blockBytes = 0;
    if (this.#working.length >= MOST_IN_WORK) this.push(await this.#working.shift());
  }

  async #finish(): Promise<void> {
    if (this.#blockBytes > 0) await this.#compressBlock();
    for (const work of this.#working) this.push(await work);
    this.push(trailerOf(this.#checksum, this.#length));
  }
}
