import { Readable } from 'node:stream';
import { AwsError } from './service.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const LONGEST_LINE = 16 * 1024;

/** Whether a body has aws-chunked framing (`STREAMING-UNSIGNED-PAYLOAD-TRAILER` and its signed relatives). */
export function isChunked(headers: Headers): boolean {
  return headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
}

/**
 * Removes aws-chunked framing from a body and puts its trailers, in lower case, into `trailers`. Chunk signatures are not verified.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function decodeChunked(body: Readable, headers: Headers, trailers: Record<string, string>): Readable {
  return Readable.from(decode(body, headers['x-amz-decoded-content-length'], trailers), { objectMode: false });
}

async function* decode(body: Readable, declared: string | undefined, trailers: Record<string, string>) {
  const reader = new LineReader(body);
  let decoded = 0;
  for (;;) {
    const size = Number.parseInt((await reader.line()) ?? '', 16);
    if (Number.isNaN(size)) throw incomplete();
    if (size === 0) break;
    for await (const part of reader.take(size)) yield part;
    if ((await reader.line()) !== '') throw incomplete();
    decoded += size;
  }
  for (let line = await reader.line(); line; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).toLowerCase().trim()] = line.slice(colon + 1).trim();
  }
  if (declared !== undefined && Number(declared) !== decoded) throw incomplete();
}

function incomplete(): AwsError {
  return new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
}

/** Reads lines and counted bytes from a stream by turns. */
class LineReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: Readable) {
    this.#source = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, next.value]) : next.value;
    return true;
  }

  /** The next line without its end, or undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    let end = this.#rest.indexOf('\r\n');
    while (end < 0) {
      if (this.#rest.length > LONGEST_LINE) throw incomplete();
      if (!(await this.#more())) return undefined;
      end = this.#rest.indexOf('\r\n');
    }
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }

  async *take(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw incomplete();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
