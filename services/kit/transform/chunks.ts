import type { Files } from '../aws/files.ts';
import { Unreadable } from './split.ts';

export const CHUNK_BYTES = 4 * 2 ** 20;

/**
 * The bytes of an object from a position on, in ranges: each is a request of its own, so that no connection is idle while a slow model computes,
 * and one range is on its way while the one before is worked on.
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
  const read = (from: number) => files.readRange(key, { start: from, end: Math.min(bytes, from + CHUNK_BYTES), tag });
  let next = start < bytes ? read(start) : undefined;
  for (let from = start; from < bytes && next; from += CHUNK_BYTES) {
    const chunk = await next;
    if (!chunk) throw new Unreadable('the file was changed or removed while it was read');
    next = from + CHUNK_BYTES < bytes ? read(from + CHUNK_BYTES) : undefined;
    // Whoever stops in between leaves a request behind, which nobody waits for.
    next?.catch(() => undefined);
    yield chunk;
  }
}
