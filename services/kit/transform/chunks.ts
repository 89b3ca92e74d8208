import type { Files } from '../aws/files.ts';
import { Unreadable } from './split.ts';

const CHUNK_BYTES = 4 * 2 ** 20;
/** Ranges that are on their way; they and the one in work are what is held of a file. */
const AHEAD = 3;

/**
 * The bytes of an object from a position on, in ranges: each is a request of its own, so that no connection is idle while a slow model computes,
 * and the next ones are on their way while one is worked on: a single connection to S3 is slower than most models.
 * @throws Unreadable when the object is not the one it was when it was begun
 */
export async function* readChunks(
  files: Files,
  {
    key,
    tag,
    bytes,
    start,
  }: { readonly key: string; readonly tag: string; readonly bytes: number; readonly start: number },
): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer | undefined>[] = [];
  let asked = start;
  const askFurther = (): void => {
    for (; asked < bytes && ahead.length < AHEAD; asked += CHUNK_BYTES) {
      const asking = files.readRange(key, { start: asked, end: Math.min(bytes, asked + CHUNK_BYTES), tag });
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
  }
}
