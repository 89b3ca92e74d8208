/** Reading bodies of requests into memory, of which there is only so much. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface BodyLimits {
  /** Of one body. */
  readonly maximumBytes: number;
  /** Of all bodies together that are being read or answered. */
  readonly maximumHeldBytes: number;
}

export type ReadBody = Buffer | 'too-large' | 'no-room';

/** Small bodies are not counted: connections bound them, and counting costs each request something. */
const COUNTED_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * A body that is too large, or for which there is no room, is read to its end and thrown away: to answer while the client still sends would
 * reset the connection, and a load balancer turns that into a 502. The server's `requestTimeout` bounds how long it lasts. Who hangs up
 * gets no answer.
 */
export function createBodyReader({ maximumBytes, maximumHeldBytes }: BodyLimits) {
  let held = 0;
  return (incoming: IncomingMessage, response: ServerResponse, done: (body: ReadBody) => Promise<void>): void => {
    let first: Buffer | undefined;
    let chunks: Buffer[] | undefined;
    let size = 0;
    let counted = 0;
    let refused: 'too-large' | 'no-room' | undefined;

    const count = (): void => {
      if (counted === 0)
        response.once('close', () => {
          held -= counted;
        });
      held += size - counted;
      counted = size;
    };

    // At once, and not when the answer has left: or all that came at the same time would be refused for each other's sake.
    const letGo = (): void => {
      first = chunks = undefined;
      held -= counted;
      counted = 0;
    };

    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (refused === undefined && size > COUNTED_BYTES) count();
      if (size > maximumBytes) refused = 'too-large';
      else if (counted > 0 && held > maximumHeldBytes) refused ??= 'no-room';
      if (refused !== undefined) letGo();
      else if (first === undefined) first = chunk;
      else if (chunks === undefined) chunks = [first, chunk];
      else chunks.push(chunk);
    });
    incoming.on('end', () => void done(refused ?? (chunks ? Buffer.concat(chunks, size) : (first ?? EMPTY))));
    incoming.on('error', () => undefined);
  };
}
