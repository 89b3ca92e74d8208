import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderSchema } from './types.ts';

/** Reads the generated schema (`tools/provider-schema.ts` writes it). */
export function loadProviderSchema(): ProviderSchema {
  const file = join(import.meta.dirname, '../generated/schema.json');
  return JSON.parse(readFileSync(file, 'utf8')) as ProviderSchema;
}
