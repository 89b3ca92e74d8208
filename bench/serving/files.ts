/** Files of rows, as `predictor` and `batch` work on them, against nothing but `session.run` with the same number of rows. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { denseModel, inBucket, SIZES } from '../../services/inference/src/test-models.ts';
import { type Computer, createComputer } from '../../services/kit/transform/computer.ts';
import type { Format } from '../../services/kit/transform/format.ts';
import { ROWS_PER_RUN } from '../../services/kit/transform/pieces.ts';
import { compared, median, type Note, type Row } from '../row.ts';
import { startProcess } from './processes.ts';
import type { SizeName } from './requests.ts';
import { COLUMNS } from './workspace.ts';

const BENCH = 'asynchronous';
const ROUNDS = 3;
const RAW_MILLISECONDS = 1_000;
/** Enough for a second or so of each. */
const ROWS: Readonly<Record<SizeName, Readonly<Record<Format, number>>>> = {
  '34 KB': { float32: 500_000, csv: 250_000, jsonl: 250_000 },
  '1 MB': { float32: 150_000, csv: 100_000, jsonl: 100_000 },
  '10 MB': { float32: 20_000, csv: 20_000, jsonl: 20_000 },
};

/** S3 of the local cloud and the model that computes have a process each. Each file is read, predicted, and its result written. */
export async function* asynchronous(part?: string): AsyncGenerator<Row | Note> {
  const store = await startProcess('store.ts');
  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' };
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL: `http://127.0.0.1:${store.port}` });
  const s3 = new S3Client({ forcePathStyle: true });
  for (const Bucket of ['models', 'files']) await s3.send(new CreateBucketCommand({ Bucket }));
  const computer = createComputer({
    program: join(import.meta.dirname, 'servers/compute.ts'),
    argument: 'compute',
    patience: 60_000,
    memoryBytes: 4 * 2 ** 30,
    files: 'files',
    models: 'models',
    prefix: '',
  });
  try {
    for (const size of Object.keys(SIZES) as SizeName[])
      if (part === undefined || part === size) yield* measureSize(size, { s3, computer });
  } finally {
    await computer.close();
    await store.stop();
  }
}

interface Tools {
  readonly s3: S3Client;
  readonly computer: Computer;
}

async function* measureSize(size: SizeName, { s3, computer }: Tools): AsyncGenerator<Row | Note> {
  const model = size.toLowerCase().replace(' ', '-');
  const made = denseModel({ name: model, sizes: SIZES[size], seed: 1 });
  for (const [Key, Body] of inBucket([made])) await s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body }));
  const session = await InferenceSession.create(made.onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  for (const format of ['float32', 'csv', 'jsonl'] as const) {
    const rows = ROWS[size][format];
    const input = `${model}.${format}`;
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: input, Body: fileOf(format, rows) }));
    const rates: { ours: number; raw: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // They take turns, so that what else the machine does meets both.
      const raw = await rawRate(session);
      const started = performance.now();
      const outcome = await computer.compute({ tenant: '', model, input, output: `${input}.${round}.out`, format });
      if (outcome.kind !== 'done' || outcome.rows !== rows || outcome.failed > 0)
        throw new Error(JSON.stringify(outcome));
      rates.push({ raw, ours: rows / ((performance.now() - started) / 1000) });
    }
    const [ours, theirs] = [median(rates.map((one) => one.ours)), median(rates.map((one) => one.raw))].map(
      Math.round,
    ) as [number, number];
    const share = Math.round((ours / theirs) * 100);
    const alone = await secondsAlone(input, model, format);
    const [reading, parsing] = [rows / median(alone.reading), rows / median(alone.parsing)].map(Math.round) as [
      number,
      number,
    ];
    yield compared({
      bench: BENCH,
      case: `${size}, ${rows} rows of ${format} (${share} %)`,
      unit: 'rows/s',
      ours,
      peer: `session.run, ${ROWS_PER_RUN} rows`,
      theirs,
    });
    yield {
      bench: BENCH,
      note: `${size}, ${format}: to read the file alone ${reading} rows/s, to read and parse it ${parsing}, so ${Math.round((ours / Math.min(parsing, theirs)) * 100)} % of what reading, parsing and computing allow at best`,
    };
  }
  await session.release();
}

/** In a process of its own, like the predictions. */
async function secondsAlone(...[key, model, format]: [string, string, Format]) {
  const program = join(import.meta.dirname, 'servers/read.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, key, model, format, String(ROUNDS)]);
  return JSON.parse(stdout) as { readonly reading: number[]; readonly parsing: number[] };
}

async function rawRate(session: InferenceSession): Promise<number> {
  const feeds = {
    x: new Tensor('float32', new Float32Array(ROWS_PER_RUN * COLUMNS).fill(0.5), [ROWS_PER_RUN, COLUMNS]),
  };
  const started = performance.now();
  let rows = 0;
  for (; performance.now() - started < RAW_MILLISECONDS; rows += ROWS_PER_RUN) await session.run(feeds);
  return rows / ((performance.now() - started) / 1000);
}

function fileOf(format: Format, rows: number): Uint8Array {
  const values = Array.from({ length: COLUMNS }, (_, at) => Math.round(Math.sin(at) * 1e4) / 1e4);
  if (format === 'float32') {
    const row = Float32Array.from(values);
    const all = new Float32Array(rows * COLUMNS);
    for (let at = 0; at < rows; at++) all.set(row, at * COLUMNS);
    return new Uint8Array(all.buffer);
  }
  return Buffer.from((format === 'csv' ? `${values.join()}\n` : `${JSON.stringify(values)}\n`).repeat(rows));
}
