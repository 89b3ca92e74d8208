/**
 * Reads files in a thread of its own: `session.run` computes on the thread that calls it, so that whoever reads and parses there waits for the model,
 * and the model for them.
 */
import { on, once } from 'node:events';
import { MessageChannel, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { createFiles } from '../aws/files.ts';
import { type Piece, type ReadPieces, type ReadRequest, readPieces, type TakeMemory } from './read.ts';
import { Unreadable } from './split.ts';

/** Where the files lie; see ComputerOptions. */
export interface ReaderOptions {
  readonly files: string;
  readonly filesPrefix?: string;
}

/** `unreadable`: the file is at fault. Each message of pieces is answered with one when it was worked on. */
type FromReader =
  | { readonly pieces: readonly Piece[] }
  | { readonly end: true }
  | { readonly unreadable: string }
  | { readonly error: string };

interface ReadJob {
  readonly request: ReadRequest;
  readonly port: MessagePort;
}

/** A message costs as much as a run of a small model, so it has several pieces. */
const MESSAGE_BYTES = 2 ** 20;
/** Messages that are not worked on yet. With what `readChunks` holds that is all there is of a file in memory. */
const AHEAD = 4;

/** @param program what calls `serveReader` when it is started as a thread with this argument */
export function createReader(program: string, argument: string, options: ReaderOptions): ReadPieces {
  let worker: Worker | undefined;
  return async function* read(request) {
    // What the thread dies of ends the process, and with it the attempt. Without work it keeps nobody alive.
    worker ??= new Worker(program, { argv: [argument], workerData: options });
    worker.unref();
    const { port1: port, port2 } = new MessageChannel();
    const messages = on(port, 'message') as AsyncIterable<[FromReader]>;
    worker.postMessage({ request, port: port2 } satisfies ReadJob, [port2]);
    try {
      for await (const [message] of messages) {
        if ('unreadable' in message) throw new Unreadable(message.unreadable);
        if ('error' in message) throw new Error(message.error);
        if ('end' in message) return;
        yield* message.pieces;
        // Its memory goes back with the answer.
        port.postMessage(message.pieces.map(memoryOf), message.pieces.map(memoryOf));
      }
    } finally {
      port.close();
    }
  };
}

/** The thread's side: one file after the other, or several at once. */
export function serveReader(): void {
  const { files, filesPrefix } = workerData as ReaderOptions;
  const store = createFiles(files, filesPrefix);
  parentPort?.on('message', async ({ request, port }: ReadJob) => {
    const say = (message: FromReader): void => port.postMessage(message);
    const spare: ArrayBuffer[] = [];
    port.on('message', (memory: readonly ArrayBuffer[]) => void spare.push(...memory));
    const take: TakeMemory = (floats) => {
      const memory = spare.pop();
      return memory?.byteLength === floats * Float32Array.BYTES_PER_ELEMENT
        ? new Float32Array(memory)
        : new Float32Array(floats);
    };
    try {
      await sendPieces(readPieces(store, request, take), port);
      say({ end: true });
    } catch (error) {
      if (error instanceof Unreadable) say({ unreadable: error.message });
      else say({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  });
}

/** @throws when nobody listens any more */
async function sendPieces(pieces: AsyncIterable<Piece>, port: MessagePort): Promise<void> {
  const closed = new AbortController();
  let [sent, done] = [0, 0];
  port.on('message', () => void done++);
  port.once('close', () => closed.abort());
  let batch: Piece[] = [];
  let bytes = 0;
  const send = (): void => {
    port.postMessage({ pieces: batch } satisfies FromReader, batch.map(memoryOf));
    sent += 1;
    batch = [];
    bytes = 0;
  };
  for await (const piece of pieces) {
    batch.push(piece);
    bytes += memoryOf(piece).byteLength;
    if (bytes < MESSAGE_BYTES) continue;
    send();
    while (sent - done >= AHEAD) await once(port, 'message', { signal: closed.signal });
    closed.signal.throwIfAborted();
  }
  send();
}

const memoryOf = (piece: Piece): ArrayBuffer =>
  (piece.kind === 'numbers' ? piece.numbers : piece.content).buffer as ArrayBuffer;
