/** Rows in, answers out. A row that cannot be predicted gets an error in its place and costs no other row its answer. */
import { type Datatype, fromBytes, isText, type TensorData } from '../model/datatypes.ts';
import type { InputDescription } from '../model/description.ts';
import type { Model, Tensor, Tensors } from '../model/session.ts';
import { findInfinite, findUnknownChoice, packValues } from '../model/values.ts';
import type { Result } from '../result.ts';
import { widthOf } from './format.ts';
import type { Row } from './parse.ts';

export interface Predicted {
  readonly bytes: Buffer;
  readonly rows: number;
  /** Those of them that have an error instead of an answer. */
  readonly failed: number;
}

/** @param first number of the first row, from 0 up */
export async function predictRows(model: Model, rows: readonly Result<Row>[], first: number): Promise<Predicted> {
  const errors: (string | undefined)[] = rows.map((row) => (row.ok ? undefined : row.error));
  const good = rows.flatMap((row, index) => (row.ok ? [{ index, row: row.value }] : []));
  const lines = new Map<number, string>();
  for (const { members, outputs } of await predictGood(model, good, errors)) {
    for (const [at, index] of members.entries()) {
      const shown = showRow(model, outputs, { at, rows: members.length });
      if (shown.ok) lines.set(index, shown.value);
      else errors[index] = shown.error;
    }
  }
  let text = '';
  let failed = 0;
  for (let index = 0; index < rows.length; index++) {
    const error = errors[index];
    if (error !== undefined) failed += 1;
    text +=
      error === undefined
        ? `{"row":${first + index},"outputs":${lines.get(index)}}\n`
        : `{"row":${first + index},"error":${JSON.stringify(error)}}\n`;
  }
  return { bytes: Buffer.from(text), rows: rows.length, failed };
}

interface Good {
  readonly index: number;
  readonly row: Row;
}
interface Ran {
  readonly members: readonly number[];
  readonly outputs: Tensors;
}

/** All rows by one run; where that does not work, each by its own, so that the guilty one is found. */
async function predictGood(model: Model, good: readonly Good[], errors: (string | undefined)[]): Promise<Ran[]> {
  if (good.length === 0) return [];
  const ran = await runRows(model, good);
  if (ran.ok) return [ran.value];
  if (good.length === 1) {
    for (const { index } of good) errors[index] = ran.error;
    return [];
  }
  const packed = good.filter((one) => {
    const tensors = packRows(model.description.inputs, [one.row]);
    if (!tensors.ok) errors[one.index] = tensors.error;
    return tensors.ok;
  });
  if (packed.length < good.length) return predictGood(model, packed, errors);
  const each: Ran[] = [];
  for (const one of good) each.push(...(await predictGood(model, [one], errors)));
  return each;
}

async function runRows(model: Model, good: readonly Good[]): Promise<Result<Ran>> {
  const tensors = packRows(
    model.description.inputs,
    good.map(({ row }) => row),
  );
  if (!tensors.ok) return tensors;
  try {
    return { ok: true, value: { members: good.map(({ index }) => index), outputs: await model.run(tensors.value) } };
  } catch (error) {
    return {
      ok: false,
      error: `cannot be computed: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`,
    };
  }
}

function packRows(inputs: readonly InputDescription[], rows: readonly Row[]): Result<Tensors> {
  const tensors: Record<string, Tensor> = {};
  for (const [at, { name, datatype, shape, features }] of inputs.entries()) {
    const sizes = [rows.length, ...shape.slice(1)];
    const data = packValues(
      datatype,
      sizes,
      rows.map((row) => row[at]),
    );
    if (!data.ok) return { ok: false, error: `${name} ${data.error.replace(/^row 0 /, '')}` };
    const unknownChoice = features.length > 0 ? findUnknownChoice(features, data.value) : undefined;
    if (unknownChoice !== undefined) return { ok: false, error: `${name} ${unknownChoice}` };
    tensors[name] = { datatype, shape: sizes, data: data.value };
  }
  return { ok: true, value: tensors };
}

function showRow(
  { description }: Model,
  outputs: Tensors,
  { at, rows }: { readonly at: number; readonly rows: number },
): Result<string> {
  const fields: string[] = [];
  for (const { name, datatype } of description.outputs) {
    const data = outputs[name]?.data ?? [];
    const width = data.length / rows;
    const values: string[] = [];
    for (let index = at * width; index < (at + 1) * width; index++) {
      const shown = showValue(data, index, datatype);
      if (shown === undefined) return { ok: false, error: `has no finite answer: ${name} is ${data[index]}` };
      values.push(shown);
    }
    fields.push(`${JSON.stringify(name)}:${values.length === 1 ? values[0] : `[${values.join()}]`}`);
  }
  return { ok: true, value: `{${fields.join()}}` };
}

/** Seven significant digits are what a float32 carries. Undefined for what JSON cannot hold. */
function showValue(data: TensorData, index: number, datatype: Datatype): string | undefined {
  if (isText(data)) return JSON.stringify(data[index]);
  const value = data[index] as number | bigint;
  if (datatype === 'BOOL') return String(Number(value) !== 0);
  if (datatype !== 'FP32' && datatype !== 'FP64') return String(value);
  if (!Number.isFinite(value)) return undefined;
  return String(datatype === 'FP32' ? Number((value as number).toPrecision(7)) : value);
}

/** Rows of little-endian numbers. A row that has no finite answer is answered with what is no number (NaN) throughout. */
export async function predictFloats(model: Model, bytes: Buffer): Promise<Predicted> {
  const { inputs, outputs } = model.description;
  const [input] = inputs;
  if (!input) throw new Error(`${model.description.name} has no input`);
  const width = widthOf(input);
  const rows = bytes.length / (width * Float32Array.BYTES_PER_ELEMENT);
  const read = fromBytes('FP32', bytes, rows * width);
  if (!read.ok) throw new Error(read.error);
  const given = read.value as Float32Array;
  const clean = findInfinite(given) < 0 ? given : given.map((value) => (Number.isFinite(value) ? value : 0));
  const answers = await model.run({
    [input.name]: { datatype: 'FP32', shape: [rows, ...input.shape.slice(1)], data: clean },
  });
  const parts = outputs.map(({ name }) => (answers[name]?.data ?? new Float32Array()) as Float32Array);
  const answered = parts.length === 1 && parts[0] ? parts[0] : interleave(parts, rows);
  const failed = clean === given && findInfinite(answered) < 0 ? 0 : blankBadRows(given, answered, rows);
  return { bytes: Buffer.from(answered.buffer, answered.byteOffset, answered.byteLength), rows, failed };
}

/** The outputs of a row one after the other. */
function interleave(parts: readonly Float32Array[], rows: number): Float32Array {
  const widths = parts.map(({ length }) => length / rows);
  const joined = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (const [index, part] of parts.entries()) {
      const width = widths[index] ?? 0;
      joined.set(part.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  return joined;
}

function blankBadRows(given: Float32Array, answered: Float32Array, rows: number): number {
  const [taken, made] = [given.length / rows, answered.length / rows];
  let failed = 0;
  for (let row = 0; row < rows; row++) {
    const answer = answered.subarray(row * made, (row + 1) * made);
    if (findInfinite(given.subarray(row * taken, (row + 1) * taken)) < 0 && findInfinite(answer) < 0) continue;
    answer.fill(Number.NaN);
    failed += 1;
  }
  return failed;
}
