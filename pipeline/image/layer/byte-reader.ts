import { TarError } from './tar-header.ts';

/** Reads exact numbers of bytes from a stream of chunks of any size. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly `length` bytes; undefined when the stream ends right here; throws when it ends in between. */
  async read(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const part = await this.#some(missing);
      if (part === undefined) {
        if (missing === length) return undefined;
        throw new TarError('the archive ends in the middle');
      }
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** The next `length` bytes, chunk by chunk. */
  async *stream(length: number): AsyncGenerator<Buffer> {
    for (let missing = length; missing > 0; ) {
      const part = await this.#some(missing);
      if (part === undefined) throw new TarError('the archive ends in the middle');
      missing -= part.length;
      yield part;
    }
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.stream(length));
  }

  /** Reads to the end, so that whoever verifies the stream sees all of it. */
  async drain(): Promise<void> {
    while ((await this.#some(Number.MAX_SAFE_INTEGER)) !== undefined);
  }

  /** Tells the source that nobody reads on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
