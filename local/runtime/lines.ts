import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut into pieces, as container engines do. */
const LONGEST_LINE = 16 * 1024;

export interface LineReader {
  write(chunk: Buffer): void;
  /** Hands over the last line when no newline ended it. */
  end(): void;
}

/** Cuts a stream of bytes into lines of text; characters may be split over chunks. */
export function createLineReader(onLine: (line: string) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    rest += text;
    for (let end = rest.indexOf('\n'); end >= 0 || rest.length > LONGEST_LINE; end = rest.indexOf('\n')) {
      const cut = end < 0 || end > LONGEST_LINE;
      onLine(rest.slice(0, cut ? LONGEST_LINE : end));
      rest = rest.slice(cut ? LONGEST_LINE : end + 1);
    }
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (rest) onLine(rest);
      rest = '';
    },
  };
}

/** Reads a stream to its end, line by line. */
export async function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (!stream) return;
  const reader = createLineReader(onLine);
  stream.on('data', reader.write);
  await new Promise<void>((resolve) => stream.once('close', resolve));
  reader.end();
}
