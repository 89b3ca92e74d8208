/** Putting the inputs of several requests together along their rows, and cutting the outputs apart. */
import { joinData, sliceData } from '../../../kit/model/datatypes.ts';
import type { Tensor, Tensors } from '../../../kit/model/session.ts';
import type { Work } from './waiting.ts';

/** Puts the inputs of at least one request together; all have the same inputs with the same sizes besides the rows. */
export type PackBatch = (batch: readonly Work[]) => { readonly inputs: Tensors; readonly rows: number };

/** Floats that are kept for the next batch; what is larger is allocated each time. */
const KEPT_FLOATS = 2 ** 18;

/**
 * Memory that is new to the process costs a run more than the computation of a small model does, so each batch lies where the one before lay:
 * what it gave is good until it is called again.
 */
export function createPacker(): PackBatch {
  let kept = new Float32Array(0);
  return (batch) => {
    const [first] = batch;
    if (!first) throw new Error('there is no batch of nothing');
    if (batch.length === 1) return { inputs: first.inputs, rows: first.rows };
    let rows = 0;
    for (const work of batch) rows += work.rows;
    let used = 0;
    const allocate = (length: number): Float32Array => {
      const end = used + length;
      if (end > KEPT_FLOATS) return new Float32Array(length);
      if (end > kept.length) kept = new Float32Array(Math.min(KEPT_FLOATS, 2 * end));
      used = end;
      return kept.subarray(end - length, end);
    };
    const inputs: Record<string, Tensor> = {};
    for (const name in first.inputs) {
      const { datatype, shape } = first.inputs[name] as Tensor;
      const parts = batch.map((work) => (work.inputs[name] as Tensor).data);
      const data = joinData(parts, datatype === 'FP32' ? allocate : undefined);
      inputs[name] = { datatype, shape: [rows, ...shape.slice(1)], data };
    }
    return { inputs, rows };
  };
}

/** @throws when an output has another number of rows: then nobody knows whose they are */
export function unpackBatch(outputs: Tensors, batch: readonly Work[], rows: number): Tensors[] {
  for (const name in outputs) {
    const { shape } = outputs[name] as Tensor;
    if (shape[0] !== rows) throw new Error(`${name} has ${shape[0]} rows for ${rows} rows of input`);
  }
  if (batch.length === 1) return [outputs];
  let from = 0;
  return batch.map((work) => {
    const own = sliceRows(outputs, from, work.rows);
    from += work.rows;
    return own;
  });
}

/** At most `count` rows from `from` on; numbers are not copied. */
export function sliceRows(tensors: Tensors, from: number, count: number): Tensors {
  const part: Record<string, Tensor> = {};
  for (const name in tensors) {
    const { datatype, shape, data } = tensors[name] as Tensor;
    const [rows = 0, ...sizes] = shape;
    if (from === 0 && count >= rows) return tensors;
    const width = data.length / rows;
    const end = Math.min(from + count, rows);
    part[name] = { datatype, shape: [end - from, ...sizes], data: sliceData(data, from * width, end * width) };
  }
  return part;
}

/** @param parts at least one */
export function joinRows(parts: readonly Tensors[]): Tensors {
  const [first] = parts;
  if (!first) throw new Error('there is nothing to join');
  if (parts.length === 1) return first;
  const joined: Record<string, Tensor> = {};
  for (const name in first) {
    const tensors = parts.map((part) => part[name] as Tensor);
    const rows = tensors.reduce((total, { shape }) => total + (shape[0] ?? 0), 0);
    const { datatype, shape } = first[name] as Tensor;
    joined[name] = { datatype, shape: [rows, ...shape.slice(1)], data: joinData(tensors.map(({ data }) => data)) };
  }
  return joined;
}
