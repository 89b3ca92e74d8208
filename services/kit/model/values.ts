/** From JSON values to tensor data, checked on the way: one pass, because it runs for every number of every request. */

import type { Result } from '../result.ts';
import { createNumbers, type Datatype, type FloatData, type NumericData, type TensorData } from './datatypes.ts';
import type { Feature } from './description.ts';

/**
 * Checks the values of a tensor and packs them in row-major order.
 * @param data flat, or nested as the shape says
 */
export function packValues(datatype: Datatype, shape: readonly number[], data: unknown): Result<TensorData> {
  if (!Array.isArray(data)) return no(`has to be a list, is ${describe(data)}`);
  let length = 1;
  for (const size of shape) length *= size;
  const nested = Array.isArray(data[0]);
  // Memory is taken for what was sent, never for what a shape claims. Where the two differ, an error is found below.
  const enough = (nested ? countValues(data, shape.length) : data.length) === length;
  const target = datatype === 'BYTES' ? [] : createNumbers(datatype, enough ? length : 0);
  const packer: Packer = { datatype, shape, pack: PACKERS[datatype] };
  const problem = nested
    ? packNested(packer, data, { target, depth: 0, offset: 0 })
    : packFlat(packer, data, { target, offset: 0, length });
  return problem === undefined ? { ok: true, value: target } : no(problem);
}

function countValues(data: readonly unknown[], depth: number): number {
  if (depth <= 1) return data.length;
  let count = 0;
  for (const row of data) if (Array.isArray(row)) count += countValues(row, depth - 1);
  return count;
}

interface Packer {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly pack: Pack;
}

type Target = NumericData | string[];
/** @returns index of the first value that does not fit, -1 when all do */
type Pack = (target: Target, values: readonly unknown[], offset: number) => number;

const integers =
  (minimum: number, maximum: number): Pack =>
  (target, values, offset) =>
    packIntegers(target, values, { offset, minimum, maximum });
const bigIntegers =
  (minimum: number): Pack =>
  (target, values, offset) =>
    packBigIntegers(target, values, { offset, minimum });

const PACKERS: Readonly<Record<Datatype, Pack>> = {
  FP32: packFloats,
  FP64: packFloats,
  FP16: packFloats,
  INT64: bigIntegers(-(2 ** 53)),
  INT32: integers(-(2 ** 31), 2 ** 31 - 1),
  INT16: integers(-(2 ** 15), 2 ** 15 - 1),
  INT8: integers(-128, 127),
  UINT64: bigIntegers(0),
  UINT32: integers(0, 2 ** 32 - 1),
  UINT16: integers(0, 2 ** 16 - 1),
  UINT8: integers(0, 255),
  BOOL: packBooleans,
  BYTES: packText,
};

const EXPECTED: Readonly<Record<Datatype, string>> = {
  FP32: 'a number that FP32 can hold',
  FP64: 'a number that FP64 can hold',
  FP16: 'a number that FP16 can hold',
  INT64: 'a whole number between -2^53 and 2^53',
  INT32: 'a whole number between -2^31 and 2^31 - 1',
  INT16: 'a whole number between -2^15 and 2^15 - 1',
  INT8: 'a whole number from -128 to 127',
  UINT64: 'a whole number from 0 to 2^53',
  UINT32: 'a whole number from 0 to 2^32 - 1',
  UINT16: 'a whole number from 0 to 2^16 - 1',
  UINT8: 'a whole number from 0 to 255',
  BOOL: 'true or false',
  BYTES: 'a string',
};

function packNested(
  packer: Packer,
  data: readonly unknown[],
  { target, depth, offset }: { readonly target: Target; readonly depth: number; readonly offset: number },
): string | undefined {
  const [size = 0, inner = 0] = [packer.shape[depth], packer.shape[depth + 1]];
  if (data.length !== size) return `has ${data.length} rows, the shape [${packer.shape}] needs ${size}`;
  const last = depth + 2 >= packer.shape.length;
  const width = packer.shape.slice(depth + 1).reduce((total, one) => total * one, 1);
  for (let index = 0; index < data.length; index++) {
    const row = data[index];
    if (!Array.isArray(row) || depth + 1 >= packer.shape.length)
      return `row ${index} is ${describe(row)}, the shape is [${packer.shape}]`;
    const at = offset + index * width;
    const problem = last
      ? packFlat(packer, row, { target, offset: at, length: inner })
      : packNested(packer, row, { target, depth: depth + 1, offset: at });
    if (problem !== undefined) return `row ${index} ${problem}`;
  }
  return undefined;
}

