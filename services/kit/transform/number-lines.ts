/**
 * Lines of plain numbers, which is what most files of rows hold: read from their bytes into the floats of a run. To make a string of each line, a
 * list of that and then an array of floats costs ten times as much.
 */
import type { InputDescription } from '../model/description.ts';
import { scanNumbers, scanned } from '../model/scan-numbers.ts';
import { findUnknownChoice } from '../model/values.ts';
import { type Format, widthOf } from './format.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const OPEN = 91;
const CLOSE = 93;

export interface NumberRows {
  readonly rows: number;
  /** Only until the next call. */
  readonly numbers: Float32Array;
}

/** @returns undefined for anything unusual, right or wrong: then the way that reads line by line has to be taken */
export type ReadNumberLines = (bytes: Uint8Array) => NumberRows | undefined;

/** Undefined when the rows of this input are no plain lists of floats. @param most rows of one call */
export function createNumberLines(input: InputDescription, format: Format, most: number): ReadNumberLines | undefined {
  if (input.datatype !== 'FP32' || input.shape.length !== 2) return undefined;
  const width = widthOf(input);
  const target = new Float32Array(most * width);
  const read = format === 'csv' ? readPlain : readBracketed;
  return (bytes) => {
    let rows = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      if (bytes[at] === RETURN) at += 1;
      if (bytes[at] === NEWLINE) continue;
      at = read(bytes, at, { target, offset: rows * width });
      if (at < 0 || scanned !== width) return undefined;
      if (bytes[at] === RETURN) at += 1;
      if (at < bytes.length && bytes[at] !== NEWLINE) return undefined;
      rows += 1;
    }
    const numbers = target.subarray(0, rows * width);
    if (input.features.length > 0 && findUnknownChoice(input.features, numbers) !== undefined) return undefined;
    return { rows, numbers };
  };
}

/** `4, 97` */
const readPlain = scanNumbers;

/** `[4, 97]` */
const readBracketed: typeof scanNumbers = (bytes, from, into) => {
  if (bytes[from] !== OPEN) return -1;
  const end = scanNumbers(bytes, from + 1, into);
  if (end < 0 || bytes[end] !== CLOSE) return -1;
  let behind = end + 1;
  while (bytes[behind] === SPACE) behind += 1;
  return behind;
};
