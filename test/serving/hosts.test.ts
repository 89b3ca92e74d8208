/** The bundle that goes into the image, started as each of its three hosts starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleService } from '../../pipeline/image/build/bundle.ts';
import { findBundler } from '../../pipeline/image/build/esbuild.ts';
import { denseModel } from '../../services/inference/src/test-models.ts';

const root = join(import.meta.dirname, '../..');
const samples = join(root, 'services/inference/models');
const light = [4, 97, 67, 2065, 17.8, 1980, 2];
const running: ChildProcess[] = [];
let folder: string;

beforeAll(async () => {
  // Where the native package is found as it is in the image: in node_modules beside or above the bundle.
  folder = mkdtempSync(join(root, 'node_modules/.hosts-test-'));
  const manifest = { name: 'inference', entry: 'main.ts' };
  const { code } = await bundleService(
    { program: findBundler(root), folder },
    { root, manifest, external: ['onnxruntime-node'] },
  );
  writeFileSync(join(folder, 'main.mjs'), code);
  mkdirSync(join(folder, 'large'));
  const { json, onnx } = denseModel({ name: 'large', sizes: [7, 900, 800, 1], seed: 1 });
  writeFileSync(join(folder, 'large/model.json'), json);
  writeFileSync(join(folder, 'large/model.onnx'), onnx);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(environment: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [join(folder, 'main.mjs'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (let attempt = 0; attempt < 600; attempt++) {
      const found = pattern.exec(said);
      if (found) return found;
      if (child.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`it never said ${pattern}:\n${said}`);
  };
  return { child, until };
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function listening(environment: Record<string, string>, ...args: string[]) {
  const started = start(environment, ...args);
  const [, port] = await started.until(/"message":"listening".*"port":(\d+)/);
  await started.until(/"kind":"loaded"/);
  return { ...started, url: `http://127.0.0.1:${port}` };
}

test('as a service of ECS it speaks the Open Inference Protocol', async () => {
  const { url, child } = await listening({
    MODEL_FOLDER: join(samples, 'fuel-economy/1'),
    TENANCY: 'trusted',
    PORT: '0',
  });
  expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200);
  const inputs = [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: light }];
  expect(await (await post(`${url}/v2/models/model/infer`, { inputs })).json()).toMatchObject({
    model_name: 'fuel-economy',
  });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('SageMaker starts it with `serve`; SIGTERM lets requests in flight end, and its models’ processes go with it', async () => {
  const { url, child, until } = await listening(
    { MODEL_FOLDER: join(folder, 'large'), SAGEMAKER_BIND_TO_PORT: '0' },
    'serve',
  );
  expect((await fetch(`${url}/ping`)).status).toBe(200);
  const rows = Array.from({ length: 3_000 }, () => light);
  const asked = post(`${url}/invocations`, { instances: rows });
  await sleep(50);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const answer = await asked;
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as { predictions: number[] }).predictions).toHaveLength(3_000);
  await until(/"message":"stopped"/);
  expect(await exited).toEqual([0, null]);
});

test('a container whose only model is broken ends and says why', async () => {
  const { child, until } = start({ MODEL_FOLDER: folder, PORT: '0' }, 'serve');
  const exited = once(child, 'exit');
  await until(/"message":"stopped by an error".*needs model.onnx and model.json/);
  expect(await exited).toEqual([1, null]);
});

test('Lambda gives it invocations through its runtime API', async () => {
  const event = (path: string, body: unknown) => ({
    httpMethod: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  });
  const events = [event('/invocations', { instances: [light] }), event('/invocations', { instances: [[1]] })];
  const posted: { statusCode: number; body: string }[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const api = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const next = events.shift();
      if (!next) return resolve();
      return void response
        .writeHead(200, { 'lambda-runtime-aws-request-id': 'a', 'lambda-runtime-deadline-ms': '1' })
        .end(JSON.stringify(next));
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    posted.push(JSON.parse(body));
    response.writeHead(202).end();
  });
  await new Promise<void>((ready) => api.listen(0, '127.0.0.1', ready));
  const { port } = api.address() as AddressInfo;
  const { child, until } = start({
    MODEL_FOLDER: join(samples, 'fuel-economy/1'),
    TENANCY: 'trusted',
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
  });
  await done;
  // What a deployment compares with the release before: each part took some time.
  const [said] = await until(/"message":"cold start".*/);
  const times = ['init', 'load', 'firstRun'].map((part) => Number(new RegExp(`"${part}":([\\d.]+)`).exec(said)?.[1]));
  for (const time of times) expect(time).toBeGreaterThan(0);
  expect(posted.map(({ statusCode }) => statusCode)).toEqual([200, 400]);
  expect(JSON.parse(posted[0]?.body ?? '')).toEqual({ predictions: [expect.closeTo(35.3, 1)] });
  child.kill('SIGTERM');
  await once(child, 'exit');
  api.closeAllConnections();
  api.close();
});
