/** The inference request of the Open Inference Protocol, checked against the model's description while it is packed. */
import { isRecord, type Result } from '../result.ts';
import { createNumbers, fromBytes, isFloats, type TensorData } from './datatypes.ts';
import type { InputDescription, ModelDescription } from './description.ts';
import { MARK } from './scan-numbers.ts';
import type { Tensor } from './session.ts';
import { describe, findInfinite, findUnknownChoice, packValues } from './values.ts';

export interface InferenceRequest {
  readonly id?: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly rows: number;
  /** Names of the outputs to answer with. */
  readonly outputs: readonly string[];
  /** Those of them that are wanted as bytes behind the JSON. */
  readonly binary: ReadonlySet<string>;
}

/** Rows of one request; more belongs into a batch job. */
const MAXIMUM_ROWS = 10_000;

/** What is not in the JSON itself. */
export interface Aside {
  /** Bytes behind the JSON: those of the inputs that say how many of them are theirs, in their order. */
  readonly tail?: Uint8Array;
  /** The values of the input whose data is `MARK`. */
  readonly numbers?: Float32Array;
}

const NO_BYTES = new Uint8Array();
const NONE: ReadonlySet<string> = new Set();

/**
 * @param body parsed JSON
 * @returns the request, or what is wrong with it: field, value and what was expected
 */
export function readInferenceRequest(
  body: unknown,
  description: ModelDescription,
  aside: Aside = {},
): Result<InferenceRequest> {
  if (!isRecord(body)) return no('the body has to be an object');
  const { id } = body;
  if (id !== undefined && typeof id !== 'string') return no('`id` has to be a string');
  const inputs = readInputs(body['inputs'], description, aside);
  if (!inputs.ok) return inputs;
  const outputs = readOutputs(body, description);
  if (!outputs.ok) return outputs;
  return { ok: true, value: { ...(id !== undefined && { id }), ...inputs.value, ...outputs.value } };
}

function readInputs(
  inputs: unknown,
  description: ModelDescription,
  { tail = NO_BYTES, numbers }: Aside,
): Result<Pick<InferenceRequest, 'inputs' | 'rows'>> {
  if (!Array.isArray(inputs))
    return no(`\`inputs\` has to be a list of tensors: ${showInputs(description.inputs)}; it is ${describe(inputs)}`);
  const tensors: Record<string, Tensor> = {};
  let rest = tail;
  let rows = 0;
  for (let index = 0; index < inputs.length; index++) {
    const given: unknown = inputs[index];
    const where = `\`inputs[${index}]`;
    if (!isRecord(given))
      return no(`${where}\` has to be an object: ${showInputs(description.inputs)}; it is ${describe(given)}`);
    const input = description.inputs.find(({ name }) => name === given['name']);
    if (!input)
      return no(
        `${where}.name\` is ${describe(given['name'])}, ${description.name} takes ${namesOf(description.inputs)}`,
      );
    if (Object.hasOwn(tensors, input.name)) return no(`${where}.name\` repeats ${input.name}`);
    const size = binarySize(given);
    if (size !== undefined && !(Number.isInteger(size) && size >= 0 && size <= rest.length))
      return no(
        `${where}.parameters.binary_data_size\` of ${input.name} is ${describe(sizeGiven(given))}, expected a whole number; ${rest.length} bytes are left behind the JSON`,
      );
    const tensor = readTensor(given, input, {
      ...(size !== undefined && { tail: rest.subarray(0, size) }),
      ...(numbers && { numbers }),
    });
    if (!tensor.ok) return no(`${where}.${tensor.error}`);
    if (size !== undefined) rest = rest.subarray(size);
    const [count = 0] = tensor.value.shape;
    if (index > 0 && count !== rows)
      return no(`${where}.shape\` of ${input.name} has ${count} rows, expected ${rows} like the inputs before it`);
    rows = count;
    tensors[input.name] = tensor.value;
  }
  if (rest.length > 0) return no(`${rest.length} bytes behind the JSON belong to no input`);
  const missing = description.inputs.filter(({ name }) => !Object.hasOwn(tensors, name));
  return missing.length > 0
    ? no(`\`inputs\` lacks ${showInputs(missing)}`)
    : { ok: true, value: { inputs: tensors, rows } };
}

/** Bytes behind the JSON that an input says are its own. */
export function binarySize(given: Readonly<Record<string, unknown>>): number | undefined {
  const size = sizeGiven(given);
  return size === undefined || typeof size === 'number' ? size : Number.NaN;
}

const sizeGiven = ({ parameters }: Readonly<Record<string, unknown>>): unknown =>
  isRecord(parameters) ? parameters['binary_data_size'] : undefined;

/** Errors begin inside the quotation of the field's name, because the caller knows the part before it. */
function readTensor(given: Readonly<Record<string, unknown>>, input: InputDescription, aside: Aside): Result<Tensor> {
  const { datatype, name } = input;
  if (given['datatype'] !== datatype) return no(`datatype\` is ${describe(given['datatype'])}, ${name} is ${datatype}`);
  const shape = given['shape'];
  const problem = findShapeProblem(shape, input);
  if (problem !== undefined) return no(`shape\` ${problem}`);
  const sizes = shape as readonly number[];
  const data = readData(given['data'], input, { ...aside, shape: sizes });
  const checked = data.ok ? checkChoices(data.value, input) : data;
  if (!checked.ok) return no(`data\` of ${name} ${checked.error}`);
  return { ok: true, value: { datatype, shape: sizes, data: checked.value } };
}

