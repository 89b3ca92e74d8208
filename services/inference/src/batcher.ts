/**
 * Micro-batching: requests for a model that arrive in the same turn of the event loop are answered by one run. A lone
 * request waits for nothing; under load the fixed cost of a run is shared.
 */
import type { Model, Tensors } from '../../kit/model/session.ts';
import { concatenate, slice } from './tensors.ts';

export interface Batcher {
  /** Answers one request; `full` when too many rows wait already. */
  submit(inputs: Tensors): Promise<Tensors> | 'full';
}

export interface BatchLimits {
  /** Rows per run. A request with more rows runs alone. */
  readonly maximumBatch: number;
  /** Rows that may wait; beyond that it is better to say so than to answer too late. */
  readonly maximumWaiting: number;
}

interface Waiting {
  readonly inputs: Tensors;
  readonly rows: number;
  /** Sizes besides the rows: only equal ones fit into one batch. */
  readonly shape: string;
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher(model: Pick<Model, 'run'>, { maximumBatch, maximumWaiting }: BatchLimits): Batcher {
  let queue: Waiting[] = [];
  let waitingRows = 0;
  let scheduled = false;

  const schedule = () => {
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    setImmediate(() => void flush());
  };

  const flush = async () => {
    const { batch, rest } = takeBatch(queue, maximumBatch);
    queue = rest;
    waitingRows -= countRows(batch);
    await runBatch(model, batch);
    scheduled = false;
    schedule();
  };

  return {
    submit(inputs) {
      const rows = Object.values(inputs)[0]?.shape[0] ?? 0;
      if (waitingRows + rows > maximumWaiting && queue.length > 0) return 'full';
      waitingRows += rows;
      const shape = JSON.stringify(
        Object.entries(inputs)
          .map(([name, tensor]) => [name, ...tensor.shape.slice(1)])
          .sort(),
      );
      const answer = new Promise<Tensors>((resolve, reject) => queue.push({ inputs, rows, shape, resolve, reject }));
      schedule();
      return answer;
    },
  };
}

/** The first request and every later one that still fits beside it. */
function takeBatch(queue: readonly Waiting[], maximumBatch: number): { batch: Waiting[]; rest: Waiting[] } {
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const waiting of queue) {
    const fits =
      batch.length === 0 || (waiting.shape === batch[0]?.shape && countRows(batch) + waiting.rows <= maximumBatch);
    (fits ? batch : rest).push(waiting);
  }
  return { batch, rest };
}

async function runBatch(model: Pick<Model, 'run'>, batch: readonly Waiting[]): Promise<void> {
  try {
    const names = Object.keys(batch[0]?.inputs ?? {});
    const joined = names.map((name) => [name, concatenate(batch.flatMap(({ inputs }) => inputs[name] ?? []))]);
    const outputs = await model.run(Object.fromEntries(joined));
    let from = 0;
    for (const { rows, resolve } of batch) {
      const start = from;
      resolve(Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, slice(tensor, start, rows)])));
      from += rows;
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function countRows(batch: readonly Waiting[]): number {
  return batch.reduce((total, { rows }) => total + rows, 0);
}
