import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDescription } from '../../kit/model/read-description.ts';
import type { ModelFiles } from '../../kit/model/store.ts';
import type { Result } from '../../kit/result.ts';

/** The model that the image ships in `folder`. */
export async function readModelFolder(folder: string): Promise<Result<ModelFiles>> {
  const description = parseDescription(await readFile(join(folder, 'model.json'), 'utf8'));
  if (!description.ok) return description;
  return { ok: true, value: { description: description.value, onnx: await readFile(join(folder, 'model.onnx')) } };
}
