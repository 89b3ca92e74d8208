import { loadModel, type Model } from '../model/session.ts';
import { LARGEST_INPUT_BYTES } from './format.ts';
import { memoryFiles } from './test-files.ts';
import { sumModel } from './test-models.ts';
import { type TransformSurroundings, transform } from './transform.ts';

const load = async (fields: Parameters<typeof sumModel>[0]): Promise<Model> => {
  const model = await loadModel(sumModel(fields));
  if (!model.ok) throw new Error(model.error);
  return model.value;
};

let sum: Model;
let named: Model;
beforeAll(async () => {
  sum = await load({ name: 'sum' });
  named = await load({ name: 'named', features: ['a', 'b', 'c'] });
});
afterAll(async () => {
  await sum.release();
  await named.release();
});

const surroundings = (
  files: TransformSurroundings['files'],
  model = sum,
  more: Partial<TransformSurroundings> = {},
) => ({
  files,
  findModel: async () => ({ ok: true, value: model }) as const,
  stopping: new AbortController().signal,
  rowsPerRun: 4,
  ...more,
});
const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const JSONL = { input: 'in', output: 'out', format: 'jsonl' } as const;
const CSV = { input: 'in', output: 'out', format: 'csv' } as const;

test('each line gets its answer or its error, whatever the other lines are', async () => {
  const files = memoryFiles();
  files.put('in', '[1,2,3]\n{"x":[1,1,1]}\n\nnonsense\n[1,2]\n[1,2,"3"]\n{"y":1}\n[0,0,0.5]');
  expect(await transform(JSONL, surroundings(files))).toEqual({ kind: 'done', rows: 7, failed: 4, version: '1' });
  expect(linesOf(files.text('out'))).toEqual([
    { row: 0, outputs: { y: 12 } },
    { row: 1, outputs: { y: 6 } },
    { row: 2, error: 'is not JSON' },
    { row: 3, error: 'x has 2 values, the shape [1,3] needs 3' },
    { row: 4, error: 'x at 2 is "3", expected a number' },
    { row: 5, error: 'lacks x' },
    { row: 6, outputs: { y: 1 } },
  ]);
});

test.each([
  ['without names', '1,2,3\n"4",5,6\r\n7,,9\n', () => sum, [12, 30, undefined]],
  ['names that the model does not know', 'p,q,r\n1,2,3\n', () => sum, [12]],
  ['columns by name, in any order', 'c,extra,"a",b\n3,x,1,2\n', () => named, [12]],
])('CSV: %s', async (_, text, model, answers) => {
  const files = memoryFiles();
  files.put('in', text);
  expect(await transform(CSV, surroundings(files, model()))).toMatchObject({ kind: 'done', rows: answers.length });
  expect(linesOf(files.text('out')).map((line) => (line as { outputs?: { y: number } }).outputs?.y)).toEqual(answers);
});

test('numbers are answered with numbers; a row that is not finite costs no other row its answer', async () => {
  const files = memoryFiles();
  files.put('in', new Uint8Array(Float32Array.from([1, 2, 3, Number.NaN, 0, 0, 1, 1, 1]).buffer));
  const outcome = await transform({ ...JSONL, format: 'float32' }, surroundings(files));
  expect(outcome).toMatchObject({ kind: 'done', rows: 3, failed: 1 });
  const answers = new Float32Array(new Uint8Array(files.objects.get('out')?.body ?? []).buffer);
  expect([...answers]).toEqual([12, Number.NaN, 6]);
});

test.each([
  ['a file that is not there', undefined, JSONL, 'the file does not exist'],
  ['a file without rows', '\n\n', JSONL, 'the file has no rows'],
  ['half a row of numbers', 'abcde', { ...JSONL, format: 'float32' as const }, 'the file has 5 bytes, a row has 12'],
  ['a line without end', 'x'.repeat(5 * 2 ** 20), JSONL, /the line at byte 0 is longer than/],
])('%s is refused with a reason', async (_, body, job, reason) => {
  const files = memoryFiles();
  if (body !== undefined) files.put('in', body);
  const outcome = await transform(job, surroundings(files));
  expect(outcome).toEqual({
    kind: 'refused',
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
  });
  expect(files.objects.has('out')).toBe(false);
});

test('missing columns, another model and too large a file are refused', async () => {
  const files = memoryFiles();
  files.put('in', 'a,b\n1,2\n');
  const lacking = await transform(CSV, surroundings(files, named));
  expect(lacking).toEqual({ kind: 'refused', reason: 'the first line lacks c' });
  const unknown = { findModel: async () => ({ ok: false, error: 'there is no model x' }) as const };
  expect(await transform(CSV, surroundings(files, sum, unknown))).toEqual({
    kind: 'refused',
    reason: 'there is no model x',
  });
  const large = {
    ...files,
    describe: async (key: string) =>
      key === 'in' ? { bytes: LARGEST_INPUT_BYTES + 1, tag: 't', metadata: {} } : undefined,
  };
  expect(await transform(CSV, surroundings(large))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('at most 1073741824'),
  });
});

/** Ends at an operation, as if the process had been killed there, and tries again until it gets through. */
async function withKills(
  text: string,
  job: typeof JSONL | typeof CSV,
  options: { readonly every: number; readonly partBytes?: number },
) {
  let operations = 0;
  let kills = 0;
  const versions: (string | undefined)[] = [];
  const files = memoryFiles(() => {
    operations += 1;
    if (operations % options.every !== 0) return;
    kills += 1;
    throw new Error('killed');
  });
  files.put('in', text);
  for (let attempt = 0; attempt < 200; attempt++) {
    const findModel = async (version: string | undefined) => {
      versions.push(version);
      return { ok: true, value: job === CSV ? named : sum } as const;
    };
    const more = { findModel, saveEvery: 0, ...(options.partBytes && { partBytes: options.partBytes }) };
    const outcome = await transform(job, surroundings(files, sum, more)).catch(() => undefined);
    if (outcome) return { files, outcome, kills, versions };
  }
  throw new Error('never done');
}

