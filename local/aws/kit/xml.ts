import { parseXML } from '@aws-sdk/xml-builder';
import type { NormalizedSchema } from '@smithy/core/schema';
import { malformed, members, readText, writeText } from './values.ts';

type XmlObject = Readonly<Record<string, unknown>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

export function escapeXml(text: string): string {
  return text.replace(/[<>&"'\r]/g, (character) => ESCAPES[character] ?? character);
}

/** Writes an SDK shape as the XML element `tag`. */
export function toXml(schema: NormalizedSchema, value: unknown, tag: string): string {
  if (value === undefined || value === null) return '';
  if (schema.isStructSchema()) return structToXml(schema, value as XmlObject, tag);
  if (schema.isListSchema()) {
    const flat = schema.getMergedTraits().xmlFlattened;
    const item = schema.getValueSchema();
    const itemTag = flat ? tag : xmlName(item, 'member');
    const items = (value as unknown[]).map((entry) => toXml(item, entry, itemTag)).join('');
    return flat ? items : `<${tag}>${items}</${tag}>`;
  }
  if (schema.isMapSchema()) return mapToXml(schema, value as XmlObject, tag);
  return `<${tag}>${escapeXml(writeText(schema, value, 'date-time'))}</${tag}>`;
}

function structToXml(schema: NormalizedSchema, value: XmlObject, tag: string): string {
  let attributes = '';
  let content = '';
  for (const [name, member] of members(schema)) {
    const wire = xmlName(member, name);
    if (value[name] === undefined || value[name] === null) continue;
    if (member.getMergedTraits().xmlAttribute) attributes += attribute(wire, String(value[name]));
    else content += toXml(member, value[name], wire);
  }
  return `<${tag}${attributes}>${content}</${tag}>`;
}

function attribute(name: string, value: string): string {
  const namespace = name.startsWith('xsi:') ? ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' : '';
  return `${namespace} ${name}="${escapeXml(value)}"`;
}

function mapToXml(schema: NormalizedSchema, value: XmlObject, tag: string): string {
  const flat = schema.getMergedTraits().xmlFlattened;
  const keyTag = xmlName(schema.getKeySchema(), 'key');
  const item = schema.getValueSchema();
  const entries = Object.entries(value).map(([key, entry]) => {
    const content = `<${keyTag}>${escapeXml(key)}</${keyTag}>${toXml(item, entry, xmlName(item, 'value'))}`;
    return flat ? `<${tag}>${content}</${tag}>` : `<entry>${content}</entry>`;
  });
  return flat ? entries.join('') : `<${tag}>${entries.join('')}</${tag}>`;
}

/** Parses a document and reads its root element as `schema`. */
export function parseXmlBody(schema: NormalizedSchema, text: string): unknown {
  let document: unknown;
  try {
    document = parseXML(text);
  } catch {
    throw malformed('body', 'well-formed XML');
  }
  const root = Object.entries(document as XmlObject).find(([name]) => !name.startsWith('?'));
  return root ? fromXml(schema, root[1], root[0]) : undefined;
}

function fromXml(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (value === undefined) return undefined;
  if (schema.isStructSchema()) {
    const source = typeof value === 'object' ? (value as XmlObject) : {};
    const read = members(schema).map(([name, m]) => [name, fromXml(m, source[xmlName(m, name)], `${path}.${name}`)]);
    return Object.fromEntries(read.filter(([, member]) => member !== undefined));
  }
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const flat = schema.getMergedTraits().xmlFlattened;
    const entries = flat ? value : (value as XmlObject)[xmlName(item, 'member')];
    return list(entries).map((entry, index) => fromXml(item, entry, `${path}[${index}]`));
  }
  if (typeof value === 'object') throw malformed(path, 'text');
  return readText(schema, String(value), path);
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

function xmlName(schema: NormalizedSchema, fallback: string): string {
  return schema.getMergedTraits().xmlName ?? fallback;
}
