import { readFileSync } from 'node:fs';
import type { ManifestError, Result } from './result.ts';

/** Reads a JSON file; what cannot be read or parsed is an error that names the file. */
export function readJson(path: string, file: string): Result<unknown> {
  try {
    return { ok: true, value: JSON.parse(readFileSync(path, 'utf8')) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fileFailure(
      file,
      `cannot be read as JSON (${reason})`,
      'Correct the file; an editor with JSON support shows the place',
    );
  }
}

/** An error about a file as a whole. */
export function fileFailure(file: string, problem: string, fix: string): { ok: false; errors: ManifestError[] } {
  return { ok: false, errors: [{ file, field: '', value: undefined, problem, fix }] };
}
