/** Predicts a file run by run. */
import type { Model } from '../model/session.ts';
import type { Result } from '../result.ts';
import type { Format } from './format.ts';
import { type Columns, createCsvParser, createJsonParser, type Row } from './parse.ts';
import { type Predicted, predictNumbers, predictRows } from './predict.ts';
import { predictFloats } from './predict-floats.ts';
import { type Piece, readPieces } from './read.ts';
import type { Work } from './transform.ts';

/** Beyond some hundred rows a run gains nothing more. */
export const ROWS_PER_RUN = 256;

interface PredictedPiece {
  readonly predicted: Predicted;
  readonly end: number;
  readonly columns?: Columns;
}

/** The file from where it was left. */
export async function* predictPieces(work: Work): AsyncGenerator<PredictedPiece> {
  const { job, surroundings, model, output, bytes } = work;
  const { files, rowsPerRun = ROWS_PER_RUN, read = (request) => readPieces(files, request) } = surroundings;
  const { bytes: start, inputTag: tag, columns } = output.position;
  const { key, format, description } = { key: job.input, format: job.format, description: model.description };
  const request = { key, tag, bytes, start, format, description, rowsPerRun, ...(columns && { columns }) };
  const predict = job.format === 'float32' ? predictRecords : predictLines;
  for await (const piece of read(request)) {
    const predicted = await predict({ model, format, piece, first: output.position.rows });
    yield { predicted, end: piece.end, ...(piece.columns && { columns: piece.columns }) };
  }
}

interface Asked {
  readonly model: Model;
  readonly format: Format;
  readonly piece: Piece;
  /** Number of the first row. */
  readonly first: number;
}

function predictRecords({ model, piece }: Asked): Promise<Predicted> {
  if (piece.kind !== 'numbers') throw new Error('records are numbers');
  return predictFloats(model, piece);
}

async function predictLines({ model, format, piece, first }: Asked): Promise<Predicted> {
  if (piece.kind === 'lines') return predictRows(model, parseLines(model, format, piece), first);
  const quickly = piece.rows > 0 ? await predictNumbers(model, piece, first) : undefined;
  // What the model refuses as a whole is asked row by row.
  return quickly ?? predictRows(model, rowsOf(piece), first);
}

function parseLines(
  { description }: Model,
  format: Format,
  { content, columns }: { readonly content: Uint8Array; readonly columns?: Columns },
): Result<Row>[] {
  const parse = format === 'jsonl' ? createJsonParser(description) : createCsvParser(description, columns);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parse);
}

function rowsOf({ rows, numbers }: { readonly rows: number; readonly numbers: Float32Array }): Result<Row>[] {
  const width = numbers.length / rows;
  return Array.from({ length: rows }, (_, row) => ({
    ok: true,
    value: [Array.from(numbers.subarray(row * width, (row + 1) * width))],
  }));
}