function checkChoices(data: TensorData, { features }: InputDescription): Result<TensorData> {
  const unknownChoice = features.length > 0 ? findUnknownChoice(features, data) : undefined;
  return unknownChoice === undefined ? { ok: true, value: data } : no(unknownChoice);
}

/** A tensor of which only the bytes are new: the shape fits the input. */
export function readTensorBytes(bytes: Uint8Array, input: InputDescription, shape: readonly number[]): Result<Tensor> {
  const data = readBytes(bytes, input, shape);
  const checked = data.ok ? checkChoices(data.value, input) : data;
  return checked.ok ? { ok: true, value: { datatype: input.datatype, shape, data: checked.value } } : checked;
}

function readData(
  data: unknown,
  input: InputDescription,
  { tail, numbers, shape }: Aside & { readonly shape: readonly number[] },
): Result<TensorData> {
  if (tail) return readBytes(tail, input, shape);
  if (data !== MARK || !numbers || input.datatype !== 'FP32') return packValues(input.datatype, shape, data);
  let length = 1;
  for (const size of shape) length *= size;
  if (numbers.length !== length) return no(`has ${numbers.length} values, the shape [${shape}] needs ${length}`);
  const own = createNumbers('FP32', length) as Float32Array;
  own.set(numbers);
  return { ok: true, value: own };
}

function readBytes(bytes: Uint8Array, { datatype }: InputDescription, shape: readonly number[]): Result<TensorData> {
  const data = fromBytes(
    datatype,
    bytes,
    shape.reduce((total, size) => total * size, 1),
  );
  if (!data.ok) return data;
  if (isFloats(data.value)) {
    const infinite = findInfinite(data.value);
    if (infinite >= 0) return no(`at ${infinite} is ${data.value[infinite]}, expected a finite number`);
  }
  return data;
}

function findShapeProblem(shape: unknown, input: InputDescription): string | undefined {
  const expected = input.shape;
  const numbers = `has to be a list of whole numbers like ${showShape(expected)}, as ${input.name} has them`;
  if (!Array.isArray(shape)) return `${numbers}; it is ${describe(shape)}`;
  for (let at = 0; at < shape.length; at++)
    if (!Number.isInteger(shape[at]) || shape[at] < 0) return `${numbers}; at ${at} is ${describe(shape[at])}`;
  let fits = shape.length === expected.length;
  for (let at = 1; fits && at < expected.length; at++)
    fits = (expected[at] as number) < 0 || expected[at] === shape[at];
  if (!fits) return `is ${showShape(shape)}, ${input.name} is ${showShape(expected)} (-1: any size)`;
  const rows: number = shape[0];
  return rows < 1 || rows > MAXIMUM_ROWS
    ? `of ${input.name} has ${rows} rows, expected 1 to ${MAXIMUM_ROWS}`
    : undefined;
}

/** A shape in an error message: of what somebody sent only the first sizes. */
const showShape = (shape: readonly unknown[]): string =>
  `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', ...' : ''}]`;

function readOutputs(
  { outputs, parameters }: Readonly<Record<string, unknown>>,
  description: ModelDescription,
): Result<Pick<InferenceRequest, 'outputs' | 'binary'>> {
  const all = isRecord(parameters) && parameters['binary_data_output'] === true;
  if (outputs === undefined || (Array.isArray(outputs) && outputs.length === 0)) {
    const names = description.outputs.map(({ name }) => name);
    return { ok: true, value: { outputs: names, binary: all ? new Set(names) : NONE } };
  }
  if (!Array.isArray(outputs))
    return no(`\`outputs\` has to be a list of ${namesOf(description.outputs)}; it is ${describe(outputs)}`);
  const names: string[] = [];
  const binary = new Set<string>();
  for (const [index, output] of outputs.entries()) {
    const name: unknown = isRecord(output) ? output['name'] : undefined;
    const known = description.outputs.find((one) => one.name === name);
    if (!known)
      return no(`\`outputs[${index}].name\` has to be one of ${namesOf(description.outputs)}; it is ${describe(name)}`);
    if (names.includes(known.name)) return no(`\`outputs[${index}].name\` repeats ${known.name}`);
    names.push(known.name);
    if (wantsBytes(output, all)) binary.add(known.name);
  }
  return { ok: true, value: { outputs: names, binary } };
}

/** What an output says about itself counts more than what the request says about all. */
function wantsBytes({ parameters }: Readonly<Record<string, unknown>>, all: boolean): boolean {
  const own = isRecord(parameters) ? parameters['binary_data'] : undefined;
  return typeof own === 'boolean' ? own : all;
}

/** What each has to be. */
const showInputs = (inputs: readonly InputDescription[]): string =>
  inputs.map(({ name, datatype, shape }) => `${name} (${datatype} ${showShape(shape)})`).join(', ');

const namesOf = (tensors: readonly { readonly name: string }[]): string => tensors.map(({ name }) => name).join(', ');

function no(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
