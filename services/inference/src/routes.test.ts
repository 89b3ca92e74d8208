import { memoryObjects } from '../../kit/test-support.ts';
import { sampleModels, startTestServer, type TestOptions } from './test-server.ts';

const models = sampleModels();
const light = [4, 97, 67, 2065, 17.8, 1980, 2];
const heavy = [8, 400, 175, 4464, 11.5, 1971, 0];
const infer = '/v2/models/fuel-economy/infer';

interface Inference {
  readonly model_name: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: readonly number[];
  }[];
}

const serving = (options: TestOptions = {}) => startTestServer(options);

const input = (change: Record<string, unknown> = {}) => ({
  inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: light, ...change }],
});

describe('Open Inference Protocol', () => {
  test('server metadata, liveness, readiness', async () => {
    const { ask } = await serving();
    expect((await ask('GET', '/v2')).json()).toEqual({
      name: 'slipway-inference (pr-1)',
      version: 'abc123',
      extensions: ['binary_tensor_data'],
    });
    expect((await ask('GET', '/v2/health/live')).status).toBe(200);
    expect(await ask('GET', '/v2/health/ready')).toMatchObject({ status: 200, text: '{"ready":true}' });
  });

  test('model metadata, with and without a version; the index', async () => {
    const { ask } = await serving();
    const metadata = (await ask('GET', '/v2/models/fuel-economy')).json();
    expect(metadata).toMatchObject({
      name: 'fuel-economy',
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 7] }],
      outputs: [{ name: 'miles_per_gallon', datatype: 'FP32', shape: [-1, 1] }],
    });
    expect((await ask('GET', '/v2/models/fuel-economy/versions/1')).json()).toEqual(metadata);
    expect((await ask('GET', '/v2/models/fuel-economy/versions/1/ready')).json()).toEqual({
      name: 'fuel-economy',
      ready: true,
    });
    expect((await ask('POST', '/v2/repository/index')).json()).toEqual([
      { name: 'flight-delay', version: '1', state: 'READY', serves: true },
      { name: 'fuel-economy', version: '1', state: 'READY', serves: true },
    ]);
  });

  test('inference: nested or flat data, the id comes back, outputs can be chosen', async () => {
    const { ask } = await serving();
    const nested = {
      id: '42',
      ...input({ shape: [2, 7], data: [light, heavy] }),
      outputs: [{ name: 'miles_per_gallon' }],
    };
    const answer = (await ask('POST', infer, nested)).json() as Inference;
    expect(answer).toMatchObject({ model_name: 'fuel-economy', model_version: '1', id: '42' });
    expect(answer.outputs[0]).toMatchObject({ name: 'miles_per_gallon', datatype: 'FP32', shape: [2, 1] });
    const flat = await ask(
      'POST',
      '/v2/models/fuel-economy/versions/1/infer',
      input({ shape: [2, 7], data: [...light, ...heavy] }),
    );
    expect((flat.json() as Inference).outputs).toEqual(answer.outputs);
    expect(answer.outputs[0]?.data[0]).toBeGreaterThan(28);
    expect(answer.outputs[0]?.data[1]).toBeLessThan(18);
  });

  test('requests at the same time are answered as each would be alone', async () => {
    const { ask } = await serving();
    const cars = Array.from({ length: 200 }, (_, at) =>
      light.map((value, column) => (column === 3 ? value + at * 10 : value)),
    );
    const one = async (car: readonly number[]) =>
      ((await ask('POST', infer, input({ data: car }))).json() as Inference).outputs[0]?.data[0];
    const together = await Promise.all(cars.map(one));
    const alone: unknown[] = [];
    for (const car of cars) alone.push(await one(car));
    expect(together).toEqual(alone);
    expect(new Set(together).size).toBeGreaterThan(10);
  });
});

