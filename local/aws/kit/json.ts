import type { NormalizedSchema } from '@smithy/core/schema';
import { malformed, members, readTimestamp, timestampFormat, writeTimestamp } from './values.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw malformed('body', 'JSON');
  }
}

/** Turns parsed JSON into the SDK's shape of `schema`. Unknown members are dropped, as AWS does; wrong types are refused. */
export function fromJson(schema: NormalizedSchema, value: unknown, path = '$'): unknown {
  if (value === null || value === undefined || schema.isDocumentSchema()) return value ?? undefined;
  if (schema.isStructSchema()) return structFromJson(schema, object(value, path), path);
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw malformed(path, 'a list');
    return value.map((item, index) => fromJson(schema.getValueSchema(), item, `${path}[${index}]`));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(object(value, path));
    return Object.fromEntries(entries.map(([k, v]) => [k, fromJson(schema.getValueSchema(), v, `${path}.${k}`)]));
  }
  return scalarFromJson(schema, value, path);
}

function structFromJson(schema: NormalizedSchema, value: JsonObject, path: string): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [name, member] of members(schema)) {
    const read = fromJson(member, value[jsonName(name, member)], `${path}.${name}`);
    if (read !== undefined) result[name] = read;
  }
  return result;
}

function object(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(path, 'an object');
  return value as JsonObject;
}

function scalarFromJson(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (schema.isTimestampSchema()) return readTimestamp(value, path);
  if (schema.isBooleanSchema() && typeof value !== 'boolean') throw malformed(path, 'a boolean');
  if (schema.isNumericSchema() && typeof value !== 'number') throw malformed(path, 'a number');
  if ((schema.isStringSchema() || schema.isBlobSchema()) && typeof value !== 'string')
    throw malformed(path, 'a string');
  return schema.isBlobSchema() ? Buffer.from(value as string, 'base64') : value;
}

/** The reverse: an SDK shape as JSON. Members that the schema does not name are left out. */
export function toJson(schema: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined || schema.isDocumentSchema()) return value ?? undefined;
  if (schema.isStructSchema()) {
    const source = value as JsonObject;
    const entries = members(schema).map(([name, member]) => [jsonName(name, member), toJson(member, source[name])]);
    return Object.fromEntries(entries.filter(([, written]) => written !== undefined));
  }
  if (schema.isListSchema()) return (value as unknown[]).map((item) => toJson(schema.getValueSchema(), item));
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as JsonObject);
    return Object.fromEntries(entries.map(([key, item]) => [key, toJson(schema.getValueSchema(), item)]));
  }
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  if (schema.isTimestampSchema()) return writeTimestamp(value, timestampFormat(schema, 'epoch-seconds'));
  return value;
}

function jsonName(name: string, member: NormalizedSchema): string {
  return member.getMergedTraits().jsonName ?? name;
}
