/** From JSON values to tensor data, checked on the way: one pass, because it runs for every number of every request. */

import type { Result } from '../result.ts';
import type { Datatype, Feature } from './description.ts';
import type { TensorData } from './session.ts';

/** The values of a tensor in row-major order: given flat, or nested as the shape says. */
export function flatten(data: unknown, shape: readonly number[]): Result<readonly unknown[]> {
  if (!Array.isArray(data)) return { ok: false, error: 'has to be a list' };
  const length = shape.reduce((total, size) => total * size, 1);
  const nested = shape.length > 1 && Array.isArray(data[0]);
  if (!nested) return expectLength(data, length, shape);
  if (data.length !== shape[0])
    return { ok: false, error: `has ${data.length} rows, the shape [${shape}] needs ${shape[0]}` };
  const values: unknown[] = [];
  for (const [index, row] of data.entries()) {
    const inner = flatten(row, shape.slice(1));
    if (!inner.ok) return { ok: false, error: `row ${index} ${inner.error}` };
    for (const value of inner.value) values.push(value);
  }
  return { ok: true, value: values };
}

function expectLength(data: readonly unknown[], length: number, shape: readonly number[]): Result<readonly unknown[]> {
  if (data.length === length) return { ok: true, value: data };
  return { ok: false, error: `has ${data.length} values, the shape [${shape}] needs ${length}` };
}

export function pack(datatype: Datatype, values: readonly unknown[]): Result<TensorData> {
  if (datatype === 'INT64') return packIntegers(values);
  if (datatype === 'BYTES') return packText(values);
  const packed = datatype === 'FP32' ? new Float32Array(values.length) : new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'number') return wrong(index, value, 'a number');
    packed[index] = value;
    // Also catches 1e300, which is a number but no float32.
    if (!Number.isFinite(packed[index])) return wrong(index, value, `a number that ${datatype} can hold`);
  }
  return { ok: true, value: packed };
}

function packIntegers(values: readonly unknown[]): Result<TensorData> {
  const packed = new BigInt64Array(values.length);
  for (const [index, value] of values.entries()) {
    if (!Number.isSafeInteger(value)) return wrong(index, value, 'a whole number between -2^53 and 2^53');
    packed[index] = BigInt(value as number);
  }
  return { ok: true, value: packed };
}

function packText(values: readonly unknown[]): Result<TensorData> {
  for (const [index, value] of values.entries()) if (typeof value !== 'string') return wrong(index, value, 'a string');
  return { ok: true, value: values as readonly string[] };
}

/** A choice that the model was not trained with would be answered with nonsense. */
export function findUnknownChoice(features: readonly Feature[], values: readonly unknown[]): string | undefined {
  for (const [column, feature] of features.entries()) {
    if (feature.kind !== 'choice') continue;
    for (let index = column; index < values.length; index += features.length) {
      if (feature.choices.some(({ value }) => value === values[index])) continue;
      const known = feature.choices.map(({ title, value }) => `${value} (${title})`).join(', ');
      return `at ${index} (${feature.name}) is ${show(values[index])}, expected one of ${known}`;
    }
  }
  return undefined;
}

function wrong(index: number, value: unknown, expected: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error: `at ${index} is ${show(value)}, expected ${expected}` };
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 40);
}
