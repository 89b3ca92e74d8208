import type { ObjectStore } from '../../kit/aws/objects.ts';
import type { Result } from '../../kit/result.ts';
import type { Job } from './jobs.ts';

/** A JSON Lines file of this size holds some hundred thousand rows and fits into memory several times. */
const MAXIMUM_BYTES = 32 * 1024 * 1024;

/** The input rows of a job: in the job itself, or one JSON list per line of an object below `prefix`. */
export async function readRows(
  { rows, inputKey }: Job,
  { results, prefix }: { readonly results: ObjectStore; readonly prefix: string },
): Promise<Result<readonly unknown[]>> {
  if (rows !== undefined) return Array.isArray(rows) ? notEmpty(rows) : no('`rows` has to be a list');
  if (typeof inputKey !== 'string') return no('the job has neither `rows` nor `inputKey`');
  const bytes = await results.read(`${prefix}${inputKey}`);
  if (!bytes) return no(`${prefix}${inputKey} does not exist`);
  if (bytes.length > MAXIMUM_BYTES)
    return no(`${inputKey} has ${bytes.length} bytes, at most ${MAXIMUM_BYTES} are read`);
  const lines = new TextDecoder().decode(bytes).split('\n');
  const parsed: unknown[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      parsed.push(JSON.parse(line));
    } catch {
      return no(`${inputKey} line ${index + 1} is not JSON`);
    }
  }
  return notEmpty(parsed);
}

function notEmpty(rows: readonly unknown[]): Result<readonly unknown[]> {
  return rows.length > 0 ? { ok: true, value: rows } : no('there are no rows');
}

function no(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
