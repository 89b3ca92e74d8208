import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeModel } from '../../kit/model/onnx-write.ts';
import { memoryObjects } from '../../kit/test-support.ts';
import { denseModel, hungryModel, inBucket, loopingModel } from './test-models.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const good = denseModel({ name: 'good', tenant: 'acme', sizes: [1, 4, 1], seed: 1 });
const large = denseModel({ name: 'large', tenant: 'acme', sizes: [1, 300, 300, 1], seed: 2 });
const header = { 'x-slipway-tenant': 'acme' };
const relu = (columns: number, operatorSet?: number) =>
  encodeModel({
    name: 'relu',
    inputs: [{ name: 'x', shape: ['r', columns] }],
    outputs: [{ name: 'y', shape: ['r', 1] }],
    constants: [],
    nodes: [{ operator: 'Relu', inputs: ['x'], output: 'y' }],
    ...(operatorSet && { operatorSet }),
  });
const overflow = encodeModel({
  name: 'factor',
  inputs: [{ name: 'x', shape: ['r', 1] }],
  outputs: [{ name: 'y', shape: ['r', 1] }],
  constants: [{ name: 'factor', shape: [1], values: Float32Array.of(1e30) }],
  nodes: [{ operator: 'Mul', inputs: ['x', 'factor'], output: 'y' }],
});
/** Answers as many numbers per row as the first input says. */
const talkative = encodeModel({
  name: 'expand',
  inputs: [{ name: 'x', shape: ['r', 1] }],
  outputs: [{ name: 'y', shape: ['r', 'c'] }],
  constants: [{ name: 'single', shape: [1], values: BigInt64Array.of(1n) }],
  nodes: [
    { operator: 'ReduceMax', inputs: ['x'], output: 'largest', attributes: { keepdims: 0 } },
    { operator: 'Cast', inputs: ['largest'], output: 'count', attributes: { to: 7 } },
    { operator: 'Reshape', inputs: ['count', 'single'], output: 'counts' },
    { operator: 'Concat', inputs: ['single', 'counts'], output: 'sizes', attributes: { axis: 0 } },
    { operator: 'Expand', inputs: ['x', 'sizes'], output: 'y' },
  ],
});
const wide = denseModel({ name: 'wide', tenant: 'acme', sizes: [1, 30_000], seed: 3 });
const named = (name: string, onnx: Buffer) => ({
  ...denseModel({ name, tenant: 'acme', sizes: [1, 1], seed: 1 }),
  onnx,
});

const withOutput = ({ onnx, json }: ReturnType<typeof named>, shape: number[]) => ({
  onnx,
  json: JSON.stringify({ ...JSON.parse(json), outputs: [{ name: 'y', datatype: 'FP32', shape }] }),
});

let server: TestServer;
const ask = (model: string, ...values: number[]) =>
  server.ask(
    'POST',
    `/v2/models/${model}/infer`,
    { inputs: [{ name: 'x', shape: [values.length, 1], datatype: 'FP32', data: values }] },
    header,
  );

beforeAll(async () => {
  const models = [
    good,
    large,
    loopingModel({ name: 'endless', tenant: 'acme' }),
    loopingModel({ name: 'counting', tenant: 'acme' }),
    hungryModel({ name: 'hungry', tenant: 'acme' }),
    named('truncated', good.onnx.subarray(0, good.onnx.length - 200)),
    named('no-onnx', Buffer.from('hello')),
    named('opset', relu(1, 999)),
    named('shape', relu(7)),
    named('factor', overflow),
  ];
  const objects = new Map(inBucket([...models, wide, withOutput(named('talkative', talkative), [-1, -1])]));
  objects.set('tenants/acme/half/1/model.json', Buffer.from(good.json));
  objects.set('tenants/acme/wrong/1/model.json', Buffer.from(good.json));
  objects.set('tenants/acme/wrong/1/model.onnx', good.onnx);
  server = await startTestServer({
    objects: memoryObjects(objects),
    // On a busy machine it takes seconds to fill the memory.
    runLimits: { milliseconds: 3_000, bytes: 500 * 2 ** 20 },
  });
});
afterAll(() => server.server.stop());

test('a model that hangs is ended and set apart; the ones beside it answer on', async () => {
  expect(await ask('endless', 3)).toMatchObject({ status: 200, text: expect.stringContaining('"data":[6]') });
  expect((await ask('large', 1)).status).toBe(200);
  const [hanging, small] = await Promise.all([ask('endless', 1e12), ask('good', 1), ask('large', 1)]);
  expect(hanging).toMatchObject({ status: 503, text: expect.stringContaining('gave no answer within 3000 ms') });
  expect(small.status).toBe(200);
  const apart = await ask('endless', 3);
  expect(apart).toMatchObject({
    status: 503,
    text: expect.stringMatching(/endless 1 cannot be served: gave no answer/),
  });
  expect(Number(apart.headers?.['retry-after'])).toBeGreaterThan(10);
  expect((await ask('large', 1)).status).toBe(200);
  expect(server.reported).toHaveLength(1);
  expect(server.server.metricsText()).toMatch(/models_set_apart 1\n/);
});

