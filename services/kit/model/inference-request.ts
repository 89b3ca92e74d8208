/** The inference request of the Open Inference Protocol, checked against the model's description. */

import { isRecord, type Result } from '../result.ts';
import type { InputDescription, ModelDescription } from './description.ts';
import type { Tensor, Tensors } from './session.ts';
import { findUnknownChoice, flatten, pack } from './values.ts';

export interface InferenceRequest {
  readonly id?: string;
  readonly inputs: Tensors;
  /** Names of the outputs to answer with. */
  readonly outputs: readonly string[];
}

/** Rows of one request; more belongs into a batch job. */
const MAXIMUM_ROWS = 10_000;

/** @returns the request, or what is wrong with it: field, value and what was expected */
export function readInferenceRequest(body: unknown, description: ModelDescription): Result<InferenceRequest> {
  if (!isRecord(body)) return no('the body has to be an object');
  const { id } = body;
  if (id !== undefined && typeof id !== 'string') return no('`id` has to be a string');
  const inputs = readInputs(body['inputs'], description);
  if (!inputs.ok) return inputs;
  const outputs = readOutputs(body['outputs'], description);
  if (!outputs.ok) return outputs;
  return { ok: true, value: { ...(id !== undefined && { id }), inputs: inputs.value, outputs: outputs.value } };
}

function readInputs(inputs: unknown, description: ModelDescription): Result<Tensors> {
  const expected = description.inputs.map(({ name }) => name).join(', ');
  if (!Array.isArray(inputs)) return no(`\`inputs\` has to be a list of tensors: ${expected}`);
  const tensors: Record<string, Tensor> = {};
  for (const [index, given] of inputs.entries()) {
    const where = `inputs[${index}]`;
    if (!isRecord(given)) return no(`\`${where}\` has to be an object`);
    const input = description.inputs.find(({ name }) => name === given['name']);
    if (!input)
      return no(`\`${where}.name\` is ${JSON.stringify(given['name'])}, ${description.name} takes ${expected}`);
    if (tensors[input.name]) return no(`\`${where}.name\` repeats ${input.name}`);
    const tensor = readTensor(given, input);
    if (!tensor.ok) return no(`\`${where}.${tensor.error}`);
    tensors[input.name] = tensor.value;
  }
  const missing = description.inputs.filter(({ name }) => !tensors[name]).map(({ name }) => name);
  if (missing.length > 0) return no(`\`inputs\` lacks ${missing.join(', ')}`);
  const rows = new Set(Object.values(tensors).map(({ shape }) => shape[0]));
  return rows.size === 1 ? { ok: true, value: tensors } : no('all `inputs` have to have the same number of rows');
}

/** Errors begin inside the quotation of the field's name, because the caller knows the part before it. */
function readTensor(given: Readonly<Record<string, unknown>>, input: InputDescription): Result<Tensor> {
  const { datatype } = input;
  if (given['datatype'] !== datatype)
    return no(`datatype\` is ${JSON.stringify(given['datatype'])}, ${input.name} is ${datatype}`);
  const shape = readShape(given['shape'], input);
  if (!shape.ok) return shape;
  const values = flatten(given['data'], shape.value);
  if (!values.ok) return no(`data\` ${values.error}`);
  const data = pack(datatype, values.value);
  if (!data.ok) return no(`data\` ${data.error}`);
  const unknownChoice = findUnknownChoice(input.features, values.value);
  if (unknownChoice) return no(`data\` ${unknownChoice}`);
  return { ok: true, value: { datatype, shape: shape.value, data: data.value } };
}

function readShape(shape: unknown, input: InputDescription): Result<readonly number[]> {
  const expected = `[${input.shape.join(', ')}]`;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0))
    return no(`shape\` has to be a list of whole numbers like ${expected}`);
  const fits = shape.length === input.shape.length && input.shape.every((size, at) => size < 0 || size === shape[at]);
  if (!fits) return no(`shape\` is [${shape.join(', ')}], ${input.name} is ${expected} (-1: any size)`);
  const [rows] = shape;
  if (rows < 1 || rows > MAXIMUM_ROWS) return no(`shape\` has ${rows} rows, expected 1 to ${MAXIMUM_ROWS}`);
  return { ok: true, value: shape };
}

function readOutputs(outputs: unknown, description: ModelDescription): Result<readonly string[]> {
  const known = description.outputs.map(({ name }) => name);
  if (outputs === undefined || (Array.isArray(outputs) && outputs.length === 0)) return { ok: true, value: known };
  if (!Array.isArray(outputs)) return no('`outputs` has to be a list');
  for (const [index, output] of outputs.entries())
    if (!isRecord(output) || !known.includes(String(output['name'])))
      return no(`\`outputs[${index}].name\` has to be one of ${known.join(', ')}`);
  return { ok: true, value: outputs.map(({ name }) => String(name)) };
}

function no(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
