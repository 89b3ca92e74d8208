/**
 * Lines of plain numbers, which is what most files of rows hold: read from their bytes into the floats of a run. To make a string of each line, a
 * list of that and then an array of floats costs ten times as much.
 */
import type { InputDescription } from '../model/description.ts';
import { scanNumbers, scanned } from '../model/scan-numbers.ts';
import { findUnknownChoice } from '../model/values.ts';
import { type Format, widthOf } from './format.ts';
import type { Columns } from './parse.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const OPEN = 91;
const CLOSE = 93;
/** Cells of a line of which some are chosen. */
const MOST_CELLS = 65_536;

export interface NumberRows {
  readonly rows: number;
  /** In memory of their own. */
  readonly numbers: Float32Array;
}

/** @returns undefined for anything unusual, right or wrong: then the way that reads line by line has to be taken */
export type ReadNumberLines = (bytes: Uint8Array) => NumberRows | undefined;

export interface NumberLinesOptions {
  readonly format: Format;
  /** Gives memory for the rows of a call. */
  readonly take: () => Float32Array;
  /** Which cells of a line are the model's, in its order; absent: all. */
  readonly columns?: Columns;
}

/** Undefined when the rows of this input are no plain lists of floats. */
export function createNumberLines(
  input: InputDescription,
  { format, take, columns }: NumberLinesOptions,
): ReadNumberLines | undefined {
  if (input.datatype !== 'FP32' || input.shape.length !== 2) return undefined;
  const width = widthOf(input);
  const read = format === 'csv' ? readPlain : readBracketed;
  const readRow = columns ? choosing(read, columns) : read;
  let unused: Float32Array | undefined;
  return (bytes) => {
    const target = unused ?? take();
    unused = target;
    let rows = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      if (bytes[at] === RETURN) at += 1;
      if (bytes[at] === NEWLINE) continue;
      at = readRow(bytes, at, target, rows * width);
      if (at < 0 || (!columns && scanned !== width)) return undefined;
      if (bytes[at] === RETURN) at += 1;
      if (at < bytes.length && bytes[at] !== NEWLINE) return undefined;
      rows += 1;
    }
    const numbers = target.subarray(0, rows * width);
    if (input.features.length > 0 && findUnknownChoice(input.features, numbers) !== undefined) return undefined;
    unused = undefined;
    return { rows, numbers };
  };
}

/** `4, 97` */
const readPlain = scanNumbers;

/** `[4, 97]` */
const readBracketed: typeof scanNumbers = (bytes, from, target, offset) => {
  if (bytes[from] !== OPEN) return -1;
  const end = scanNumbers(bytes, from + 1, target, offset);
  if (end < 0 || bytes[end] !== CLOSE) return -1;
  let behind = end + 1;
  while (bytes[behind] === SPACE) behind += 1;
  return behind;
};

/** Some of the cells of a line, in another order. */
function choosing(read: typeof scanNumbers, columns: Columns): typeof scanNumbers {
  const cells = new Float32Array(MOST_CELLS);
  const last = Math.max(...columns);
  return (bytes, from, target, offset) => {
    const end = read(bytes, from, cells, 0);
    if (end < 0 || scanned <= last || offset + columns.length > target.length) return -1;
    for (let at = 0; at < columns.length; at++) target[offset + at] = cells[columns[at] as number] as number;
    return end;
  };
}
