import type { Format } from './format.ts';
import { readPieces } from './read.ts';
import { LONGEST_LINE_BYTES } from './split.ts';
import { memoryFiles } from './test-files.ts';
import { sumModel } from './test-models.ts';

const MIB = 2 ** 20;

async function piecesOf(format: Format, body: string | Uint8Array, features?: readonly string[], rowsPerRun = 4) {
  const files = memoryFiles();
  files.put('in', body);
  const { tag = '', bytes = 0 } = (await files.describe('in')) ?? {};
  const { description } = sumModel({ name: 'sum', ...(features && { features }) });
  const pieces = [];
  for await (const piece of readPieces(files, { key: 'in', tag, bytes, start: 0, format, description, rowsPerRun })) {
    if (piece.kind === 'lines') pieces.push({ ...piece, content: Buffer.from(piece.content).toString() });
    else pieces.push({ ...piece, numbers: [...piece.numbers] });
  }
  return pieces;
}

test('a byte order mark is no part of the first line', async () => {
  const [json] = await piecesOf('jsonl', '\ufeff[1,2,3]\n');
  expect(json).toEqual({ kind: 'numbers', rows: 1, numbers: [1, 2, 3], end: 11 });
  const [csv] = await piecesOf('csv', '\ufeffb,a,c\r\n1,2,3\r\n', ['a', 'b', 'c']);
  expect(csv).toEqual({ kind: 'numbers', rows: 1, numbers: [2, 1, 3], end: 17, columns: [1, 0, 2] });
});

test('columns that a first line names are chosen from each line; one that is short is looked at by itself', async () => {
  const pieces = await piecesOf('csv', 'c,other,a,b\n1,0,2,3\n4,0,5,6\n7,8\n', ['a', 'b', 'c'], 2);
  expect(pieces.map(({ end: _, ...piece }) => piece)).toEqual([
    { kind: 'numbers', rows: 1, numbers: [2, 3, 1], columns: [2, 3, 0] },
    { kind: 'lines', content: '4,0,5,6\n7,8', columns: [2, 3, 0] },
  ]);
});

test('long lines are handed on as they come, never by the hundred', async () => {
  const line = `[1,2,3${' '.repeat(MIB)}]`;
  const pieces = await piecesOf('jsonl', `${line}\n`.repeat(12), undefined, 256);
  expect(pieces.map((piece) => piece.kind === 'numbers' && piece.rows).every((rows) => rows && rows <= 8)).toBe(true);
  expect(pieces.at(-1)?.end).toBe(12 * (line.length + 1));
});

test('lines and rows that chunks cut in two are whole', async () => {
  const rows = Array.from({ length: 500_000 }, (_, row) => `${row % 1000},${row % 7},0.5`);
  const pieces = await piecesOf('csv', rows.join('\n'), undefined, 65_536);
  expect(pieces.every(({ kind }) => kind === 'numbers')).toBe(true);
  const numbers = pieces.flatMap((piece) => (piece.kind === 'numbers' ? piece.numbers : []));
  expect(numbers.length).toBe(3 * rows.length);
  expect(
    numbers.findIndex((value, at) => value !== [Math.floor(at / 3) % 1000, Math.floor(at / 3) % 7, 0.5][at % 3]),
  ).toBe(-1);

  const floats = Float32Array.from({ length: 1_200_000 }, (_, at) => at % 1001);
  const records = await piecesOf('float32', new Uint8Array(floats.buffer), undefined, 65_536);
  const read = records.flatMap((piece) => (piece.kind === 'numbers' ? piece.numbers : []));
  expect(read.length).toBe(floats.length);
  expect(read.findIndex((value, at) => value !== at % 1001)).toBe(-1);
});

test('a line as long as lines may be is read, one byte more is not', async () => {
  const longest = `[${' '.repeat(LONGEST_LINE_BYTES - 8)}1,2,3]\n`;
  const pieces = await piecesOf('jsonl', `[1,1,1]\n${longest}[2,2,2]`);
  expect(pieces.flatMap((piece) => (piece.kind === 'numbers' ? piece.numbers : []))).toEqual([
    1, 1, 1, 1, 2, 3, 2, 2, 2,
  ]);
  await expect(piecesOf('jsonl', `[1,1,1]\n  ${longest}`)).rejects.toThrow('the line at byte 8 is longer than');
});
