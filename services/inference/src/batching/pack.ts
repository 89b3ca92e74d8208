/** Putting the inputs of several requests together along their rows, and cutting the outputs apart. */
import { joinData, sliceData } from '../../../kit/model/datatypes.ts';
import type { Tensor, Tensors } from '../../../kit/model/session.ts';
import type { Work } from './waiting.ts';

/** @param batch at least one request; all have the same inputs with the same sizes besides the rows */
export function packBatch(batch: readonly Work[]): { readonly inputs: Tensors; readonly rows: number } {
  const [first] = batch;
  if (!first) throw new Error('there is no batch of nothing');
  if (batch.length === 1) return { inputs: first.inputs, rows: first.rows };
  let rows = 0;
  for (const work of batch) rows += work.rows;
  return { inputs: joinRows(batch.map(({ inputs }) => inputs)), rows };
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
