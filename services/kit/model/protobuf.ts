/** Reading protobuf messages: the wire format only, https://protobuf.dev/programming-guides/encoding. */

/** Numbers for varints, bytes for everything else; of a field that repeats, all in order. */
export type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const LONGEST_VARINT = 10;

/** @throws RangeError when the bytes are no message: they end too early, or hold what protobuf does not have */
export function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = { bytes, offset: 0 };
  while (reader.offset < bytes.length) {
    const tag = readVarint(reader);
    const value = readValue(reader, tag & 7);
    const values = fields.get(Math.floor(tag / 8));
    if (values) values.push(value);
    else fields.set(Math.floor(tag / 8), [value]);
  }
  return fields;
}

export const bytesOf = (fields: Fields, field: number): Uint8Array[] =>
  (fields.get(field) ?? []).filter((value) => typeof value !== 'number');

export const textsOf = (fields: Fields, field: number): string[] =>
  bytesOf(fields, field).map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());

export const textOf = (fields: Fields, field: number): string => textsOf(fields, field).at(-1) ?? '';

/** Whole numbers, each written alone or all of them packed together. */
export function numbersOf(fields: Fields, field: number): number[] {
  return (fields.get(field) ?? []).flatMap((value) => (typeof value === 'number' ? [value] : readPacked(value)));
}

interface Reader {
  readonly bytes: Uint8Array;
  offset: number;
}

function readValue(reader: Reader, type: number): number | Uint8Array {
  if (type === VARINT) return readVarint(reader);
  if (type === BYTES) return take(reader, readVarint(reader));
  if (type === FIXED32) return take(reader, 4);
  if (type === FIXED64) return take(reader, 8);
  throw new RangeError(`there is no wire type ${type}`);
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.offset + length;
  if (end > reader.bytes.length) throw new RangeError('the message ends too early');
  const part = reader.bytes.subarray(reader.offset, end);
  reader.offset = end;
  return part;
}

/** Exact up to 2^53; negative numbers, which take ten bytes, come out as large ones. */
function readVarint(reader: Reader): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < LONGEST_VARINT; count++) {
    const byte = reader.bytes[reader.offset++];
    if (byte === undefined) throw new RangeError('the message ends too early');
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  throw new RangeError('a number is too long');
}

function readPacked(bytes: Uint8Array): number[] {
  const reader = { bytes, offset: 0 };
  const numbers: number[] = [];
  while (reader.offset < bytes.length) numbers.push(readVarint(reader));
  return numbers;
}
