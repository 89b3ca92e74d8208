/** The element types of tensors: how each is held in memory, named by ONNX Runtime and laid out in bytes. */
import { isUtf8 } from 'node:buffer';
import type { Result } from '../result.ts';

/** Tensor element types of the Open Inference Protocol. */
export const DATATYPES = [
  'FP32',
  'FP64',
  'FP16',
  'INT64',
  'INT32',
  'INT16',
  'INT8',
  'UINT64',
  'UINT32',
  'UINT16',
  'UINT8',
  'BOOL',
  'BYTES',
] as const;
export type Datatype = (typeof DATATYPES)[number];

/** Values in row-major order. BOOL is 0 or 1; BYTES are strings, because that is all that JSON can carry. */
export type TensorData = NumericData | readonly string[];
export type FloatData = Float32Array | Float64Array | Float16Array;
export type NumericData =
  | FloatData
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

export const ONNX_TYPES: Readonly<Record<Datatype, string>> = {
  FP32: 'float32',
  FP64: 'float64',
  FP16: 'float16',
  INT64: 'int64',
  INT32: 'int32',
  INT16: 'int16',
  INT8: 'int8',
  UINT64: 'uint64',
  UINT32: 'uint32',
  UINT16: 'uint16',
  UINT8: 'uint8',
  BOOL: 'bool',
  BYTES: 'string',
};

const ARRAYS = {
  FP32: Float32Array,
  FP64: Float64Array,
  FP16: Float16Array,
  INT64: BigInt64Array,
  INT32: Int32Array,
  INT16: Int16Array,
  INT8: Int8Array,
  UINT64: BigUint64Array,
  UINT32: Uint32Array,
  UINT16: Uint16Array,
  UINT8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/** Bytes before each string. */
const LENGTH_BYTES = 4;

/** Memory of its own costs a small array more than filling it, so small ones are cut from a large one. */
const POOL_FLOATS = 65_536;
const LARGEST_POOLED = 8192;
let pool = new Float32Array(0);
let pooled = 0;

export function createNumbers(datatype: Exclude<Datatype, 'BYTES'>, length: number): NumericData {
  if (datatype !== 'FP32' || length > LARGEST_POOLED) return new ARRAYS[datatype](length);
  if (pooled + length > pool.length) {
    pool = new Float32Array(POOL_FLOATS);
    pooled = 0;
  }
  pooled += length;
  return pool.subarray(pooled - length, pooled);
}

export function isText(data: TensorData): data is readonly string[] {
  return Array.isArray(data);
}

export function isFloats(data: TensorData): data is FloatData {
  return data instanceof Float32Array || data instanceof Float64Array || data instanceof Float16Array;
}

/** Of one value; of a string only its length. */
export const bytesOfOne = (datatype: Datatype): number =>
  datatype === 'BYTES' ? LENGTH_BYTES : ARRAYS[datatype].BYTES_PER_ELEMENT;

/** One after the other; at least one part, all of one datatype. @param allocate where numbers go; absent: into an array of their own */
export function joinData(parts: readonly TensorData[], allocate?: (length: number) => Float32Array): TensorData {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to join');
  if (parts.length === 1) return first;
  if (isText(first)) return (parts as readonly (readonly string[])[]).flat();
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = allocate?.(length) ?? new (first.constructor as Float32ArrayConstructor)(length);
  let offset = 0;
  for (const part of parts as readonly Float32Array[]) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** The values from `start` to before `end`, numbers without copying them. */
export function sliceData(data: TensorData, start: number, end: number): TensorData {
  return isText(data) ? data.slice(start, end) : data.subarray(start, end);
}

/** Row-major bytes, little-endian; each string with its length in front, as the binary tensor extension wants it. */
export function toBytes(data: TensorData): Buffer {
  if (!isText(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** @param length how many values there have to be; the error says what was given instead */
export function fromBytes(datatype: Datatype, bytes: Uint8Array, length: number): Result<TensorData> {
  if (datatype === 'BYTES') return readStrings(bytes, length);
  const { BYTES_PER_ELEMENT } = ARRAYS[datatype];
  const expected = length * BYTES_PER_ELEMENT;
  if (bytes.length !== expected)
    return { ok: false, error: `has ${bytes.length} bytes, ${length} values of ${datatype} need ${expected}` };
  // A view needs its bytes where the processor wants numbers to lie; a copy always lies there.
  if (bytes.byteOffset % BYTES_PER_ELEMENT === 0)
    return { ok: true, value: new ARRAYS[datatype](bytes.buffer as ArrayBuffer, bytes.byteOffset, length) };
  const copy = createNumbers(datatype, length);
  new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength).set(bytes);
  return { ok: true, value: copy };
}

function readStrings(bytes: Uint8Array, length: number): Result<TensorData> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: string[] = [];
  let offset = 0;
  while (offset < buffer.length && values.length < length) {
    if (offset + LENGTH_BYTES > buffer.length) break;
    const end = offset + LENGTH_BYTES + buffer.readUInt32LE(offset);
    if (end > buffer.length) break;
    const text = buffer.subarray(offset + LENGTH_BYTES, end);
    // What is no text would be answered with other bytes than were sent.
    if (!isUtf8(text)) return { ok: false, error: `at ${values.length} is not UTF-8, expected text` };
    values.push(text.toString());
    offset = end;
  }
  if (values.length === length && offset === buffer.length) return { ok: true, value: values };
  return { ok: false, error: `has ${buffer.length} bytes that are not ${length} strings, each after its length` };
}
