/** Rows in, answers out. A row that cannot be predicted gets an error in its place and costs no other row its answer. */
import { type Datatype, isText, type TensorData } from '../model/datatypes.ts';
import type { InputDescription } from '../model/description.ts';
import type { Model, Tensor, Tensors } from '../model/session.ts';
import { findUnknownChoice, packValues } from '../model/values.ts';
import type { Result } from '../result.ts';
import type { NumberRows } from './number-lines.ts';
import type { Row } from './parse.ts';
import { roundFloat } from './round-float.ts';

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
    text += lineOf(
      first + index,
      error === undefined ? { ok: true, value: lines.get(index) ?? '' } : { ok: false, error },
    );
  }
  return { bytes: Buffer.from(text), rows: rows.length, failed };
}

const lineOf = (row: number, outputs: Result<string>): string =>
  outputs.ok
    ? `{"row":${row},"outputs":${outputs.value}}\n`
    : `{"row":${row},"error":${JSON.stringify(outputs.error)}}\n`;

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

/** Undefined for what JSON cannot hold. */
function showValue(data: TensorData, index: number, datatype: Datatype): string | undefined {
  if (isText(data)) return JSON.stringify(data[index]);
  const value = data[index] as number | bigint;
  if (datatype === 'BOOL') return String(Number(value) !== 0);
  if (!datatype.startsWith('FP')) return String(value);
  if (!Number.isFinite(value)) return undefined;
  return String(datatype === 'FP32' ? roundFloat(value as number) : value);
}

/** Lines for rows of floats that are right; undefined when the run fails: then each row has to be looked at. @param first number of the first row */
export async function predictNumbers(
  model: Model,
  { rows, numbers }: NumberRows,
  first: number,
): Promise<Predicted | undefined> {
  const [input] = model.description.inputs;
  if (!input) throw new Error(`${model.description.name} has no input`);
  const tensor = { datatype: 'FP32', shape: [rows, ...input.shape.slice(1)], data: numbers } as const;
  const outputs = await model.run({ [input.name]: tensor }).catch(() => undefined);
  if (!outputs) return undefined;
  let text = '';
  let failed = 0;
  for (let at = 0; at < rows; at++) {
    const shown = showRow(model, outputs, { at, rows });
    if (!shown.ok) failed += 1;
    text += lineOf(first + at, shown);
  }
  return { bytes: Buffer.from(text), rows, failed };
}
