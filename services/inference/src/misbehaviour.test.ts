import { encodeModel } from '../../kit/model/onnx-write.ts';
import { memoryObjects } from '../../kit/test-support.ts';
import { denseModel, hungryModel, inBucket, loopingModel } from './test-models.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const good = denseModel({ name: 'good', tenant: 'acme', sizes: [1, 4, 1], seed: 1 });
const large = denseModel({ name: 'large', tenant: 'acme', sizes: [1, 300, 300, 1], seed: 2 });
const header = { 'x-slipway-tenant': 'acme' };
const servers: TestServer[] = [];
afterAll(() => Promise.all(servers.map(({ server }) => server.stop())));

async function serve(
  models: Parameters<typeof inBucket>[0],
  change: (objects: Map<string, Uint8Array>) => void = () => undefined,
) {
  const objects = new Map(inBucket([good, large, ...models]));
  change(objects);
  const started = await startTestServer({
    objects: memoryObjects(objects),
    runLimits: { milliseconds: 2_000, bytes: 700 * 2 ** 20 },
  });
  servers.push(started);
  const ask = (model: string, ...values: number[]) =>
    started.ask(
      'POST',
      `/v2/models/${model}/infer`,
      { inputs: [{ name: 'x', shape: [values.length, 1], datatype: 'FP32', data: values }] },
      header,
    );
  return { ...started, ask };
}

test('a model that hangs is ended and set apart; the ones beside it answer on', async () => {
  const { ask, server, reported } = await serve([loopingModel({ name: 'endless', tenant: 'acme' })]);
  expect(await ask('endless', 3)).toMatchObject({ status: 200, text: expect.stringContaining('"data":[6]') });
  expect((await ask('large', 1)).status).toBe(200);
  const [hanging, small] = await Promise.all([ask('endless', 1e12), ask('good', 1), ask('large', 1)]);
  expect(hanging).toMatchObject({ status: 503, text: expect.stringContaining('gave no answer within 2000 ms') });
  expect(small.status).toBe(200);
  const apart = await ask('endless', 3);
  expect(apart).toMatchObject({
    status: 503,
    text: expect.stringMatching(/endless 1 cannot be served: gave no answer/),
  });
  expect(Number(apart.headers?.['retry-after'])).toBeGreaterThan(10);
  expect((await ask('large', 1)).status).toBe(200);
  expect(reported).toHaveLength(1);
  expect(server.metricsText()).toMatch(/models_set_apart 1\n/);
});

test('a model that takes memory without bound is ended; its neighbour in the same process answers', async () => {
  const { ask } = await serve([hungryModel({ name: 'hungry', tenant: 'acme' })]);
  expect((await ask('hungry', 10)).status).toBe(200);
  expect((await ask('large', 1)).status).toBe(200);
  const [taken, neighbour] = await Promise.all([ask('hungry', 2e9), ask('large', 2)]);
  expect(taken.status).toBe(503);
  expect(taken.text).toMatch(/took more than 700 MiB/);
  expect(neighbour.status).toBe(200);
});

test.each([
  ['a truncated file', (onnx: Buffer) => onnx.subarray(0, onnx.length - 200), /too early|no ONNX file|invalid|failed/i],
  ['no ONNX file', () => Buffer.from('hello'), /no ONNX file|no graph/],
  [
    'an operator set that does not exist',
    () =>
      encodeModel({
        name: 'x',
        operatorSet: 999,
        inputs: [{ name: 'x', shape: ['r', 1] }],
        outputs: [{ name: 'y', shape: ['r', 1] }],
        constants: [],
        nodes: [{ operator: 'Relu', inputs: ['x'], output: 'y' }],
      }),
    /opset/i,
  ],
  [
    'another shape than model.json says',
    () =>
      encodeModel({
        name: 'x',
        inputs: [{ name: 'x', shape: ['r', 7] }],
        outputs: [{ name: 'y', shape: ['r', 1] }],
        constants: [],
        nodes: [{ operator: 'Relu', inputs: ['x'], output: 'y' }],
      }),
    /x is \[-1,1\] in model.json/,
  ],
])('%s is set apart with its reason, and harms nobody', async (_what, change, reason) => {
  const broken = denseModel({ name: 'broken', tenant: 'acme', sizes: [1, 4, 1], seed: 3 });
  const { ask } = await serve([{ ...broken, onnx: change(broken.onnx) }]);
  for (let attempt = 0; attempt < 2; attempt++) {
    const answer = await ask('broken', 1);
    expect(answer.status).toBe(503);
    expect(answer.text).toMatch(reason);
  }
  expect((await ask('good', 1)).status).toBe(200);
});

test('a version without its files is no version; a description of another model is refused', async () => {
  const { ask } = await serve([], (objects) => {
    objects.set('tenants/acme/half/1/model.json', Buffer.from(good.json));
    objects.set('tenants/acme/wrong/1/model.json', Buffer.from(good.json));
    objects.set('tenants/acme/wrong/1/model.onnx', good.onnx);
  });
  expect((await ask('half', 1)).status).toBe(404);
  expect(await ask('wrong', 1)).toMatchObject({ status: 503, text: expect.stringContaining('describes acme/good 1') });
});

test('inputs that overflow have no finite answer: 422, not a bug; bytes can say what came out', async () => {
  const onnx = encodeModel({
    name: 'x',
    inputs: [{ name: 'x', shape: ['r', 1] }],
    outputs: [{ name: 'y', shape: ['r', 1] }],
    constants: [{ name: 'factor', shape: [1], values: Float32Array.of(1e30) }],
    nodes: [{ operator: 'Mul', inputs: ['x', 'factor'], output: 'y' }],
  });
  const { ask, captured } = await serve([
    { ...denseModel({ name: 'factor', tenant: 'acme', sizes: [1, 1], seed: 1 }), onnx },
  ]);
  expect((await ask('factor', 2)).status).toBe(200);
  const overflowing = await ask('factor', 3.4e38);
  expect(overflowing).toMatchObject({ status: 422, text: expect.stringContaining('y at 0 is Infinity') });
  expect(captured).toEqual([]);
});
