import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isRecord } from '../../services/kit/result.ts';

/** The records of a JSON file that the npm package vega-datasets ships. */
export function readDataset(file: string): Readonly<Record<string, unknown>>[] {
  // The package's `exports` hide its data folder, so it is found beside the entry that may be resolved.
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const path = join(dirname(entry), '..', 'data', file);
  const records: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(records)) throw new Error(`${path}: expected a list of records`);
  return records.filter(isRecord);
}

/** True when every value is a number; rows with gaps are left out rather than guessed. */
export function isComplete(values: readonly unknown[]): values is readonly number[] {
  return values.every((value) => typeof value === 'number' && Number.isFinite(value));
}
