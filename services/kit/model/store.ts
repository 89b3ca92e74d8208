/** Which models a bucket holds, and their files. Layout: `<model>/<version>/model.onnx` and `model.json`. */
import type { ObjectStore } from '../aws/objects.ts';
import type { Result } from '../result.ts';
import type { ModelDescription } from './description.ts';
import { parseDescription } from './read-description.ts';

export interface ModelFiles {
  readonly description: ModelDescription;
  readonly onnx: Uint8Array;
}

/** One version of one model in the bucket. */
export interface ModelAddress {
  readonly name: string;
  readonly version: string;
  /** Key of the folder, with a slash at its end. */
  readonly folder: string;
}

const KEY = /^([a-z0-9][a-z0-9-]*)\/([1-9]\d*)\/model\.onnx$/;

/**
 * All models, by name and then newest first.
 * @param prefix what their keys start with; empty outside previews
 */
export async function listModels(objects: ObjectStore, prefix = ''): Promise<ModelAddress[]> {
  const addresses = (await objects.list(prefix)).flatMap((key): ModelAddress[] => {
    const [, name, version] = KEY.exec(key.slice(prefix.length)) ?? [];
    return name && version ? [{ name, version, folder: `${prefix}${name}/${version}/` }] : [];
  });
  return addresses.sort(
    (one, other) => one.name.localeCompare(other.name) || Number(other.version) - Number(one.version),
  );
}

/** Fetches the two files of a model; the error names the file and what is wrong with it. */
export async function readModel(
  objects: ObjectStore,
  { name, version, folder }: ModelAddress,
): Promise<Result<ModelFiles>> {
  const [json, onnx] = await Promise.all([objects.read(`${folder}model.json`), objects.read(`${folder}model.onnx`)]);
  if (!json) return { ok: false, error: `${folder}model.json does not exist` };
  if (!onnx) return { ok: false, error: `${folder}model.onnx does not exist` };
  const description = parseDescription(new TextDecoder().decode(json));
  if (!description.ok) return { ok: false, error: `${folder}${description.error}` };
  if (description.value.name !== name || description.value.version !== version)
    return { ok: false, error: `${folder}model.json describes ${description.value.name} ${description.value.version}` };
  return { ok: true, value: { description: description.value, onnx } };
}
