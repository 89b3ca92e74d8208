import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './service.ts';

/** Timestamp formats as the SDK's schemas number them. */
const DATE_TIME = 5;
const HTTP_DATE = 6;
const EPOCH_SECONDS = 7;

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** A body that does not have the shape of the operation's input: `path` names the member. */
export function malformed(path: string, expected: string): AwsError {
  return new AwsError('SerializationException', `${path}: expected ${expected}`);
}

export function timestampFormat(schema: NormalizedSchema, fallback: TimestampFormat): TimestampFormat {
  const format = schema.getSchema();
  if (format === DATE_TIME) return 'date-time';
  if (format === HTTP_DATE) return 'http-date';
  return format === EPOCH_SECONDS ? 'epoch-seconds' : fallback;
}

/** Writes a timestamp; milliseconds are kept where the format can carry them. */
export function writeTimestamp(value: unknown, format: TimestampFormat): string | number {
  const date = value instanceof Date ? value : new Date(value as string | number);
  if (format === 'epoch-seconds') return date.getTime() / 1000;
  return format === 'http-date' ? date.toUTCString() : date.toISOString();
}

export function readTimestamp(value: unknown, path: string): Date {
  const epochSeconds = typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(String(value));
  const date = new Date(epochSeconds ? Number(value) * 1000 : String(value));
  if (Number.isNaN(date.getTime())) throw malformed(path, 'timestamp');
  return date;
}

/** Reads a scalar from text, as forms, XML, headers, paths and query strings carry it. */
export function readText(schema: NormalizedSchema, text: string, path: string): unknown {
  if (schema.isNumericSchema()) {
    if (text.trim() === '' || Number.isNaN(Number(text))) throw malformed(path, 'number');
    return Number(text);
  }
  if (schema.isBooleanSchema()) {
    if (text !== 'true' && text !== 'false') throw malformed(path, 'true or false');
    return text === 'true';
  }
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  if (schema.isTimestampSchema()) return readTimestamp(text, path);
  return text;
}

/** Writes a scalar as text. */
export function writeText(schema: NormalizedSchema, value: unknown, format: TimestampFormat): string {
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  if (schema.isTimestampSchema()) return String(writeTimestamp(value, timestampFormat(schema, format)));
  return String(value);
}

/** Members of a structure with their names on the wire. */
export function members(schema: NormalizedSchema): [name: string, member: NormalizedSchema][] {
  return schema.isStructSchema() ? [...schema.structIterator()] : [];
}
