/**
 * What `model.json` beside a `model.onnx` says: everything a server needs to check a request and everything a page needs
 * to build a form, so that neither knows a model by name.
 */
import { isRecord, type Result } from '../result.ts';

/** Tensor element types of the Open Inference Protocol that our models use. */
export const DATATYPES = ['FP32', 'FP64', 'INT64', 'BYTES'] as const;
export type Datatype = (typeof DATATYPES)[number];

/** A column of an input tensor as people see it. */
export type Feature = NumberFeature | ChoiceFeature;

export interface NumberFeature {
  readonly kind: 'number';
  readonly name: string;
  readonly title: string;
  /** Unit as printed after the value; empty when there is none. */
  readonly unit: string;
  /** Range seen in training; predictions outside it are extrapolations. */
  readonly minimum: number;
  readonly maximum: number;
  /** Step of the input field. */
  readonly step: number;
}

export interface ChoiceFeature {
  readonly kind: 'choice';
  readonly name: string;
  readonly title: string;
  readonly choices: readonly { readonly title: string; readonly value: number }[];
}

export interface InputDescription {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 stands for any size; the first dimension is the batch. */
  readonly shape: readonly number[];
  /** One per column. */
  readonly features: readonly Feature[];
}

export interface OutputDescription {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Name of each column, for a classifier. */
  readonly labels?: readonly string[];
}

export interface ModelDescription {
  readonly name: string;
  /** A whole number from 1 up, as text; the highest is the default. */
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly inputs: readonly InputDescription[];
  readonly outputs: readonly OutputDescription[];
  /** Rows to try, in the order of the features. */
  readonly examples: readonly { readonly title: string; readonly values: readonly number[] }[];
  readonly metrics: ModelMetrics;
  readonly data: { readonly source: string; readonly licence: string; readonly url: string };
}

export interface ModelMetrics {
  /** What `model` and `baseline` count, lower is better. */
  readonly error: string;
  readonly model: number;
  /** The same error of a predictor that always answers the training mean. */
  readonly baseline: number;
  readonly trainingRows: number;
  readonly heldOutRows: number;
}

/** Reads a `model.json`; the error names the field that is wrong. Only what serving relies on is checked. */
export function parseDescription(text: string): Result<ModelDescription> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, error: 'model.json is not JSON' };
  }
  const problem = findProblem(json);
  return problem ? { ok: false, error: `model.json: ${problem}` } : { ok: true, value: json as ModelDescription };
}

function findProblem(json: unknown): string | undefined {
  if (!isRecord(json)) return 'has to be an object';
  if (typeof json['name'] !== 'string') return '`name` has to be a string';
  if (typeof json['version'] !== 'string' || !/^[1-9]\d*$/.test(json['version']))
    return '`version` has to be a whole number from 1 up, as a string';
  return tensorProblem('inputs', json['inputs']) ?? tensorProblem('outputs', json['outputs']);
}

function tensorProblem(field: 'inputs' | 'outputs', tensors: unknown): string | undefined {
  if (!Array.isArray(tensors) || tensors.length === 0) return `\`${field}\` has to be a list with at least one tensor`;
  for (const [index, tensor] of tensors.entries()) {
    const where = `${field}[${index}]`;
    if (!isRecord(tensor) || typeof tensor['name'] !== 'string') return `\`${where}.name\` has to be a string`;
    if (!(DATATYPES as readonly unknown[]).includes(tensor['datatype']))
      return `\`${where}.datatype\` has to be one of ${DATATYPES.join(', ')}`;
    if (!isShape(tensor['shape']))
      return `\`${where}.shape\` has to be a list of sizes that starts with -1 (the batch)`;
    if (field === 'inputs' && !Array.isArray(tensor['features'])) return `\`${where}.features\` has to be a list`;
  }
  return undefined;
}

function isShape(shape: unknown): boolean {
  return Array.isArray(shape) && shape[0] === -1 && shape.every((size) => Number.isInteger(size));
}