test('a model that takes memory without bound is ended; its neighbour in the same process answers', async () => {
  expect((await ask('hungry', 10)).status).toBe(200);
  expect((await ask('large', 1)).status).toBe(200);
  const [taken, neighbour] = await Promise.all([ask('hungry', 2e9), ask('large', 2)]);
  expect(taken.status).toBe(503);
  expect(taken.text).toMatch(/took more than 500 MiB/);
  expect(neighbour.status).toBe(200);
});

test.each([
  ['truncated', /too early|no ONNX file|invalid|failed/i],
  ['no-onnx', /no ONNX file|no graph/],
  ['opset', /opset/i],
  ['shape', /x is \[-1,1\] in model.json/],
  ['wrong', /describes acme\/good 1/],
])('%s is set apart with its reason, and harms nobody', async (model, reason) => {
  for (let attempt = 0; attempt < 2; attempt++) {
    const answer = await ask(model, 1);
    expect(answer.status).toBe(503);
    expect(answer.text).toMatch(reason);
  }
  expect((await ask('good', 1)).status).toBe(200);
});

test('an answer that would fill the memory of the server is refused, and the model goes on', async () => {
  expect((await ask('talkative', 1000)).status).toBe(200);
  const before = process.memoryUsage.rss();
  expect(await ask('talkative', 2e7)).toMatchObject({
    status: 422,
    text: expect.stringContaining('the answer has 80000000 bytes, at most 8388608 are possible'),
  });
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 2 ** 20);
  expect((await ask('talkative', 1000)).status).toBe(200);
  const row = Array.from({ length: 1000 }, () => 1);
  expect(await ask('wide', ...row)).toMatchObject({ status: 413, text: expect.stringContaining('120000000 bytes') });
  expect((await ask('wide', 1)).status).toBe(200);
});

const killRunners = async () => {
  for (const pid of server.server.runnerPids()) process.kill(pid, 'SIGKILL');
  while (server.server.runnerPids().length > 0) await sleep(10);
};

test('a process that is killed, idle or at work, costs no request', async () => {
  expect((await ask('large', 1)).status).toBe(200);
  await killRunners();
  expect((await ask('large', 1)).status).toBe(200);
  expect((await ask('counting', 3)).status).toBe(200);
  const working = ask('counting', 3e5);
  await sleep(20);
  for (const pid of server.server.runnerPids()) process.kill(pid, 'SIGKILL');
  expect((await working).status).toBe(200);
  expect((await ask('counting', 3)).status).toBe(200);
});

test('a model whose process was killed while its file had left the disk is fetched and loaded anew', async () => {
  expect((await ask('large', 1)).status).toBe(200);
  for (const file of readdirSync(server.folder)) if (file.includes('large')) rmSync(join(server.folder, file));
  await killRunners();
  const first = await ask('large', 1);
  expect(first).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect((await ask('large', 1)).status).toBe(200);
});

test('a disk that takes nothing harms no model that is loaded, and is named', async () => {
  const broken = await startTestServer({ objects: memoryObjects(new Map(inBucket([good, wide]))) });
  const asked = (name: string) =>
    broken.ask(
      'POST',
      `/v2/models/${name}/infer`,
      { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] },
      header,
    );
  expect((await asked('good')).status).toBe(200);
  rmSync(broken.folder, { recursive: true });
  writeFileSync(broken.folder, 'no folder');
  expect(await asked('wide')).toMatchObject({
    status: 503,
    text: expect.stringContaining('the disk of the service is full'),
  });
  expect((await asked('good')).status).toBe(200);
  expect(
    broken.logged.filter(({ level, message }) => level === 'error' && message === 'the disk cannot keep a model'),
  ).toHaveLength(1);
  rmSync(broken.folder);
  expect((await asked('wide')).status).toBe(200);
  await broken.server.stop();
});

test('a version that lacks a file is no version', async () => {
  expect((await ask('half', 1)).status).toBe(404);
});

test('inputs that overflow have no finite answer: 422, not a bug', async () => {
  expect((await ask('factor', 2)).status).toBe(200);
  const overflowing = await ask('factor', 3.4e38);
  expect(overflowing).toMatchObject({ status: 422, text: expect.stringContaining('y at 0 is Infinity') });
  expect(server.captured).toEqual([]);
});
