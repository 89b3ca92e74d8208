import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelName, parseModelName, showModelName } from '../../services/kit/model/name.ts';
import {
  type Bucket,
  type Change,
  promoteModel,
  publishModel,
  rollBackModel,
} from '../../services/kit/model/publish.ts';
import { listNames, readVersions } from '../../services/kit/model/store.ts';
import type { Result } from '../../services/kit/result.ts';
import { proveApart } from './prove.ts';

export interface Request {
  readonly bucket: Bucket;
  readonly change: Change;
  /** A published version serves at once. */
  readonly promote: boolean;
  readonly tenant?: string;
}

export interface Line {
  readonly text: string;
  readonly [field: string]: unknown;
}

type Outcome = Result<readonly Line[]>;

const no = (error: string): Outcome => ({ ok: false, error });

export async function runCommand(positionals: readonly string[], request: Request): Promise<Outcome> {
  const [command, first, second, ...more] = positionals;
  if (command === 'publish' && first !== undefined && second === undefined) return publish(first, request);
  if (command === 'list' && second === undefined) return list(first, request);
  const name = first === undefined ? undefined : parseModelName(first);
  if (first !== undefined && name === undefined)
    return no(`"${first}" is no name of a model; expected fuel-economy or acme/churn`);
  if (command === 'promote' && name && second !== undefined && more.length === 0) return promote(name, second, request);
  if (command === 'rollback' && name && second === undefined) return rollBack(name, request);
  return no(`"${positionals.join(' ')}" is no command; try --help`);
}

async function publish(folder: string, { bucket, change, promote: wanted }: Request): Promise<Outcome> {
  const files = await Promise.all([
    readFile(join(folder, 'model.json'), 'utf8'),
    readFile(join(folder, 'model.onnx')),
  ]).catch((error: Error) => error.message);
  if (typeof files === 'string') return no(files);
  const [json, onnx] = files;
  const published = await publishModel(bucket, { json, onnx }, { ...change, prove: () => proveApart(folder) });
  if (!published.ok) return published;
  const { name, version, added } = published.value;
  const line = { name, version, added, text: `${name} ${version} ${added ? 'published' : 'was already there'}` };
  if (!wanted) return { ok: true, value: [line] };
  const promoted = await promote(parseModelName(name) as ModelName, version, { bucket, change });
  return promoted.ok ? { ok: true, value: [line, ...promoted.value] } : promoted;
}

async function promote(
  name: ModelName,
  version: string,
  { bucket, change }: Pick<Request, 'bucket' | 'change'>,
): Promise<Outcome> {
  return described(name, await promoteModel(bucket, name, { ...change, version }));
}

async function rollBack(name: ModelName, { bucket, change }: Request): Promise<Outcome> {
  return described(name, await rollBackModel(bucket, name, change));
}

function described(name: ModelName, moved: Awaited<ReturnType<typeof promoteModel>>): Outcome {
  if (!moved.ok) return moved;
  const { version, previous } = moved.value;
  const before = previous[0] === undefined ? '' : ` (before: ${previous[0]})`;
  const text = `${showModelName(name)} ${version} serves${before}`;
  return { ok: true, value: [{ name: showModelName(name), serves: version, previous, text }] };
}

async function list(name: string | undefined, { bucket, tenant }: Request): Promise<Outcome> {
  const { objects, prefix } = bucket;
  const parsed = name === undefined ? undefined : parseModelName(name);
  if (name !== undefined && !parsed) return no(`"${name}" is no name of a model`);
  const names = parsed ? [parsed] : await listNames(objects, prefix, tenant);
  const found = await Promise.all(names.map((one) => readVersions(objects, prefix, one)));
  const models = found.flatMap((one) => (one ? [one] : []));
  if (models.length === 0) return no(name === undefined ? 'there are no models' : `there is no model ${name}`);
  return {
    ok: true,
    value: models.map(({ name: one, versions, current }) => ({
      name: showModelName(one),
      versions,
      serves: current,
      text: `${showModelName(one).padEnd(30)} serves ${current.padEnd(6)} versions ${versions.join(', ')}`,
    })),
  };
}
