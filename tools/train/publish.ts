/**
 * Puts the trained models into an environment's bucket. A version is immutable: what is there with the same bytes stays, what
 * is there with other bytes is refused, so that a running service and its successor never disagree about a version.
 * Usage: node tools/train/publish.ts <bucket>    (region, credentials and AWS_ENDPOINT_URL from the environment)
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createObjectStore, type ObjectStore } from '../../services/kit/aws/objects.ts';
import type { Result } from '../../services/kit/result.ts';

const MODELS = join(dirname(fileURLToPath(import.meta.url)), '../../services/inference/models');

export interface Published {
  readonly written: readonly string[];
  readonly kept: readonly string[];
}

/** @param folder holds `<model>/<version>/model.{onnx,json}` */
export async function publishModels(objects: ObjectStore, folder: string = MODELS): Promise<Result<Published>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\/model\.(onnx|json)$/.test(file),
  );
  // The graph last: a service takes a version for complete when its graph is there.
  const keys = files.sort((one, other) => Number(one.endsWith('.onnx')) - Number(other.endsWith('.onnx')));
  const present = await Promise.all(keys.map((key) => objects.read(key)));
  const differs = keys.find((key, at) => present[at] && !readFileSync(join(folder, key)).equals(present[at]));
  if (differs)
    return { ok: false, error: `${differs} is already published with other bytes; give the model a new version` };
  const written = keys.filter((_, at) => !present[at]);
  for (const key of written) {
    const type = key.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    await objects.write(key, readFileSync(join(folder, key)), type);
  }
  return { ok: true, value: { written, kept: keys.filter((_, at) => present[at]) } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [bucket] = process.argv.slice(2);
  const result: Result<Published> = bucket
    ? await publishModels(createObjectStore(bucket))
    : { ok: false, error: 'usage: node tools/train/publish.ts <bucket>' };
  if (result.ok)
    console.log(`${result.value.written.length} files written, ${result.value.kept.length} were there already`);
  else {
    console.error(result.error);
    process.exitCode = 1;
  }
}
