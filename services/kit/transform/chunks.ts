import type { Files } from '../aws/files.ts';
import { Unreadable } from './split.ts';

const CHUNK_BYTES = 4 * 2 ** 20;
/** Ranges that are on their way; they and the one in work are what is held of a file. */
const AHEAD = 3;

/** The part of an object that is to be read. */
export interface FilePart {
  readonly key: string;
  /** Of the object as it was when it was begun. */
  readonly tag: string;
  /** Of the whole object. */
  readonly bytes: number;
  readonly start: number;
}

export interface ChunkSize {
  /** Bytes of each chunk but the last. */
  readonly size: number;
  /** Bytes that are free in front of each, for what is left of the one before. */
  readonly room: number;
}

/**
 * The bytes of an object from a position on, in ranges: each is a request of its own, so that no connection is idle while a slow model computes,
 * and the next ones are on their way while one is worked on: a single connection to S3 is slower than most models.
 * @returns memory with a chunk behind the room in front. Only until the next one is asked for: new memory would cost more than what is read into it
 * @throws Unreadable when the object is not the one it was when it was begun
 */
export async function* readChunks(
  files: Files,
  { key, tag, bytes, start }: FilePart,
  { size, room }: ChunkSize = { size: CHUNK_BYTES, room: 0 },
): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer | undefined>[] = [];
  const spare: Buffer[] = [];
  let asked = start;
  const ask = async (from: number): Promise<Buffer | undefined> => {
    const whole = spare.pop() ?? Buffer.allocUnsafeSlow(room + size);
    const memory = whole.subarray(0, room + Math.min(bytes - from, size));
    return (await files.readRange(key, { start: from, tag }, memory.subarray(room))) ? memory : undefined;
  };
  const askFurther = (): void => {
    for (; asked < bytes && ahead.length < AHEAD; asked += size) {
      const asking = ask(asked);
      // Whoever stops in between leaves requests behind, for which nobody waits.
      asking.catch(() => undefined);
      ahead.push(asking);
    }
  };
  for (askFurther(); ahead.length > 0; askFurther()) {
    const chunk = await ahead.shift();
    if (!chunk) throw new Unreadable('the file was changed or removed while it was read');
    askFurther();
    yield chunk;
    spare.push(Buffer.from(chunk.buffer));
  }
}
