/**
 * Models of tenants who share one architecture: one session per family, the weights of its members as inputs. Loading a member copies its
 * weights; a run answers requests of many members together.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Family, type FamilyMember, readFamily } from '../../../kit/model/family.ts';
import { MEMBER } from '../../../kit/model/family-weights.ts';
import { createTensor, type OnnxSession, type OnnxTensors, openSession } from '../../../kit/model/onnx.ts';
import type { Tensor, Tensors } from '../../../kit/model/session.ts';
import type { Result } from '../../../kit/result.ts';
import type { Executor, Lane } from '../batching/executor.ts';
import { createPacker, joinRows, sliceRows, unpackBatch } from '../batching/pack.ts';
import type { Waiting } from '../batching/waiting.ts';
import type { Hosted, ReadModel } from './host.ts';
import { createSlab, type Slab } from './slab.ts';

interface OpenFamily {
  readonly session: OnnxSession;
  readonly slab: Slab;
  readonly lane: Lane;
  remove(slot: number): void;
}

interface Known {
  readonly opening: Promise<OpenFamily>;
  /** Loaded ones and those about to be: without any the family is closed. */
  members: number;
}

/** A run copies the weights of every row. */
const ROWS_PER_RUN = 64;
const FLOAT_BYTES = 4;
/** What is kept of each member beside its weights: description, counters. */
const OVERHEAD_BYTES = 10_000;

export interface FamilyHost {
  /** What makes a model a member of a family; undefined when it is of none. */
  read(model: ReadModel): FamilyMember | undefined;
  /** @returns an error when the model is at fault */
  load(member: FamilyMember): Promise<Result<Hosted>>;
}

export function createFamilyHost(executor: Executor): FamilyHost {
  const families = new Map<string, Known>();
  const packBatch = createPacker();

  const open = async (family: Family): Promise<OpenFamily> => {
    await turn();
    const session = openSession(family.encode());
    const slab = createSlab(family.weights);
    const run = (rows: Rows): Tensors => toTensors(session.run(feedsOf(rows, family, slab)));
    const remove = (slot: number): void => {
      slab.remove(slot);
      slab.shrink();
    };
    const lane = executor.lane((batch) => {
      const { inputs, rows } = packBatch(batch);
      const members = membersOf(batch, rows);
      const packedAt = performance.now();
      const parts: Tensors[] = [];
      for (let from = 0; from < rows; from += ROWS_PER_RUN) {
        const part = {
          inputs: sliceRows(inputs, from, ROWS_PER_RUN),
          members: members.subarray(from, from + ROWS_PER_RUN),
        };
        parts.push(run(part));
      }
      return { outputs: unpackBatch(joinRows(parts), batch, rows), packedAt };
    });
    // Warm, and proven to answer, before the first request; members differ in nothing but numbers.
    const [input] = session.inputs;
    const columns = Number(input?.shape[1] ?? 0);
    const row = { datatype: 'FP32', shape: [1, columns], data: new Float32Array(columns) } as const;
    run({ inputs: { [input?.name ?? '']: row }, members: BigInt64Array.of(0n) });
    return { session, slab, lane, remove };
  };

  const join = (family: Family): Known => {
    const known = families.get(family.key) ?? { opening: open(family), members: 0 };
    families.set(family.key, known);
    known.members += 1;
    return known;
  };

  const leave = async (key: string, known: Known): Promise<void> => {
    known.members -= 1;
    if (known.members > 0) return;
    if (families.get(key) === known) families.delete(key);
    const opened = await known.opening.catch(() => undefined);
    opened?.session.release();
  };

  return {
    read: ({ graph, description }) => readFamily(graph, description),
    async load({ family, values }) {
      const known = join(family);
      // What stays as long as the member does must not hold on to the family: it holds on to the member's file.
      const { key } = family;
      let slot: number | undefined;
      const release = async (): Promise<void> => {
        if (slot !== undefined) (await known.opening).remove(slot);
        await leave(key, known);
      };
      try {
        const { slab, lane } = await known.opening;
        slot = slab.add(values);
        const bytes = OVERHEAD_BYTES + family.weights.reduce((total, { length }) => total + length * FLOAT_BYTES, 0);
        return { ok: true, value: { kind: 'family', lane, slot, bytes, firstRun: 0, release } };
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

function feedsOf({ inputs, members }: Rows, { weights }: Family, { arrays, capacity }: Slab): OnnxTensors {
  const feeds: OnnxTensors = { [MEMBER]: createTensor('int64', members, [members.length]) };
  for (const name in inputs) {
    const { data, shape } = inputs[name] as Tensor;
    feeds[name] = createTensor('float32', data, shape);
  }
  for (const [index, { name, shape }] of weights.entries())
    feeds[name] = createTensor('float32', arrays[index], [capacity, ...shape]);
  return feeds;
}

function toTensors(answers: OnnxTensors): Tensors {
  const tensors: Record<string, Tensor> = {};
  for (const name in answers) {
    const { dims, data } = answers[name] as OnnxTensors[string];
    tensors[name] = { datatype: 'FP32', shape: dims, data: data as Float32Array };
  }
  return tensors;
}
