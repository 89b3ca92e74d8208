import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryObjects } from '../../kit/test-support.ts';
import { denseModel, loopingModel } from './test-models.ts';
import { startTestServer, type TestOptions } from './test-server.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-sagemaker-'));
const models = join(root, 'models');
const samples = join(import.meta.dirname, '../models');
const light = [4, 97, 67, 2065, 17.8, 1980, 2];
const heavy = [8, 400, 175, 4464, 11.5, 1971, 0];

beforeAll(() => {
  cpSync(join(samples, 'fuel-economy/1'), join(models, 'a/model'), { recursive: true });
  cpSync(join(samples, 'flight-delay/1'), join(models, 'b/model'), { recursive: true });
  cpSync(join(samples, 'flight-delay/1'), join(root, 'outside'), { recursive: true });
  symlinkSync(join(root, 'outside'), join(models, 'link'));
  mkdirSync(join(models, 'empty'));
  mkdirSync(join(models, 'broken'));
  cpSync(join(samples, 'fuel-economy/1/model.json'), join(models, 'broken/model.json'));
  writeFileSync(join(models, 'broken/model.onnx'), 'no graph');
});
afterAll(() => rmSync(root, { recursive: true }));

const start = (options: TestOptions = {}) =>
  startTestServer({
    objects: memoryObjects(),
    tenancy: 'trusted',
    modelRoots: [models],
    readyWhenEmpty: true,
    ...options,
  });

test('loads, lists, asks and unloads models as a multi-model endpoint does', async () => {
  const { ask } = await start();
  expect((await ask('GET', '/ping')).status).toBe(200);
  const url = join(models, 'a/model');
  expect((await ask('POST', '/models', { model_name: 'opaque-1', url })).status).toBe(200);
  expect((await ask('POST', '/models', { model_name: 'opaque-1', url })).status).toBe(409);
  expect((await ask('POST', '/models', { model_name: 'opaque-2', url: join(models, 'b/model') })).status).toBe(200);
  expect((await ask('GET', '/models')).json()).toEqual({
    models: [
      { modelName: 'opaque-1', modelUrl: url },
      { modelName: 'opaque-2', modelUrl: join(models, 'b/model') },
    ],
  });
  expect((await ask('GET', '/models/opaque-1')).json()).toEqual({ modelName: 'opaque-1', modelUrl: url });
  const asked = await ask('POST', '/models/opaque-1/invoke', { instances: [light, heavy] });
  expect(asked.json()).toEqual({ predictions: [expect.closeTo(35.3, 1), expect.closeTo(13.1, 1)] });
  expect((await ask('POST', '/invocations', { instances: [light] })).text).toMatch(/TargetModel: opaque-1, opaque-2/);
  expect((await ask('DELETE', '/models/opaque-1')).status).toBe(200);
  expect((await ask('DELETE', '/models/opaque-1')).status).toBe(404);
  expect((await ask('POST', '/models/opaque-1/invoke', { instances: [light] })).status).toBe(404);
  expect((await ask('POST', '/models', { model_name: 'opaque-1', url })).status).toBe(200);
});

test('while a model is being loaded the container is not ready, and the model is not there', async () => {
  const { ask } = await start({ readyWhenEmpty: false });
  const loading = ask('POST', '/models', { model_name: 'a', url: join(models, 'a/model') });
  expect((await ask('GET', '/ping')).status).toBe(503);
  expect((await ask('GET', '/models')).json()).toEqual({ models: [] });
  expect((await ask('POST', '/models', { model_name: 'a', url: join(models, 'a/model') })).status).toBe(409);
  expect((await loading).status).toBe(200);
  expect((await ask('GET', '/ping')).status).toBe(200);
});

test('a loaded model is asked by version, listed in the index and counted, whatever its name', async () => {
  const { ask, server } = await start();
  const name = 'a "b" \\ c';
  const path = `/v2/models/${encodeURIComponent(name)}`;
  await ask('POST', '/models', { model_name: name, url: join(models, 'a/model') });
  expect((await ask('GET', `${path}/versions/1/ready`)).status).toBe(200);
  expect(await ask('GET', `${path}/versions/2`)).toMatchObject({ status: 404, text: expect.stringMatching(/only 1/) });
  expect((await ask('POST', '/v2/repository/index')).json()).toEqual([
    { name, version: '1', state: 'READY', serves: true },
  ]);
  expect((await ask('POST', `/models/${encodeURIComponent(name)}/invoke`, { instances: [light] })).status).toBe(200);
  expect(server.metricsText()).toContain('requests_total{model="a \\"b\\" \\\\ c"} 1\n');
  expect((await ask('POST', '/models', { model_name: 'a\nb', url: join(models, 'a/model') })).status).toBe(400);
});

test('a loaded model that hangs is set apart, too, and can be unloaded', async () => {
  const { json, onnx } = loopingModel({ name: 'endless' });
  mkdirSync(join(models, 'endless'));
  writeFileSync(join(models, 'endless/model.json'), json);
  writeFileSync(join(models, 'endless/model.onnx'), onnx);
  const { ask, server } = await start({ runLimits: { milliseconds: 1_000 } });
  expect((await ask('POST', '/models', { model_name: 'e', url: join(models, 'endless') })).status).toBe(200);
  const invoke = (count: number) => ask('POST', '/models/e/invoke', { instances: [[count]] });
  expect((await invoke(1e12)).text).toMatch(/gave no answer within 1000 ms/);
  const apart = await invoke(3);
  expect(apart).toMatchObject({ status: 503, text: expect.stringContaining('e cannot be served: gave no answer') });
  expect(Number(apart.headers?.['retry-after'])).toBeGreaterThan(10);
  expect((await ask('DELETE', '/models/e')).status).toBe(200);
  expect((await invoke(3)).status).toBe(404);
  await server.stop();
});

