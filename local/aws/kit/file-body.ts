/** Files as bodies of answers: any reader may take them as the streams they are; a socket gets them by way of the same memory again and again. */
import { createReadStream, type ReadStream, read } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';

/** `end` is inclusive; absent: the whole file. */
type Range = { readonly start: number; readonly end: number } | undefined;

const MEMORY_BYTES = 2 ** 20;
const spare: Buffer[] = [];
const ranges = new WeakMap<object, { readonly range: Range }>();
const readFrom = promisify(read);

export function createFileBody(path: string, range?: Range): ReadStream {
  const stream = createReadStream(path, range);
  ranges.set(stream, { range });
  return stream;
}

export const isFileBody = (body: unknown): body is ReadStream => body instanceof Object && ranges.has(body);

/** New memory for each piece, as streams want it, costs several times what sending it costs. @throws when the receiver is gone */
export async function sendFile(body: ReadStream, response: ServerResponse): Promise<void> {
  const { start = 0, end = Number.POSITIVE_INFINITY } = ranges.get(body)?.range ?? {};
  const memory = spare.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES);
  try {
    const descriptor = await opened(body);
    for (let at = start; at <= end; ) {
      const { bytesRead } = await readFrom(descriptor, memory, 0, Math.min(memory.length, end + 1 - at), at);
      if (bytesRead === 0) break;
      await new Promise<void>((resolve, reject) => {
        response.write(memory.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve()));
      });
      at += bytesRead;
    }
    response.end();
    spare.push(memory);
  } finally {
    body.destroy();
  }
}

const opened = (body: ReadStream): Promise<number> =>
  new Promise((resolve, reject) => void body.once('open', resolve).once('error', reject));
