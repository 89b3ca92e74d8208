/**
 * Models in a bucket. Layout below the prefix: `<model>/<version>/model.onnx` and `model.json`; those of a tenant below
 * `tenants/<tenant>/`. Which version serves is said by `<model>/promoted.json`; without one it is the newest.
 */
import type { ObjectSource } from '../aws/objects.ts';
import { isRecord, type Result } from '../result.ts';
import type { ModelDescription } from './description.ts';
import { isPart, type ModelName, modelFolder, parseModelName, showModelName } from './name.ts';
import { parseDescription } from './read-description.ts';

export interface ModelFiles {
  readonly description: ModelDescription;
  readonly onnx: Uint8Array;
}

/** One version of one model in the bucket. */
export interface ModelAddress {
  /** With its tenant: `acme/churn`. */
  readonly name: string;
  readonly version: string;
  /** Key of the folder, with a slash at its end. */
  readonly folder: string;
}

/** What the bucket says about one model. */
export interface ModelVersions {
  readonly name: ModelName;
  /** Complete ones, newest first; never empty. */
  readonly versions: readonly string[];
  /** The one that serves. */
  readonly current: string;
}

/** Who serves now and who did before. */
export interface Promotion {
  readonly version: string;
  /** Versions that served before, the last one first. */
  readonly previous: readonly string[];
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** Changes whenever a version was published, promoted or rolled back, so that a server has one small object to look at. */
export const CHANGES_KEY = 'changes.json';
export const PROMOTION_FILE = 'promoted.json';

const VERSION_FILE = /^([1-9]\d{0,8})\/model\.(onnx|json)$/;

/** Undefined when there is no complete version. @param prefix what all keys start with; empty outside previews */
export async function readVersions(
  objects: ObjectSource,
  prefix: string,
  name: ModelName,
): Promise<ModelVersions | undefined> {
  const folder = `${prefix}${modelFolder(name)}`;
  const keys = (await objects.list(folder)).map((key) => key.slice(folder.length));
  const versions = completeVersions(keys);
  const [newest] = versions;
  if (newest === undefined) return undefined;
  const promoted = keys.includes(PROMOTION_FILE) ? await readPromotion(objects, folder) : undefined;
  const current = promoted && versions.includes(promoted.version) ? promoted.version : newest;
  return { name, versions, current };
}

/** Newest first. A version counts when both of its files are there: `model.json` is written last. */
function completeVersions(keys: readonly string[]): string[] {
  const files = new Map<string, number>();
  for (const key of keys) {
    const version = VERSION_FILE.exec(key)?.[1];
    if (version !== undefined) files.set(version, (files.get(version) ?? 0) + 1);
  }
  const complete = [...files].flatMap(([version, count]) => (count === 2 ? [version] : []));
  return complete.sort((one, other) => Number(other) - Number(one));
}

async function readPromotion(objects: ObjectSource, folder: string): Promise<Promotion | undefined> {
  const bytes = await objects.read(`${folder}${PROMOTION_FILE}`);
  return bytes && parsePromotion(bytes);
}

/** Undefined for what is no promotion: then the newest version serves. */
export function parsePromotion(bytes: Uint8Array): Promotion | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString());
    return isRecord(json) && typeof json['version'] === 'string' && Array.isArray(json['previous'])
      ? (json as unknown as Promotion)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Models that are everybody's, by name; with a tenant, that tenant's. */
export async function listNames(objects: ObjectSource, prefix: string, tenant?: string): Promise<ModelName[]> {
  const folder = tenant === undefined ? prefix : `${prefix}tenants/${tenant}/`;
  const names = (await objects.folders(folder)).map((key) => key.slice(folder.length, -1));
  return names
    .filter((model) => isPart(model) && (tenant !== undefined || model !== 'tenants'))
    .map((model) => (tenant === undefined ? { model } : { tenant, model }));
}

/** Every version of every model that is everybody's, by name and then newest first. */
export async function listModels(objects: ObjectSource, prefix = ''): Promise<ModelAddress[]> {
  const names = await listNames(objects, prefix);
  const found = await Promise.all(names.map((name) => readVersions(objects, prefix, name)));
  return found.flatMap((model) =>
    model ? model.versions.map((version) => addressOf(prefix, model.name, version)) : [],
  );
}

export const addressOf = (prefix: string, name: ModelName, version: string): ModelAddress => ({
  name: showModelName(name),
  version,
  folder: `${prefix}${modelFolder(name)}${version}/`,
});

/** Finds a version of a model. @param version absent: the one that serves */
export async function resolveModel(
  objects: ObjectSource,
  { prefix = '', name, version }: { readonly prefix?: string; readonly name: string; readonly version?: string },
): Promise<Result<ModelAddress>> {
  const parsed = parseModelName(name);
  const found = parsed && (await readVersions(objects, prefix, parsed));
  const wanted = version ?? found?.current;
  if (!parsed || !found || wanted === undefined || !found.versions.includes(wanted))
    return { ok: false, error: `there is no model ${name}${version ? ` in version ${version}` : ''}` };
  return { ok: true, value: addressOf(prefix, parsed, wanted) };
}

/** Fetches the two files of a model; the error names the file and what is wrong with it. */
export async function readModel(objects: ObjectSource, address: ModelAddress): Promise<Result<ModelFiles>> {
  const { folder } = address;
  const [json, onnx] = await Promise.all([objects.read(`${folder}model.json`), objects.read(`${folder}model.onnx`)]);
  if (!json) return { ok: false, error: `${folder}model.json does not exist` };
  if (!onnx) return { ok: false, error: `${folder}model.onnx does not exist` };
  const description = checkDescription(address, json);
  return description.ok ? { ok: true, value: { description: description.value, onnx } } : description;
}

/** The description has to be that of the folder it lies in. */
export function checkDescription({ name, version, folder }: ModelAddress, json: Uint8Array): Result<ModelDescription> {
  const parsed = parseDescription(Buffer.from(json).toString());
  if (!parsed.ok) return { ok: false, error: `${folder}${parsed.error}` };
  const { tenant, name: model, version: given } = parsed.value;
  const described = showModelName(tenant === undefined ? { model } : { tenant, model });
  if (described !== name || given !== version)
    return { ok: false, error: `${folder}model.json describes ${described} ${given}` };
  return parsed;
}
