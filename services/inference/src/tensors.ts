/** Joining and cutting tensors along their rows, the first dimension. */
import type { Tensor, TensorData } from '../../kit/model/session.ts';

/** @param tensors at least one, all of the same datatype and with the same sizes besides the rows */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first) throw new Error('nothing to concatenate');
  if (tensors.length === 1) return first;
  const rows = tensors.reduce((total, { shape }) => total + (shape[0] ?? 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  return { datatype: first.datatype, shape, data: joinData(tensors.map(({ data }) => data)) };
}

/** The rows `from` to `from + rows`, without copying numbers. */
export function slice({ datatype, shape, data }: Tensor, from: number, rows: number): Tensor {
  const width = data.length / (shape[0] || 1);
  const part =
    data instanceof Float32Array || data instanceof Float64Array || data instanceof BigInt64Array
      ? data.subarray(from * width, (from + rows) * width)
      : data.slice(from * width, (from + rows) * width);
  return { datatype, shape: [rows, ...shape.slice(1)], data: part };
}

function joinData(parts: readonly TensorData[]): TensorData {
  const length = parts.reduce((total, part) => total + part.length, 0);
  const [first] = parts;
  if (first instanceof Float32Array) return fill(new Float32Array(length), parts as readonly Float32Array[]);
  if (first instanceof Float64Array) return fill(new Float64Array(length), parts as readonly Float64Array[]);
  if (first instanceof BigInt64Array) return fill(new BigInt64Array(length), parts as readonly BigInt64Array[]);
  return (parts as readonly (readonly string[])[]).flat();
}

function fill<Part extends { set(values: Part, offset: number): void; readonly length: number }>(
  target: Part,
  parts: readonly Part[],
): Part {
  let offset = 0;
  for (const part of parts) {
    target.set(part, offset);
    offset += part.length;
  }
  return target;
}
