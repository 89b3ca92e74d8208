/** A runner: a process that holds models and answers batches, one after the other. Its memory and its time are its own. */
import { readFile, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { readGraph } from '../../../kit/model/onnx-read.ts';
import { loadModel, type Model } from '../../../kit/model/session.ts';
import { LARGEST_ANSWER_BYTES, tooLarge } from '../requests/answer-size.ts';
import { createFrameReader, decodeTensors, encodeFrame, encodeTensors, type Reply, type Request } from './protocol.ts';

/** File descriptor of the connection to the server. */
export const CHANNEL = 3;
/** Id of the reply that nobody asked for. */
const HELLO = 0;

/** Resolves when the server is gone. */
export async function runModels(): Promise<void> {
  // When memory runs out, the kernel ends this process and not the server; not every kernel lets us say so.
  await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);
  const socket = new Socket({ fd: CHANNEL });
  const models = new Map<string, Model>();
  const queue: (() => Promise<void>)[] = [];
  let busy = false;

  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let next = queue.shift(); next; next = queue.shift()) await next();
    busy = false;
  };

  socket.on(
    'data',
    createFrameReader<Request>((request, bytes) => {
      queue.push(async () => {
        const { reply, parts } = await answer(models, request, bytes)
          .then(checkSize)
          .catch((error: unknown) => ({
            reply: { error: error instanceof Error ? error.message : String(error) },
            parts: [],
          }));
        socket.write(encodeFrame({ id: request.id, ...reply }, parts));
      });
      void work();
    }),
  );
  // The clock of the first call starts when this program does.
  socket.write(encodeFrame({ id: HELLO }));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.on('close', resolve));
}

interface Answered {
  readonly reply: Omit<Reply, 'id'>;
  readonly parts: readonly Uint8Array[];
}

/** What a model answers has to fit into the server's memory, too, where it is nobody's alone. */
function checkSize(answered: Answered): Answered {
  const bytes = answered.parts.reduce((total, { length }) => total + length, 0);
  if (bytes > LARGEST_ANSWER_BYTES) throw new Error(tooLarge(bytes));
  return answered;
}

const DONE: Answered = { reply: {}, parts: [] };

async function answer(models: Map<string, Model>, request: Request, tensors: Buffer): Promise<Answered> {
  if ('load' in request) {
    const { key, path, bytes, description } = request.load;
    const onnx = (await readFile(path)).subarray(0, bytes);
    const graph = readGraph(onnx);
    const loaded = graph.ok ? await loadModel({ description, onnx }) : graph;
    if (!loaded.ok) return { reply: { error: loaded.error }, parts: [] };
    models.set(key, loaded.value);
    return { reply: { firstRun: loaded.value.startTimes.firstRun }, parts: [] };
  }
  if ('unload' in request) {
    await models.get(request.unload)?.release();
    models.delete(request.unload);
    return DONE;
  }
  const model = models.get(request.run);
  if (!model) throw new Error(`the runner does not hold ${request.run}`);
  const { tensors: headers, parts } = encodeTensors(await model.run(decodeTensors(request.tensors, tensors)));
  return { reply: { tensors: headers }, parts };
}
