/** Cuts the lines of a file into batches. */
import type { Files } from '../aws/files.ts';
import { type FilePart, readChunks } from './chunks.ts';

/** Whole lines without the last newline, and the position of the byte behind them. Only until the next ones are asked for. */
export interface Lines {
  readonly content: Buffer;
  readonly end: number;
}

/** The file is not what it was said to be: nothing of it can be read from here on. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const NEWLINE = 10;
export const LONGEST_LINE_BYTES = 4 * 2 ** 20;
const CHUNK_BYTES = 4 * 2 ** 20;

/**
 * @param file whose part begins with the beginning of a line
 * @param most lines of a batch. There are fewer where a chunk ends, so that long lines are not held by the hundred
 */
export async function* splitLines(files: Files, file: FilePart, most: number): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0);
  let end = file.start;
  for await (const memory of readChunks(files, file, { size: CHUNK_BYTES, room: LONGEST_LINE_BYTES })) {
    let from = LONGEST_LINE_BYTES - rest.length;
    rest.copy(memory, from);
    const first = memory.indexOf(NEWLINE, from);
    if ((first < 0 ? memory.length : first) - from > LONGEST_LINE_BYTES)
      throw new Unreadable(`the line at byte ${end} is longer than ${LONGEST_LINE_BYTES} bytes`);
    while (true) {
      const to = findEnd(memory, from, most);
      if (to === from) break;
      end += to - from;
      yield { content: memory.subarray(from, to - 1), end };
      from = to;
    }
    rest = Buffer.from(memory.subarray(from));
  }
  if (rest.length > 0) yield { content: rest, end: end + rest.length };
}

/** Position behind the newline of the last of at most so many whole lines from `from` on. */
function findEnd(memory: Buffer, from: number, most: number): number {
  let end = from;
  for (let count = 0; count < most; count++) {
    const next = memory.indexOf(NEWLINE, end);
    if (next < 0) break;
    end = next + 1;
  }
  return end;
}
