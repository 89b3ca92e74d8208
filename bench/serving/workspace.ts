/** Models in a folder, requests for them, and our server in front. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inBucket, type MadeModel } from '../../services/inference/src/test-models.ts';
import { toRequest } from './client.ts';
import { type RunningServer, startProcess } from './processes.ts';

export const COLUMNS = 100;
export const PATH = '/v2/models/dense/infer';

export interface Workspace {
  readonly folder: string;
  /** Path of a model's file below the folder. */
  path(key: string): string;
  remove(): void;
}

export function createWorkspace(models: readonly MadeModel[]): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'slipway-bench-serving-'));
  const folder = join(root, 'models');
  for (const [key, bytes] of inBucket(models)) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), bytes);
  }
  return { folder, path: (key) => join(folder, key), remove: () => rmSync(root, { recursive: true, force: true }) };
}

const values = (rows: number): number[] =>
  Array.from({ length: rows * COLUMNS }, (_, at) => Math.round(Math.sin(at) * 1e4) / 1e4);

export function jsonRequest(rows: number, headers: Readonly<Record<string, string>> = {}): Buffer {
  const input = { name: 'x', shape: [rows, COLUMNS], datatype: 'FP32', data: values(rows) };
  return toRequest(PATH, Buffer.from(JSON.stringify({ inputs: [input] })), headers);
}

/** Each row a list of its own, as the protocol allows it, too. */
export function nestedRequest(rows: number): Buffer {
  const all = values(rows);
  const data = Array.from({ length: rows }, (_, row) => all.slice(row * COLUMNS, (row + 1) * COLUMNS));
  return toRequest(
    PATH,
    Buffer.from(JSON.stringify({ inputs: [{ name: 'x', shape: [rows, COLUMNS], datatype: 'FP32', data }] })),
  );
}

export function binaryRequest(rows: number): Buffer {
  const data = Float32Array.from(values(rows));
  const input = {
    name: 'x',
    shape: [rows, COLUMNS],
    datatype: 'FP32',
    parameters: { binary_data_size: data.byteLength },
  };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.length),
  };
  return toRequest(PATH, Buffer.concat([head, Buffer.from(data.buffer)]), headers);
}

export interface OurServer extends RunningServer {
  readonly api: number;
  /** Resident bytes after a collection of garbage, and processes of models apart. */
  memory(): Promise<{ readonly rss: number; readonly runners: readonly number[] }>;
  unloadAll(): Promise<void>;
}

export async function startOurs(folder: string, options: { readonly memoryBytes?: number } = {}): Promise<OurServer> {
  const server = await startProcess('ours.ts', [folder, JSON.stringify(options)]);
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${server.port}${path}`);
  return {
    ...server,
    api: Number(await (await ask('/port')).text()),
    memory: async () => (await (await ask('/memory')).json()) as { rss: number; runners: number[] },
    unloadAll: async () => void (await ask('/unload')),
  };
}