describe('a wrong inference request is refused with field and reason', () => {
  test.each([
    [[], /has to be an object/],
    [{}, /`inputs` has to be a list of tensors: features \(FP32 \[-1, 7\]\); it is undefined/],
    [{ inputs: [] }, /`inputs` lacks features \(FP32 \[-1, 7\]\)/],
    [{ inputs: [1] }, /`inputs\[0\]` has to be an object: features \(FP32 \[-1, 7\]\); it is 1/],
    [{ id: 1, ...input() }, /`id`/],
    [input({ name: 'x' }), /`inputs\[0\].name` is "x", fuel-economy takes features/],
    [{ inputs: [...input().inputs, ...input().inputs] }, /repeats features/],
    [input({ datatype: 'FP64' }), /`inputs\[0\].datatype` is "FP64", features is FP32/],
    [input({ shape: 'x' }), /shape` has to be a list of whole numbers like \[-1, 7\], as features has them; it is "x"/],
    [input({ shape: [1, '7'] }), /`inputs\[0\].shape` has to be a list .* as features has them; at 1 is "7"/],
    [input({ shape: [[[]], 7] }), /at 0 is a list/],
    [
      input({ shape: [1, 2 ** 53, 2 ** 53] }),
      /`inputs\[0\].shape` is \[1, 9007199254740992, 9007199254740992\], features is/,
    ],
    [
      input({ parameters: { binary_data_size: '28' } }),
      /binary_data_size` of features is "28", expected a whole number/,
    ],
    [input({ parameters: { binary_data_size: 28 } }), /of features is 28, .* 0 bytes are left/],
    [input({ shape: [7] }), /`inputs\[0\].shape` is \[7\], features is \[-1, 7\]/],
    [input({ shape: [1, 6] }), /`inputs\[0\].shape` is \[1, 6\]/],
    [input({ shape: [0, 7], data: [] }), /of features has 0 rows/],
    [input({ shape: [99_999, 7] }), /99999 rows, expected 1 to 10000/],
    [input({ shape: [1, -7] }), /`inputs\[0\].shape`/],
    [input({ data: undefined }), /`inputs\[0\].data` of features has to be a list/],
    [input({ data: light.slice(1) }), /of features has 6 values, the shape \[1,7\] needs 7/],
    [input({ shape: [2, 7], data: [light] }), /has 1 rows, the shape \[2,7\] needs 2/],
    [input({ shape: [2, 7], data: [light, [1]] }), /row 1 has 1 values/],
    [input({ data: ['4', ...light.slice(1)] }), /`inputs\[0\].data` of features at 0 is "4", expected a number/],
    [input({ data: [null, ...light.slice(1)] }), /at 0 is null/],
    [input({ data: [1e300, ...light.slice(1)] }), /expected a number that FP32 can hold/],
    [
      input({ data: [...light.slice(0, 6), 3] }),
      /at 6 \(origin\) is 3, expected one of 0 \(USA\), 1 \(Europe\), 2 \(Japan\)/,
    ],
    [{ ...input(), outputs: [{ name: 'x' }] }, /`outputs\[0\].name` has to be one of miles_per_gallon; it is "x"/],
    [{ ...input(), outputs: 'all' }, /`outputs` has to be a list of miles_per_gallon; it is "all"/],
  ])('%j', async (body, reason) => {
    const { ask, captured } = await serving();
    const answer = await ask('POST', infer, body);
    expect(answer.status).toBe(400);
    expect((answer.json() as { error: string }).error).toMatch(reason);
    expect(captured).toEqual([]);
  });

  test.each([
    ['GET', '/v2/models/none', 404, /no model none/],
    ['POST', '/v2/models/none/infer', 404, /no model none/],
    ['GET', '/v2/models/none/ready', 404, /no model none/],
    ['GET', '/v2/models/fuel-economy/versions/9', 404, /no version 9, only 1/],
    ['GET', infer, 405, /takes POST/],
    ['POST', '/v2/models/__proto__/infer', 404, /no model/],
  ])('%s %s', async (method, path, status, reason) => {
    const { ask } = await serving();
    const answer = await ask(method, path, method === 'POST' ? input() : undefined);
    expect(answer.status).toBe(status);
    expect((answer.json() as { error: string }).error).toMatch(reason);
  });
});

describe('what the bucket holds', () => {
  test('an empty bucket: alive, not ready', async () => {
    const { ask } = await serving({ objects: memoryObjects() });
    expect((await ask('GET', '/v2/health/live')).status).toBe(200);
    expect(await ask('GET', '/v2/health/ready')).toMatchObject({
      status: 503,
      text: expect.stringContaining('no model is loaded yet'),
    });
  });

  test('a broken newest version is reported and the one before serves; a model with nothing else is unavailable', async () => {
    const objects = new Map(models.objects);
    const json = (name: string, version: string) =>
      Buffer.from(
        Buffer.from(objects.get(`${name}/1/model.json`) ?? '')
          .toString()
          .replace('"version": "1"', `"version": "${version}"`),
      );
    objects.set('fuel-economy/2/model.json', json('fuel-economy', '2'));
    objects.set('fuel-economy/2/model.onnx', Buffer.from('no graph'));
    objects.set('flight-delay/1/model.onnx', objects.get('fuel-economy/1/model.onnx') ?? Buffer.alloc(0));
    const { ask, reported } = await serving({ objects: memoryObjects(objects) });

    expect((await ask('GET', '/v2/models/fuel-economy')).json()).toMatchObject({ versions: ['1'] });
    expect((await ask('POST', '/v2/models/fuel-economy/versions/2/infer', input())).status).toBe(503);
    const unavailable = await ask('GET', '/v2/models/flight-delay/ready');
    expect(unavailable.status).toBe(503);
    expect(unavailable.text).toMatch(/features is \[-1,3\] in model.json, \[rows,7\] in model.onnx/);
    expect(reported).toHaveLength(2);
    expect((await ask('GET', '/v2/health/ready')).status).toBe(200);
  });

  test('too many waiting rows: 503 and when to come back', async () => {
    const { ask } = await serving({ limits: { maximumWaiting: 10 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask('POST', infer, input())));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy).toHaveLength(30);
    expect(busy[0]?.headers).toMatchObject({ 'retry-after': '1' });
    expect((await ask('POST', infer, input())).status).toBe(200);
  });
});
