import type { Model, Tensor } from '../../kit/model/session.ts';
import { findUnknownChoice, packValues } from '../../kit/model/values.ts';
import type { Result } from '../../kit/result.ts';

/** Beyond some hundred rows a run gains nothing more. */
const ROWS_PER_RUN = 256;

/**
 * Predicts rows of a model with one input tensor.
 * @returns JSON Lines, one object per row with a field per output; or which row is wrong and why
 */
export async function predictRows(model: Model, rows: readonly unknown[]): Promise<Result<string>> {
  const { description } = model;
  const [input, ...others] = description.inputs;
  if (!input || others.length > 0) return { ok: false, error: `${description.name} has several inputs; a row has one` };
  const lines: string[] = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_RUN) {
    const part = rows.slice(start, start + ROWS_PER_RUN);
    const shape = [part.length, ...input.shape.slice(1)];
    const where = (problem: string) => ({ ok: false, error: `rows from ${start}: ${problem}` }) as const;
    const data = packValues(input.datatype, shape, part);
    if (!data.ok) return where(data.error);
    const unknownChoice = findUnknownChoice(input.features, data.value);
    if (unknownChoice) return where(`value ${unknownChoice}`);
    const outputs = await model.run({ [input.name]: { datatype: input.datatype, shape, data: data.value } });
    for (let row = 0; row < part.length; row++) lines.push(toLine(outputs, row, part.length));
  }
  return { ok: true, value: `${lines.join('\n')}\n` };
}

function toLine(outputs: Readonly<Record<string, Tensor>>, row: number, rows: number): string {
  const fields = Object.entries(outputs).map(([name, { data }]) => {
    const width = data.length / rows;
    const values = Array.from<number | bigint | string>(data.slice(row * width, (row + 1) * width)).map(toJson);
    return [name, values.length === 1 ? values[0] : values];
  });
  return JSON.stringify(Object.fromEntries(fields));
}

/** Seven significant digits are what a float32 carries. */
function toJson(value: number | bigint | string): number | string {
  return typeof value === 'string' ? value : Number(Number(value).toPrecision(7));
}