test.each([
  [JSONL, 7, undefined],
  [JSONL, 8, 100],
  [JSONL, 11, 300],
  [CSV, 9, 120],
])(
  'killed again and again (%j, every %d operations, parts of %d bytes), each row is there once',
  async (job, every, partBytes) => {
    const rows = Array.from({ length: 60 }, (_, row) => [row, 0.5, 1]);
    const body =
      job === CSV
        ? `c,b,a\n${rows.map((row) => row.join()).join('\n')}`
        : rows.map((row) => JSON.stringify(row)).join('\n');
    const { files, outcome, kills, versions } = await withKills(body, job, { every, ...(partBytes && { partBytes }) });
    expect(outcome).toEqual({ kind: 'done', rows: 60, failed: 0, version: '1' });
    expect(linesOf(files.text('out'))).toEqual(
      rows.map(([first = 0], row) => ({ row, outputs: { y: 2 * first + 3 } })),
    );
    expect(kills).toBeGreaterThan(3);
    expect(versions.slice(2)).toContain('1');
  },
);

test('told to stop it keeps what is done, and goes on there', async () => {
  const files = memoryFiles();
  files.put('in', '[1,1,1]\n'.repeat(20));
  const stop = new AbortController();
  const stopped = await transform(
    JSONL,
    surroundings(files, sum, { stopping: stop.signal, onProgress: () => stop.abort() }),
  );
  expect(stopped).toEqual({ kind: 'stopped' });
  const seen: number[] = [];
  const outcome = await transform(JSONL, surroundings(files, sum, { onProgress: (rows) => void seen.push(rows) }));
  expect(outcome).toMatchObject({ kind: 'done', rows: 20 });
  expect(seen[0]).toBe(8);
  expect([...files.objects.keys()].sort()).toEqual(['in', 'out']);
});

test('lines that were made to do harm cost no other line its answer', async () => {
  const deep = 100_000;
  const files = memoryFiles();
  const lines = [
    '[1,1,1]',
    `[1,2,${'['.repeat(deep)}${']'.repeat(deep)}]`,
    `${'{"x":'.repeat(deep)}1${'}'.repeat(deep)}`,
    '{"__proto__":{"x":[1,1,1]}}',
    '[1,2,3\u0000]',
    '[1e400,-1e400,1]',
    '[1,1,1]\u2028',
    '\ufeff[1,1,1]',
    '[3,3,3]',
  ];
  files.put('in', lines.join('\n'));
  expect(await transform(JSONL, surroundings(files))).toMatchObject({ kind: 'done', rows: 9, failed: 7 });
  const answers = linesOf(files.text('out')) as { outputs?: { y: number }; error?: string }[];
  expect(answers.map(({ outputs }) => outputs?.y)).toEqual([6, ...Array(7).fill(undefined), 18]);
  for (const { error } of answers) expect(error?.length ?? 0).toBeLessThan(400);
});

test('of two that work on the same file one goes on, and the result is whole', async () => {
  const files = memoryFiles();
  files.put('in', '[1,1,1]\n'.repeat(40));
  const both = await Promise.all([1, 2].map(() => transform(JSONL, surroundings(files, sum, { saveEvery: 0 }))));
  expect(both.map(({ kind }) => kind).sort()).toEqual(['done', 'overtaken']);
  expect(linesOf(files.text('out'))).toHaveLength(40);
});

test('a file that was changed after it was begun is another one', async () => {
  const files = memoryFiles();
  files.put('in', '[1,1,1]\n'.repeat(20));
  const stop = new AbortController();
  await transform(JSONL, surroundings(files, sum, { stopping: stop.signal, onProgress: () => stop.abort() }));
  files.put('in', '[2,2,2]\n'.repeat(20));
  expect(await transform(JSONL, surroundings(files))).toEqual({ kind: 'changed' });
});

test('lines of numbers read from their bytes give what they give when each is read by itself', async () => {
  const lines = [
    '1,2,3',
    ' 4 , -5.25,6',
    '0.1,0.2,16777217',
    '1e2,2,3',
    '1,2',
    '1,2,3,4',
    '',
    '01,2,3',
    '9,9,9\r',
    '3.4e39,1,1',
    'a,b,c',
    '7,8,9',
    '1.5,2.5,1234567.891',
  ];
  // From each line on, so that every one of them comes first in a run of two once.
  for (const [format, wrap] of [
    ['csv', (line: string) => line],
    ['jsonl', (line: string) => (line === '' ? '' : `[${line.trimEnd()}]${line.endsWith('\r') ? '\r' : ''}`)],
  ] as const)
    for (const model of [sum, named])
      for (let from = 0; from < lines.length; from++) {
        const rows = ['1,1,1', '2,2,2', ...lines.slice(from), ...lines.slice(0, from)].map(wrap);
        const results: string[] = [];
        // A tab is nothing that the quick way knows, and nothing to JSON and CSV.
        for (const text of [rows.join('\n'), rows.map((row) => (row === '' ? row : `\t${row}`)).join('\n')]) {
          const files = memoryFiles();
          files.put('in', text);
          await transform({ input: 'in', output: 'out', format }, surroundings(files, model, { rowsPerRun: 2 }));
          results.push(files.text('out'));
        }
        expect(results[0]).toBe(results[1]);
        expect(results[0]?.split('\n').length).toBe(15);
      }
});
