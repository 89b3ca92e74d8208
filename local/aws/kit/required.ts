import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './service.ts';
import { members } from './values.ts';

/**
 * Refuses an input in which a required member is missing, at any depth. The SDK does not check this itself. Schemas list the
 * required members first and count them in their seventh field.
 */
export function checkRequired(schema: NormalizedSchema, value: unknown, path = ''): void {
  if (value === undefined || value === null) return;
  if (schema.isStructSchema()) {
    const source = value as Readonly<Record<string, unknown>>;
    for (const name of requiredMembers(schema)) {
      if (source[name] === undefined || source[name] === null) {
        throw new AwsError('ValidationException', `Missing required parameter: ${path}${name}`);
      }
    }
    for (const [name, member] of members(schema)) checkRequired(member, source[name], `${path}${name}.`);
  } else if (schema.isListSchema()) {
    const items = value as readonly unknown[];
    items.forEach((item, index) => void checkRequired(schema.getValueSchema(), item, `${path}${index}.`));
  } else if (schema.isMapSchema()) {
    for (const [key, item] of Object.entries(value)) checkRequired(schema.getValueSchema(), item, `${path}${key}.`);
  }
}

export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const raw: unknown = schema.getSchema();
  if (!schema.isStructSchema() || !Array.isArray(raw)) return [];
  return (raw[4] as readonly string[]).slice(0, (raw[6] as number | undefined) ?? 0);
}
