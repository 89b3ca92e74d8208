/** Rows of numbers in, numbers out. */
import type { Model } from '../model/session.ts';
import { findInfinite } from '../model/values.ts';
import type { NumberRows } from './number-lines.ts';
import type { Predicted } from './predict.ts';

/** A row that has no finite answer is answered with what is no number (NaN) throughout. */
export async function predictFloats(model: Model, { rows, numbers: given }: NumberRows): Promise<Predicted> {
  const { inputs, outputs } = model.description;
  const [input] = inputs;
  if (!input) throw new Error(`${model.description.name} has no input`);
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
