/** Requests per second of one model: without a model, as most people would write it, and ours. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { denseModel, SIZES } from '../../services/inference/src/test-models.ts';
import { median, type Note, type Row } from '../row.ts';
import { type Measured, measure } from './client.ts';
import { type RunningServer, startProcess } from './processes.ts';
import { binaryRequest, COLUMNS, createWorkspace, jsonRequest, nestedRequest, startOurs } from './workspace.ts';

export interface Contender {
  readonly name: string;
  readonly server: RunningServer;
  readonly port: number;
  readonly requests: readonly Buffer[];
}

export interface Result extends Measured {
  /** Microseconds of processor time per request, of all processes of the server. */
  readonly cpu: number;
}

export type SizeName = keyof typeof SIZES;

const ROUNDS = 7;
const MILLISECONDS = 800;
const WARM_UP = 1_000;
export const CONNECTIONS = 32;

export async function* measureRequests(size: SizeName): AsyncGenerator<Row | Note> {
  const model = denseModel({ name: 'dense', sizes: SIZES[size], seed: 1 });
  const workspace = createWorkspace([model]);
  const onnx = workspace.path('dense/1/model.onnx');
  const servers: RunningServer[] = [];
  const start = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  try {
    const [one, many] = [await rawRate(model.onnx, 1), await rawRate(model.onnx, 32)];
    yield note(
      `${size}: session.run alone: ${round(one)} runs/s with 1 row, ${round(many)} with 32 rows (${round(many * 32)} rows/s)`,
    );
    const none = await start(startProcess('none.ts'));
    const plain = await start(startProcess('plain.ts', [onnx]));
    const checked = await start(startProcess('plain.ts', [onnx, 'validate']));
    const ours = await start(startOurs(workspace.folder));
    const results = await compete([
      { name: 'no model', server: none, port: none.port, requests: [jsonRequest(1)] },
      { name: 'fastify', server: plain, port: plain.port, requests: [jsonRequest(1)] },
      { name: 'fastify with a schema', server: checked, port: checked.port, requests: [jsonRequest(1)] },
      { name: 'ours', server: ours, port: ours.api, requests: [jsonRequest(1)] },
      { name: 'ours binary', server: ours, port: ours.api, requests: [binaryRequest(1)] },
      { name: 'ours, 32 rows', server: ours, port: ours.api, requests: [jsonRequest(32)] },
      { name: 'ours, 32 rows as lists', server: ours, port: ours.api, requests: [nestedRequest(32)] },
      { name: 'fastify, 32 rows', server: plain, port: plain.port, requests: [jsonRequest(32)] },
      { name: 'ours binary, 32 rows', server: ours, port: ours.api, requests: [binaryRequest(32)] },
    ]);
    for (const [name, result] of results) yield note(`${size}: ${name.padEnd(24)} ${describe(result)}`);
    yield* judge(size, results);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    workspace.remove();
  }
}

/** The contenders take turns, so that what else the machine does meets all of them; each is represented by its median round. */
export async function compete(contenders: readonly Contender[]): Promise<Map<string, Result>> {
  const rounds = new Map<string, Result[]>(contenders.map(({ name }) => [name, []]));
  for (const { port, requests } of contenders)
    await measure({ port, requests, connections: CONNECTIONS, milliseconds: WARM_UP });
  for (let index = 0; index < ROUNDS; index++) {
    for (const { name, server, port, requests } of contenders) {
      const before = server.cpuSeconds();
      const measured = await measure({ port, requests, connections: CONNECTIONS, milliseconds: MILLISECONDS });
      rounds.get(name)?.push({ ...measured, cpu: ((server.cpuSeconds() - before) / measured.count) * 1e6 });
    }
  }
  return new Map([...rounds].map(([name, results]) => [name, middle(results)]));
}

function middle(results: readonly Result[]): Result {
  const rate = median(results.map((one) => one.rate));
  return results.find((one) => one.rate === rate) as Result;
}

function* judge(size: SizeName, results: ReadonlyMap<string, Result>): Generator<Row | Note> {
  const rate = (name: string): number => results.get(name)?.rate ?? Number.NaN;
  const row = (name: string, peer: string): Row => ({
    bench: 'serving',
    case: `${size}: ${name}`,
    unit: 'requests/s',
    ours: round(rate(name)),
    peer,
    theirs: round(rate(peer)),
    // Of rates, unlike times, the larger one is the faster.
    ratio: Math.round((rate(name) / rate(peer)) * 100) / 100,
  });
  yield row('ours', 'no model');
  yield row('ours', 'fastify');
  yield row('ours', 'fastify with a schema');
  yield row('ours binary, 32 rows', 'ours, 32 rows');
  yield row('ours binary, 32 rows', 'ours, 32 rows as lists');
  yield row('ours binary, 32 rows', 'fastify, 32 rows');
  if (size === '34 KB') {
    yield aim('34 KB: at least 0.9 of HTTP and JSON without a model', rate('ours') / rate('no model'), 0.9);
    const binary = rate('ours binary, 32 rows');
    yield aim(
      '34 KB: binary, 32 rows, at least 3 times JSON that JSON.parse reads',
      binary / rate('fastify, 32 rows'),
      3,
    );
    yield aim(
      '34 KB: binary, 32 rows, at least 3 times JSON that we read from its bytes',
      binary / rate('ours, 32 rows'),
      3,
    );
  } else {
    yield aim(`${size}: at least 2 times the plain server`, rate('ours') / rate('fastify'), 2);
  }
}

export const note = (text: string): Note => ({ bench: 'serving', note: text });

export function aim(what: string, reached: number, wanted: number, atMost = false): Note {
  const met = atMost ? reached <= wanted : reached >= wanted;
  return note(`aim ${met ? 'met    ' : 'NOT MET'}  ${what}: ${reached.toFixed(2)}`);
}

const round = (value: number): number => Math.round(value);

const describe = ({ rate, p50, p99, cpu }: Result): string =>
  `${String(round(rate)).padStart(6)} requests/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   ${cpu.toFixed(1)} us of processor per request`;

/** Runs per second in this process. */
async function rawRate(onnx: Uint8Array, rows: number): Promise<number> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = { x: new Tensor('float32', new Float32Array(rows * COLUMNS).fill(0.1), [rows, COLUMNS]) };
  for (let index = 0; index < 50; index++) await session.run(feeds);
  const started = performance.now();
  let runs = 0;
  for (; performance.now() - started < WARM_UP; runs++) await session.run(feeds);
  const rate = (runs / (performance.now() - started)) * 1000;
  await session.release();
  return rate;
}
