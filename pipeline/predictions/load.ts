import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../manifest/read-json.ts';
import type { ManifestError, Result } from '../manifest/result.ts';
import { isTensor } from './ask.ts';
import type { GoldenModel, GoldenModels } from './types.ts';

/** Golden requests larger than this together (characters of JSON) do not fit beside a release in the ledger. */
const LARGEST = 100_000;

/**
 * Reads the golden requests of every `model.json` below the services' folders: `models/<model>/<version>/` (the newest version counts, as it does for a request without
 * a version), `models/<model>/` or `model/`. A model without golden requests is left out.
 */
export function loadGoldenModels(root: string, services: readonly string[]): Result<GoldenModels> {
  const errors: ManifestError[] = [];
  const models: Record<string, readonly GoldenModel[]> = {};
  for (const service of services) {
    const read = modelFiles(root, service).map((file) => readModel(root, file));
    errors.push(...read.flatMap((result) => (result.ok ? [] : result.errors)));
    const golden = read.flatMap((result) => (result.ok && result.value.golden.length > 0 ? [result.value] : []));
    if (golden.length > 0) models[service] = golden;
  }
  const size = JSON.stringify(models).length;
  if (size > LARGEST) errors.push(tooLarge(size));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: models };
}

function modelFiles(root: string, service: string): readonly string[] {
  const folder = `services/${service}`;
  const nested = list(join(root, folder, 'models')).map((model) => {
    const versions = list(join(root, folder, 'models', model)).filter((name) => /^\d+$/.test(name));
    const newest = versions.toSorted((left, right) => Number(right) - Number(left))[0];
    return [folder, 'models', model, ...(newest === undefined ? [] : [newest]), 'model.json'].join('/');
  });
  return [`${folder}/model/model.json`, ...nested].filter((file) => existsSync(join(root, file)));
}

const list = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

function readModel(root: string, file: string): Result<GoldenModel> {
  const json = readJson(join(root, file), file);
  if (!json.ok) return json;
  const { name, path, tolerance, golden = [] } = json.value as Partial<GoldenModel>;
  const wrong = (field: string, value: unknown, problem: string, fix: string): Result<GoldenModel> => ({
    ok: false,
    errors: [{ file, field, value, problem, fix }],
  });
  if (typeof name !== 'string' || name === '') return wrong('name', name, 'is no name', 'Write the name of the model');
  if (!Array.isArray(golden)) return wrong('golden', golden, 'is no list', 'Write a list of golden requests');
  for (const [index, request] of golden.entries()) {
    if (typeof request?.name !== 'string')
      return wrong(`golden.${index}.name`, request?.name, 'is no name', 'Name the golden request');
    for (const field of ['inputs', 'outputs'] as const)
      if ((field === 'inputs' || request[field] !== undefined) && !isTensors(request[field]))
        return wrong(
          `golden.${index}.${field}`,
          request[field],
          'is no list of tensors',
          'Write tensors with name, datatype, shape and data',
        );
  }
  const names = golden.map((request) => request.name);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined)
    return wrong('golden', twice, 'is the name of two golden requests', 'Give each a name of its own');
  const { absolute, relative } = tolerance ?? {};
  if (!isAmount(absolute) || !isAmount(relative))
    return wrong(
      'tolerance',
      tolerance,
      'is no tolerance',
      'Write { "absolute": number, "relative": number }, neither below 0',
    );
  return {
    ok: true,
    value: { name, path: path ?? `/v2/models/${name}/infer`, tolerance: { absolute, relative }, golden },
  };
}

const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && Number.isFinite(value);
const isTensors = (value: unknown): boolean => Array.isArray(value) && value.every(isTensor);

const tooLarge = (size: number): ManifestError => ({
  file: 'services',
  field: 'golden',
  value: undefined,
  problem: `golden requests of all models together are ${size} characters, more than ${LARGEST}`,
  fix: 'Keep fewer or smaller ones',
});