test('pages miss no model when one of an earlier page is unloaded meanwhile', async () => {
  const { ask } = await start();
  for (let index = 100; index < 202; index++)
    await ask('POST', '/models', { model_name: `m${index}`, url: join(models, 'a/model') });
  const first = (await ask('GET', '/models')).json() as { nextPageToken: string };
  await ask('DELETE', '/models/m150');
  const second = (await ask('GET', `/models?next_page_token=${first.nextPageToken}`)).json();
  expect(second).toMatchObject({ models: [{ modelName: 'm200' }, { modelName: 'm201' }] });
});

test('many models are listed in pages', async () => {
  const { ask } = await start();
  for (let index = 0; index < 120; index++)
    expect((await ask('POST', '/models', { model_name: `m${index}`, url: join(models, 'a/model') })).status).toBe(200);
  const first = (await ask('GET', '/models')).json() as { models: unknown[]; nextPageToken: string };
  expect(first.models).toHaveLength(100);
  const second = (await ask('GET', `/models?next_page_token=${first.nextPageToken}`)).json();
  expect(second).toMatchObject({ models: { length: 20 } });
  expect(second).not.toHaveProperty('nextPageToken');
});

test('without memory: 507, and what is loaded stays', async () => {
  const { ask } = await start({ memoryBytes: 400_000 });
  expect((await ask('POST', '/models', { model_name: 'one', url: join(models, 'a/model') })).status).toBe(200);
  const full = await ask('POST', '/models', { model_name: 'two', url: join(models, 'b/model') });
  expect(full).toMatchObject({ status: 507 });
  expect((await ask('POST', '/models/one/invoke', { instances: [light] })).status).toBe(200);
  await ask('DELETE', '/models/one');
  expect((await ask('POST', '/models', { model_name: 'two', url: join(models, 'b/model') })).status).toBe(200);
});

test.each([
  ['/etc', /lies outside/],
  ['../../etc', /does not exist|lies outside/],
  [join(models, '../outside'), /lies outside/],
  [join(models, 'link'), /lies outside/],
  [join(models, 'empty'), /needs model.onnx and model.json/],
  [join(models, 'nowhere'), /does not exist/],
  [join(models, 'broken'), /no ONNX file|no graph/],
])('a model in %s is refused', async (url, reason) => {
  const { ask } = await start();
  const answer = await ask('POST', '/models', { model_name: 'x', url });
  expect(answer.status).toBe(400);
  expect(answer.text).toMatch(reason);
});

test.each([
  ['text/csv', `${light.join()}\n${heavy.join()}\n`, 200, /^35\.\d+\n13\.\d+\n$/],
  ['text/csv', '1,2\n', 400, /has 2 values|row 0/],
  ['text/csv', `${light.slice(1).join()},x\n`, 400, /at 6 is .+x.+, expected a number/],
  ['text/csv', '', 400, /0 rows/],
  ['text/csv', '1\n'.repeat(20_001), 400, /more than 20000 lines/],
  ['application/json', '{"instances": 1}', 400, /`instances` has to be a list/],
  ['application/json', '{"instances": [[1]]}', 400, /has 1 values/],
  ['application/json', '[]', 400, /has to be an object/],
  ['application/x-npy', 'x', 415, /send application\/json/],
])('/invocations with %s %j: %i', async (type, sent, status, reason) => {
  const { ask } = await start();
  await ask('POST', '/models', { model_name: 'only', url: join(models, 'a/model') });
  const answer = await ask('POST', '/invocations', sent, { 'content-type': type });
  expect(answer.status).toBe(status);
  expect(answer.text).toMatch(reason);
});

test('a large model computes in a process of its own, and its bytes go and come back', async () => {
  const { json, onnx } = denseModel({ name: 'large', sizes: [100, 800, 700, 1], seed: 3 });
  const objects = memoryObjects(
    new Map<string, Uint8Array>([
      ['large/1/model.json', Buffer.from(json)],
      ['large/1/model.onnx', onnx],
    ]),
  );
  const { ask, server } = await startTestServer({ objects });
  const rows = 4;
  const tensor = new Float32Array(rows * 100).map((_, at) => Math.sin(at));
  const head = JSON.stringify({
    inputs: [{ name: 'x', shape: [rows, 100], datatype: 'FP32', parameters: { binary_data_size: tensor.byteLength } }],
    outputs: [{ name: 'y', parameters: { binary_data: true } }],
  });
  const body = Buffer.concat([Buffer.from(head), Buffer.from(tensor.buffer)]);
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.length),
  };
  const answer = await ask('POST', '/v2/models/large/infer', body, headers);
  expect(answer.status).toBe(200);
  const length = Number(answer.headers?.['inference-header-content-length']);
  expect(JSON.parse(answer.bytes.toString('utf8', 0, length))).toMatchObject({
    outputs: [{ name: 'y', shape: [4, 1], parameters: { binary_data_size: 16 } }],
  });
  const inJson = await ask('POST', '/v2/models/large/infer', {
    inputs: [{ name: 'x', shape: [rows, 100], datatype: 'FP32', data: [...tensor] }],
  });
  const numbers = (inJson.json() as { outputs: { data: number[] }[] }).outputs[0]?.data ?? [];
  for (const [row, value] of numbers.entries())
    expect(answer.bytes.readFloatLE(length + row * 4)).toBeCloseTo(value, 3);
  expect(server.metricsText()).toMatch(/runner_processes 1\n/);
  await server.stop();
});
