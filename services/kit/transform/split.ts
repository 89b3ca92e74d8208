/** Cuts a stream of bytes into batches of rows. */

/** Rows that are predicted by one run, and the position of the byte behind them. */
export interface Piece<Content> {
  readonly content: Content;
  readonly end: number;
}

/** The file is not what it was said to be: nothing of it can be read from here on. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const NEWLINE = 10;
export const LONGEST_LINE_BYTES = 4 * 2 ** 20;

/**
 * Whole lines, the last one without its newline.
 * @param start position of the first byte of `chunks` in the file, which is the beginning of a line
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  { start, lines }: { readonly start: number; readonly lines: number },
): AsyncGenerator<Piece<Buffer>> {
  let rest: Buffer = Buffer.alloc(0);
  let end = start;
  for await (const chunk of chunks) {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    while (true) {
      const to = findEnd(buffer, from, lines);
      if (to === undefined) break;
      end += to - from;
      yield { content: buffer.subarray(from, to - 1), end };
      from = to;
    }
    // Fewer lines than a batch: they wait for the next chunk, but no line waits for ever.
    rest = buffer.subarray(from);
    if (rest.length > LONGEST_LINE_BYTES && rest.indexOf(NEWLINE) < 0)
      throw new Unreadable(`the line at byte ${end} is longer than ${LONGEST_LINE_BYTES} bytes`);
  }
  if (rest.length > 0) {
    const closed = rest[rest.length - 1] === NEWLINE;
    yield { content: closed ? rest.subarray(0, -1) : rest, end: end + rest.length };
  }
}

/** Position behind the `lines`-th newline from `from`; undefined when there are fewer. */
function findEnd(buffer: Buffer, from: number, lines: number): number | undefined {
  let at = from;
  for (let count = 0; count < lines; count++) {
    const next = buffer.indexOf(NEWLINE, at);
    if (next < 0) return undefined;
    at = next + 1;
  }
  return at;
}

/** @param bytes of one row */
export async function* splitRecords(
  chunks: AsyncIterable<Buffer>,
  { start, bytes, rows }: { readonly start: number; readonly bytes: number; readonly rows: number },
): AsyncGenerator<Piece<Buffer>> {
  const size = bytes * rows;
  let rest: Buffer = Buffer.alloc(0);
  let end = start;
  for await (const chunk of chunks) {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (; from + size <= buffer.length; from += size) {
      end += size;
      yield { content: buffer.subarray(from, from + size), end };
    }
    rest = buffer.subarray(from);
  }
  if (rest.length % bytes !== 0) throw new Unreadable(`${rest.length % bytes} bytes follow the last whole row`);
  if (rest.length > 0) yield { content: rest, end: end + rest.length };
}
