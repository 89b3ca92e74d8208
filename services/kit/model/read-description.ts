/** Reads a `model.json`. Only what serving relies on is checked; what is only for people has a default. */
import { isRecord, type Result } from '../result.ts';
import { DATATYPES } from './datatypes.ts';
import type { ModelDescription, Tolerance } from './description.ts';
import { isPart } from './name.ts';

const CONTAINER = /^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}$/;
/** Equal up to what float32 arithmetic on another processor changes. */
const STRICT: Tolerance = { absolute: 1e-4, relative: 1e-4 };

/** @returns the description, or the field that is wrong and what it has to be */
export function parseDescription(text: string): Result<ModelDescription> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, error: 'model.json is not JSON' };
  }
  const problem = findProblem(json);
  return problem ? { ok: false, error: `model.json: ${problem}` } : { ok: true, value: complete(json) };
}

function complete(json: unknown): ModelDescription {
  const given = json as ModelDescription;
  return {
    ...given,
    title: given.title ?? given.name,
    description: given.description ?? '',
    tolerance: given.tolerance ?? STRICT,
    golden: given.golden ?? [],
    examples: given.examples ?? [],
    inputs: given.inputs.map((input) => ({ ...input, features: input.features ?? [] })),
    outputs: given.outputs.map((output) => ({
      ...output,
      title: output.title ?? output.name,
      unit: output.unit ?? '',
    })),
  };
}

function findProblem(json: unknown): string | undefined {
  if (!isRecord(json)) return 'has to be an object';
  const { name, version, tenant, tolerance, golden, path } = json;
  if (typeof name !== 'string' || !isPart(name)) return '`name` has to be lower case letters, digits and hyphens';
  if (typeof version !== 'string' || !/^[1-9]\d{0,8}$/.test(version))
    return '`version` has to be a whole number from 1 up, as a string';
  if (tenant !== undefined && (typeof tenant !== 'string' || !isPart(tenant)))
    return '`tenant` has to be lower case letters, digits and hyphens';
  const { targetContainer } = json;
  if (targetContainer !== undefined && (typeof targetContainer !== 'string' || !CONTAINER.test(targetContainer)))
    return '`targetContainer` has to be a host name of letters, digits and hyphens';
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) return '`path` has to start with /';
  return (
    tensorProblem('inputs', json['inputs']) ??
    tensorProblem('outputs', json['outputs']) ??
    toleranceProblem(tolerance) ??
    goldenProblem(golden)
  );
}

function tensorProblem(field: 'inputs' | 'outputs', tensors: unknown): string | undefined {
  if (!Array.isArray(tensors) || tensors.length === 0) return `\`${field}\` has to be a list with at least one tensor`;
  const names = new Set<unknown>();
  for (const [index, tensor] of tensors.entries()) {
    const where = `${field}[${index}]`;
    if (!isRecord(tensor) || !isTensorName(tensor['name'])) return `\`${where}.name\` has to be a string`;
    if (names.has(tensor['name'])) return `\`${where}.name\` repeats ${tensor['name']}`;
    names.add(tensor['name']);
    if (!(DATATYPES as readonly unknown[]).includes(tensor['datatype']))
      return `\`${where}.datatype\` has to be one of ${DATATYPES.join(', ')}`;
    if (!isShape(tensor['shape']))
      return `\`${where}.shape\` has to be a list of sizes that starts with -1 (the batch)`;
    const problem = featuresProblem(tensor['features'], tensor['shape'] as readonly number[]);
    if (problem !== undefined) return `\`${where}.features${problem}`;
  }
  return undefined;
}

function isShape(shape: unknown): boolean {
  return (
    Array.isArray(shape) &&
    shape[0] === -1 &&
    shape.every((size) => size === -1 || (Number.isInteger(size) && size > 0))
  );
}

/** A name that every object has a meaning for would get lost on the way. */
const isTensorName = (name: unknown): name is string => typeof name === 'string' && name !== '' && name !== '__proto__';

/** Requests are checked against them, so they have to be one for each column. Begins inside the quotation of the field. */
function featuresProblem(features: unknown, [, ...sizes]: readonly number[]): string | undefined {
  if (features === undefined) return undefined;
  if (!Array.isArray(features)) return '` has to be a list';
  const columns = sizes.reduce((total, size) => total * size, 1);
  if (features.length > 0 && columns > 0 && features.length !== columns)
    return `\` has ${features.length} features for ${columns} columns`;
  const at = features.findIndex((feature) => !isFeature(feature));
  return at < 0
    ? undefined
    : `[${at}]\` has to be a {kind: "number", name} or a {kind: "choice", name, choices: [{title, value}]}`;
}

function isFeature(feature: unknown): boolean {
  if (!isRecord(feature) || typeof feature['name'] !== 'string') return false;
  const { kind, choices } = feature;
  if (kind === 'number') return true;
  const isChoice = (choice: unknown): boolean => isRecord(choice) && typeof choice['value'] === 'number';
  return kind === 'choice' && Array.isArray(choices) && choices.every(isChoice);
}

function toleranceProblem(tolerance: unknown): string | undefined {
  if (tolerance === undefined) return undefined;
  const valid = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
  if (isRecord(tolerance) && valid(tolerance['absolute']) && valid(tolerance['relative'])) return undefined;
  return '`tolerance` has to be {absolute, relative}, numbers from 0 up';
}

function goldenProblem(golden: unknown): string | undefined {
  if (golden === undefined) return undefined;
  if (!Array.isArray(golden)) return '`golden` has to be a list of requests';
  const at = golden.findIndex(
    (request) =>
      !isRecord(request) ||
      typeof request['name'] !== 'string' ||
      !Array.isArray(request['inputs']) ||
      !(request['outputs'] === undefined || isAnswers(request['outputs'])),
  );
  return at < 0 ? undefined : `\`golden[${at}]\` has to be {name, inputs, outputs}`;
}

const isAnswers = (outputs: unknown): boolean =>
  Array.isArray(outputs) &&
  outputs.every((one) => isRecord(one) && typeof one['name'] === 'string' && Array.isArray(one['data']));
