import type { Result } from './result.ts';
import { ruleErrors } from './rules.ts';
import { schemaErrors } from './schema.ts';
import type { Manifest } from './types.ts';

/**
 * Checks one manifest. All errors are collected; rules between fields are only asked once the shape is right, because they
 * would repeat what the shape already says.
 * @param value what JSON.parse made of the file
 * @param file path for messages
 */
export function parseManifest(value: unknown, file: string): Result<Manifest> {
  const shape = schemaErrors(value, file);
  if (shape.length > 0) return { ok: false, errors: shape };
  const { $schema: _, ...manifest } = value as Manifest & { $schema?: string };
  const errors = ruleErrors(manifest, file);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: manifest };
}