function packFlat(
  { pack, datatype, shape }: Packer,
  values: readonly unknown[],
  { target, offset, length }: { readonly target: Target; readonly offset: number; readonly length: number },
): string | undefined {
  if (values.length !== length) return `has ${values.length} values, the shape [${shape}] needs ${length}`;
  const wrong = pack(target, values, offset);
  if (wrong < 0) return undefined;
  const expected = typeof values[wrong] !== 'number' && datatype.startsWith('FP') ? 'a number' : EXPECTED[datatype];
  return `at ${wrong} is ${describe(values[wrong])}, expected ${expected}`;
}

function packFloats(target: Target, values: readonly unknown[], offset: number): number {
  const floats = target as Float32Array;
  // Zero times anything finite is zero: one look at the sum tells whether any of them was infinite, 1e300 as a float32 too.
  let sum = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'number') return index;
    floats[offset + index] = value;
    sum += (floats[offset + index] as number) * 0;
  }
  return sum === 0 ? -1 : findInfinite(floats.subarray(offset, offset + values.length));
}

/** Index of the first value that is infinite or no number; -1 when there is none. */
export function findInfinite(floats: FloatData): number {
  // Four sums, because each addition to one would wait for the addition before.
  let [a, b, c, d] = [0, 0, 0, 0];
  const even = floats.length & ~3;
  for (let index = 0; index < even; index += 4) {
    a += (floats[index] as number) * 0;
    b += (floats[index + 1] as number) * 0;
    c += (floats[index + 2] as number) * 0;
    d += (floats[index + 3] as number) * 0;
  }
  for (let index = even; index < floats.length; index++) a += (floats[index] as number) * 0;
  return a + b + c + d === 0 ? -1 : (floats as Float32Array).findIndex((value) => !Number.isFinite(value));
}

function packBigIntegers(
  target: Target,
  values: readonly unknown[],
  { offset, minimum }: { readonly offset: number; readonly minimum: number },
): number {
  const integers = target as BigInt64Array;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isSafeInteger(value) || (value as number) < minimum) return index;
    integers[offset + index] = BigInt(value as number);
  }
  return -1;
}

function packIntegers(
  target: Target,
  values: readonly unknown[],
  { offset, minimum, maximum }: { readonly offset: number; readonly minimum: number; readonly maximum: number },
): number {
  const integers = target as Int32Array;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isInteger(value) || (value as number) < minimum || (value as number) > maximum) return index;
    integers[offset + index] = value as number;
  }
  return -1;
}

function packBooleans(target: Target, values: readonly unknown[], offset: number): number {
  const bits = target as Uint8Array;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value !== true && value !== false && value !== 0 && value !== 1) return index;
    bits[offset + index] = Number(value);
  }
  return -1;
}

function packText(target: Target, values: readonly unknown[], offset: number): number {
  const texts = target as string[];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'string') return index;
    texts[offset + index] = value;
  }
  return -1;
}

/** A choice that the model was not trained with would be answered with nonsense. */
export function findUnknownChoice(features: readonly Feature[], values: ArrayLike<unknown>): string | undefined {
  for (const [column, feature] of features.entries()) {
    if (feature.kind !== 'choice') continue;
    for (let index = column; index < values.length; index += features.length) {
      const value = values[index];
      if (feature.choices.some((choice) => choice.value === value)) continue;
      const known = feature.choices.map((choice) => `${choice.value} (${choice.title})`).join(', ');
      return `at ${index} (${feature.name}) is ${describe(value)}, expected one of ${known}`;
    }
  }
  return undefined;
}

/** A value in an error message: short, and never as long as what somebody sent. */
export function describe(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return String(value);
}

function no(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
