/** From a file to the rows of one run after the other. Which model answers them does not matter here, so that this may be done by another thread. */
import type { Files } from '../aws/files.ts';
import type { ModelDescription } from '../model/description.ts';
import { type FilePart, readChunks } from './chunks.ts';
import { type Format, widthOf } from './format.ts';
import { createNumberLines, type NumberRows, type ReadNumberLines } from './number-lines.ts';
import { type Columns, readHeader } from './parse.ts';
import { splitLines, Unreadable } from './split.ts';

export interface ReadRequest extends FilePart {
  readonly format: Format;
  readonly description: ModelDescription;
  /** At most so many rows at once. */
  readonly rowsPerRun: number;
  /** Where the columns of CSV are, when an earlier attempt found names in its first line. */
  readonly columns?: Columns;
}

/** Rows, and the position of the byte behind them. `columns` is there when the file's first line said where they are. */
export type Piece = { readonly end: number; readonly columns?: Columns } & (
  | ({ readonly kind: 'numbers' } & NumberRows)
  /** Lines with something in them that has to be looked at line by line; in memory of their own. */
  | { readonly kind: 'lines'; readonly content: Uint8Array }
);

export type ReadPieces = (request: ReadRequest) => AsyncIterable<Piece>;

/** Where the numbers of a piece go: into memory that nobody else uses. */
export type TakeMemory = (floats: number) => Float32Array;
const newMemory: TakeMemory = (floats) => new Float32Array(floats);

/** What the rows of one run may take, however wide they are. */
const LARGEST_RUN_BYTES = 16 * 2 ** 20;
const CHUNK_BYTES = 4 * 2 ** 20;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const NEWLINE = 10;

/** @throws Unreadable */
export async function* readPieces(
  files: Files,
  request: ReadRequest,
  take: TakeMemory = newMemory,
): AsyncGenerator<Piece> {
  const width = Math.max(1, ...request.description.inputs.map(widthOf));
  const size = width * Float32Array.BYTES_PER_ELEMENT;
  const most = Math.max(1, Math.min(request.rowsPerRun, Math.floor(LARGEST_RUN_BYTES / size)));
  const takeRun = (): Float32Array => take(most * width);
  yield* request.format === 'float32'
    ? readRecords(files, request, { size, most, takeRun })
    : readLines(files, request, { most, takeRun });
}

interface Run {
  /** Rows at most. */
  readonly most: number;
  readonly takeRun: () => Float32Array;
}

/** Rows of numbers as they are in memory. */
async function* readRecords(
  files: Files,
  request: ReadRequest,
  { size, most, takeRun }: Run & { readonly size: number },
): AsyncGenerator<Piece> {
  if (request.bytes % size !== 0) throw new Unreadable(`the file has ${request.bytes} bytes, a row has ${size}`);
  let end = request.start;
  const whole = Math.max(1, Math.floor(CHUNK_BYTES / size)) * size;
  for await (const chunk of readChunks(files, request, { size: whole, room: 0 }))
    for (let from = 0; from < chunk.length; from += most * size) {
      const bytes = chunk.subarray(from, from + most * size);
      const numbers = takeRun().subarray(0, bytes.length / Float32Array.BYTES_PER_ELEMENT);
      new Uint8Array(numbers.buffer).set(bytes);
      end += bytes.length;
      yield { kind: 'numbers', rows: bytes.length / size, numbers, end };
    }
}

async function* readLines(files: Files, request: ReadRequest, { most, takeRun }: Run): AsyncGenerator<Piece> {
  const { format, description, start } = request;
  let columns = request.columns;
  let readNumbers = createNumberReader(request, takeRun, columns);
  let first = start === 0;
  for await (const { content, end } of splitLines(files, request, most)) {
    let body = content;
    if (first) {
      if (content.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
        body = content.subarray(BYTE_ORDER_MARK.length);
      const top = firstLine(body);
      first = top === undefined;
      const header = format === 'csv' && top ? readHeader(top.text, description) : undefined;
      if (header && !header.ok) throw new Unreadable(header.error);
      if (header && top) body = body.subarray(top.end);
      if (header && header.value !== 'as they are') columns = header.value;
      readNumbers = createNumberReader(request, takeRun, columns);
    }
    const found = { end, ...(columns && { columns }) };
    const numbers = readNumbers?.(body);
    yield numbers
      ? { kind: 'numbers', ...numbers, ...found }
      : { kind: 'lines', content: new Uint8Array(body), ...found };
  }
}

function createNumberReader(
  { format, description }: ReadRequest,
  take: () => Float32Array,
  columns: Columns | undefined,
): ReadNumberLines | undefined {
  const [input, ...others] = description.inputs;
  return input && others.length === 0
    ? createNumberLines(input, { format, take, ...(columns && { columns }) })
    : undefined;
}

/** The first line that is not empty, and where the next one begins. */
function firstLine(content: Buffer): { readonly text: string; readonly end: number } | undefined {
  for (let from = 0; from < content.length; ) {
    const next = content.indexOf(NEWLINE, from);
    const end = next < 0 ? content.length : next + 1;
    const text = content.toString('utf8', from, end);
    if (text.trim() !== '') return { text, end };
    from = end;
  }
  return undefined;
}
