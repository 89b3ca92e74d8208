/** Cuts a file of rows into pieces and predicts each by one run. */
import type { Model } from '../model/session.ts';
import type { Result } from '../result.ts';
import { readChunks } from './chunks.ts';
import { type Format, widthOf } from './format.ts';
import { createNumberLines } from './number-lines.ts';
import type { Output } from './output.ts';
import { type Columns, createCsvParser, createJsonParser, type ParseLine, readHeader } from './parse.ts';
import { type Predicted, predictNumbers, predictRows } from './predict.ts';
import { predictFloats } from './predict-floats.ts';
import { splitLines, splitRecords, Unreadable } from './split.ts';
import type { Work } from './transform.ts';

/** Beyond some hundred rows a run gains nothing more. */
export const ROWS_PER_RUN = 256;

interface PredictedPiece {
  readonly predicted: Predicted;
  readonly end: number;
  readonly columns?: Columns;
}

/** The file from where it was left, run by run. */
export async function* predictPieces({
  job,
  surroundings,
  model,
  output,
  bytes,
}: Work): AsyncGenerator<PredictedPiece> {
  const { files, rowsPerRun = ROWS_PER_RUN } = surroundings;
  const { bytes: at, inputTag } = output.position;
  const chunks = readChunks(files, { key: job.input, tag: inputTag, bytes, start: at });
  if (job.format === 'float32') {
    const [input] = model.description.inputs;
    const size = (input ? widthOf(input) : 1) * Float32Array.BYTES_PER_ELEMENT;
    if (bytes % size !== 0) throw new Unreadable(`the file has ${bytes} bytes, a row has ${size}`);
    for await (const { content, end } of splitRecords(chunks, { start: at, bytes: size, rows: rowsPerRun }))
      yield { predicted: await predictFloats(model, content), end };
    return;
  }
  const [input] = model.description.inputs;
  const readNumbers = input && createNumberLines(input, job.format, rowsPerRun);
  const parse = createParser(job.format, model, output);
  for await (const { content, end } of splitLines(chunks, { start: at, lines: rowsPerRun })) {
    const first = output.position.rows;
    // The first line of CSV may have names, which say where the columns are.
    const usual = job.format === 'jsonl' || (first > 0 && !output.position.columns);
    const numbers = usual ? readNumbers?.(content) : undefined;
    const quickly = numbers && numbers.rows > 0 ? await predictNumbers(model, numbers, first) : undefined;
    if (quickly) {
      yield { predicted: quickly, end };
      continue;
    }
    const { rows, columns } = parse(toLines(content));
    yield { predicted: await predictRows(model, rows, first), end, ...(columns && { columns }) };
  }
}

const toLines = (bytes: Buffer): string[] =>
  bytes
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');

interface Parsed {
  readonly rows: Result<readonly unknown[]>[];
  /** Where the columns are, as the first line said. */
  readonly columns?: Columns;
}

function createParser(
  format: Format,
  { description }: Model,
  { position }: Output,
): (lines: readonly string[]) => Parsed {
  if (format === 'jsonl') {
    const parse = createJsonParser(description);
    return (lines) => ({ rows: lines.map(parse) });
  }
  let first = position.bytes === 0;
  let columns = position.columns;
  let parse: ParseLine = createCsvParser(description, columns);
  return (lines) => {
    const [top] = lines;
    const header = first && top !== undefined ? readHeader(top, description) : undefined;
    if (top !== undefined) first = false;
    if (header && !header.ok) throw new Unreadable(header.error);
    if (header?.ok && header.value !== 'as they are') {
      columns = header.value;
      parse = createCsvParser(description, columns);
    }
    return { rows: (header ? lines.slice(1) : lines).map(parse), ...(columns && { columns }) };
  };
}
