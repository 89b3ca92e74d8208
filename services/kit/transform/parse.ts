/** From a line to the values of a row. What is wrong with a line is wrong with that row only. */
import type { Datatype } from '../model/datatypes.ts';
import type { ModelDescription } from '../model/description.ts';
import { isRecord, type Result } from '../result.ts';

/** One value per input of the model, each as the input's shape without the batch says. */
export type Row = readonly unknown[];
export type ParseLine = (line: string) => Result<Row>;

/** Where in a line of a CSV file the model's columns are; absent: in the model's order. */
export type Columns = readonly number[];

/** A line is the row of the only input (`[4, 97]`), or an object with a value per input or per named column. */
export function createJsonParser({ inputs }: ModelDescription): ParseLine {
  const [input] = inputs;
  const features = inputs.length === 1 && input ? input.features.map(({ name }) => name) : [];
  return (line) => {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return { ok: false, error: 'is not JSON' };
    }
    if (!isRecord(json))
      return inputs.length === 1
        ? { ok: true, value: [json] }
        : { ok: false, error: `has to be an object with ${inputs.map(({ name }) => name).join(', ')}` };
    const names = inputs.map(({ name }) => name);
    if (names.every((name) => json[name] !== undefined)) return { ok: true, value: names.map((name) => json[name]) };
    const wanted = features.length > 0 ? features : names;
    const missing = wanted.filter((name) => json[name] === undefined);
    if (missing.length > 0) return { ok: false, error: `lacks ${missing.join(', ')}` };
    return { ok: true, value: [features.map((name) => json[name])] };
  };
}

export function createCsvParser({ inputs: [input] }: ModelDescription, columns?: Columns): ParseLine {
  const datatype = input?.datatype ?? 'FP32';
  const single = input?.shape.length === 1;
  return (line) => {
    const numbers = datatype === 'BYTES' ? undefined : readNumbers(line);
    if (numbers && !single) return { ok: true, value: [columns ? columns.map((column) => numbers[column]) : numbers] };
    const cells = splitCells(line);
    const chosen = columns ? columns.map((column) => cells[column] ?? '') : cells;
    const values = chosen.map((cell) => toValue(cell, datatype));
    return { ok: true, value: [single && values.length === 1 ? values[0] : values] };
  };
}

/**
 * A first line in which no cell is a number has the names of the columns.
 * @returns undefined for a line that is a row; an error when names of the model's columns are missing
 */
export function readHeader(
  line: string,
  { inputs: [input] }: ModelDescription,
): Result<Columns | 'as they are'> | undefined {
  const cells = splitCells(line);
  if (input?.datatype === 'BYTES' || cells.some((cell) => cell !== '' && Number.isFinite(Number(cell))))
    return undefined;
  const features = input?.features ?? [];
  if (features.length === 0) return { ok: true, value: 'as they are' };
  const missing = features.filter(({ name }) => !cells.includes(name)).map(({ name }) => name);
  if (missing.length > 0) return { ok: false, error: `the first line lacks ${missing.join(', ')}` };
  return { ok: true, value: features.map(({ name }) => cells.indexOf(name)) };
}

/** Most lines are numbers and nothing else, which JSON's reader takes several times faster than ours does. */
function readNumbers(line: string): readonly unknown[] | undefined {
  if (line.includes('"')) return undefined;
  try {
    return JSON.parse(`[${line}]`) as readonly unknown[];
  } catch {
    return undefined;
  }
}

function toValue(cell: string, datatype: Datatype): unknown {
  if (datatype === 'BYTES') return cell;
  if (datatype === 'BOOL' && (cell === 'true' || cell === 'false')) return cell === 'true';
  const number = cell === '' ? Number.NaN : Number(cell);
  // What is no number stays what it is, so that the error can say it.
  return Number.isNaN(number) ? cell : number;
}

/** RFC 4180 without line breaks inside of quotes. */
function splitCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g))
    cells.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'));
  return cells;
}
