/**
 * Models of tenants who share one architecture: one session per family, the weights of its members as inputs. Loading a member copies its
 * weights; a run answers requests of many members together.
 */
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { type Family, type FamilyMember, readFamily } from '../../../kit/model/family.ts';
import { MEMBER } from '../../../kit/model/family-weights.ts';
import type { Tensor, Tensors } from '../../../kit/model/session.ts';
import type { Result } from '../../../kit/result.ts';
import type { Executor, Lane } from '../batching/executor.ts';
import { createPacker, joinRows, sliceRows, unpackBatch } from '../batching/pack.ts';
import type { Waiting } from '../batching/waiting.ts';
import type { Hosted, LocalModel } from './host.ts';
import { createSlab, type Slab } from './slab.ts';

interface OpenFamily {
  readonly session: InferenceSession;
  readonly slab: Slab;
  readonly lane: Lane;
  run(rows: Rows): Promise<Tensors>;
  remove(slot: number): void;
}

interface Known {
  readonly opening: Promise<OpenFamily>;
  /** Loaded ones and those about to be: without any the family is closed. */
  members: number;
}

/** Level 3: only errors. */
const THREADS = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
/** A run copies the weights of every row. */
const ROWS_PER_RUN = 64;
const MAXIMUM_FILE_BYTES = 300_000;
const FLOAT_BYTES = 4;
/** What is kept of each member beside its weights: description, counters. */
const OVERHEAD_BYTES = 10_000;

export interface FamilyHost {
  /** What makes a model a member of a family; undefined when it is of none, or so large that copying its weights would cost too much. */
  read(model: LocalModel): FamilyMember | undefined;
  /** @returns an error when the model is at fault */
  load(member: FamilyMember): Promise<Result<Hosted>>;
}

export function createFamilyHost(executor: Executor): FamilyHost {
  const families = new Map<string, Known>();
  const packBatch = createPacker();

  const open = async (family: Family): Promise<OpenFamily> => {
    const session = await InferenceSession.create(family.encode(), THREADS);
    const slab = createSlab(family.weights);
    let runs = 0;
    // A run begins a moment after it was asked for, with the arrays as they were then; they may grow meanwhile, but not shrink.
    const run = async (rows: Rows): Promise<Tensors> => {
      runs += 1;
      try {
        return toTensors(await session.run(feedsOf(rows, family, slab)));
      } finally {
        runs -= 1;
      }
    };
    const remove = (slot: number): void => {
      slab.remove(slot);
      if (runs === 0) slab.shrink();
    };
    const lane = executor.lane(async (batch) => {
      const { inputs, rows } = packBatch(batch);
      const members = membersOf(batch, rows);
      const packedAt = performance.now();
      const parts: Tensors[] = [];
      for (let from = 0; from < rows; from += ROWS_PER_RUN) {
        const part = {
          inputs: sliceRows(inputs, from, ROWS_PER_RUN),
          members: members.subarray(from, from + ROWS_PER_RUN),
        };
        parts.push(await run(part));
      }
      return { outputs: unpackBatch(joinRows(parts), batch, rows), packedAt };
    });
    return { session, slab, lane, run, remove };
  };

  const join = (family: Family): Known => {
    const known = families.get(family.key) ?? { opening: open(family), members: 0 };
    families.set(family.key, known);
    known.members += 1;
    return known;
  };

  const leave = async ({ key }: Family, known: Known): Promise<void> => {
    known.members -= 1;
    if (known.members > 0) return;
    if (families.get(key) === known) families.delete(key);
    const opened = await known.opening.catch(() => undefined);
    await opened?.session.release();
  };

  return {
    read: ({ graph, description, onnx }) =>
      onnx.length > MAXIMUM_FILE_BYTES ? undefined : readFamily(graph, description),
    async load({ family, values }) {
      const known = join(family);
      let slot: number | undefined;
      const release = async (): Promise<void> => {
        if (slot !== undefined) (await known.opening).remove(slot);
        await leave(family, known);
      };
      try {
        const { session, slab, lane, run } = await known.opening;
        slot = slab.add(values);
        // Warm, and proven to answer, before the first request.
        const [input] = session.inputMetadata;
        const columns = input?.isTensor ? Number(input.shape[1]) : 0;
        const row = { datatype: 'FP32', shape: [1, columns], data: new Float32Array(columns) } as const;
        await run({ inputs: { [input?.name ?? '']: row }, members: BigInt64Array.of(BigInt(slot)) });
        const bytes = OVERHEAD_BYTES + family.weights.reduce((total, { length }) => total + length * FLOAT_BYTES, 0);
        return { ok: true, value: { kind: 'family', lane, slot, bytes, release } };
      } catch (error) {
        await release().catch(() => undefined);
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function membersOf(batch: readonly Waiting[], rows: number): BigInt64Array {
  const members = new BigInt64Array(rows);
  let row = 0;
  for (const { rows: count, slot } of batch) {
    members.fill(BigInt(slot), row, row + count);
    row += count;
  }
  return members;
}

interface Rows {
  readonly inputs: Tensors;
  readonly members: BigInt64Array;
}

function feedsOf(
  { inputs, members }: Rows,
  { weights }: Family,
  { arrays, capacity }: Slab,
): Record<string, OnnxTensor> {
  const feeds: Record<string, OnnxTensor> = { [MEMBER]: new OnnxTensor('int64', members, [members.length]) };
  for (const name in inputs) {
    const { data, shape } = inputs[name] as Tensor;
    feeds[name] = new OnnxTensor('float32', data as Float32Array, shape);
  }
  for (const [index, { name, shape }] of weights.entries())
    feeds[name] = new OnnxTensor('float32', arrays[index] as Float32Array, [capacity, ...shape]);
  return feeds;
}

function toTensors(answers: InferenceSession.ReturnType): Tensors {
  const tensors: Record<string, Tensor> = {};
  for (const name in answers) {
    const answer = answers[name] as OnnxTensor;
    tensors[name] = { datatype: 'FP32', shape: answer.dims, data: answer.data as Float32Array };
  }
  return tensors;
}
