import type { NormalizedSchema } from '@smithy/core/schema';
import { members, readText } from './values.ts';

/** Reads the form of a Query protocol request (`Filters.member.1.Name=...`) as the SDK's shape of `schema`. */
export function fromForm(schema: NormalizedSchema, form: URLSearchParams): Record<string, unknown> {
  const names = [...form.keys()];
  const has = (prefix: string) => names.some((name) => name === prefix || name.startsWith(`${prefix}.`));

  function read(part: NormalizedSchema, prefix: string): unknown {
    if (!has(prefix)) return undefined;
    if (part.isStructSchema()) return readStruct(part, `${prefix}.`);
    if (part.isListSchema()) return readList(part, prefix);
    if (part.isMapSchema()) return readMap(part, prefix);
    return readText(part, form.get(prefix) ?? '', prefix);
  }

  function readStruct(part: NormalizedSchema, prefix: string): Record<string, unknown> {
    const entries = members(part).map(([name, member]) => [name, read(member, prefix + xmlName(member, name))]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  function readList(part: NormalizedSchema, prefix: string): unknown[] {
    const item = part.getValueSchema();
    const base = part.getMergedTraits().xmlFlattened ? prefix : `${prefix}.${xmlName(item, 'member')}`;
    const items: unknown[] = [];
    for (let index = 1; has(`${base}.${index}`); index++) items.push(read(item, `${base}.${index}`));
    return items;
  }

  function readMap(part: NormalizedSchema, prefix: string): Record<string, unknown> {
    const base = part.getMergedTraits().xmlFlattened ? prefix : `${prefix}.entry`;
    const key = xmlName(part.getKeySchema(), 'key');
    const value = part.getValueSchema();
    const entries: Record<string, unknown> = {};
    for (let index = 1; has(`${base}.${index}`); index++) {
      const name = form.get(`${base}.${index}.${key}`) ?? '';
      entries[name] = read(value, `${base}.${index}.${xmlName(value, 'value')}`);
    }
    return entries;
  }

  return readStruct(schema, '');
}

function xmlName(schema: NormalizedSchema, fallback: string): string {
  return schema.getMergedTraits().xmlName ?? fallback;
}
