import { isDeepStrictEqual } from 'node:util';
import { promoteModel, publishModel, rollBackModel } from '../../kit/model/publish.ts';
import { parseDescription } from '../../kit/model/read-description.ts';
import { loadModel } from '../../kit/model/session.ts';
import { memoryObjects } from '../../kit/test-support.ts';
import { denseModel, inBucket, type MadeModel } from './test-models.ts';
import { startTestServer } from './test-server.ts';

const SIZES = [8, 6, 2];
const TENANTS = 20;
const model = (tenant: number, version = '1'): MadeModel =>
  denseModel({ name: 'churn', tenant: `t${tenant}`, version, sizes: SIZES, seed: tenant * 10 + Number(version) });
const row = (seed: number): number[] => Array.from({ length: 8 }, (_, at) => Math.sin(seed * 8 + at));
const body = (...rows: number[][]) => ({
  inputs: [{ name: 'x', shape: [rows.length, 8], datatype: 'FP32', data: rows.flat() }],
});
const path = '/v2/models/churn/infer';
const as = (tenant: number) => ({ 'x-slipway-tenant': `t${tenant}` });
const outputOf = (answer: { json: () => unknown }) =>
  (answer.json() as { outputs: { data: number[] }[] }).outputs[0]?.data ?? [];

const bucket = () => memoryObjects(new Map(inBucket(Array.from({ length: TENANTS }, (_, tenant) => model(tenant)))));

async function alone({ json, onnx }: MadeModel, values: number[]): Promise<number[]> {
  const description = parseDescription(json);
  if (!description.ok) throw new Error(description.error);
  const loaded = await loadModel({ description: description.value, onnx });
  if (!loaded.ok) throw new Error(loaded.error);
  const outputs = await loaded.value.run({ x: { datatype: 'FP32', shape: [1, 8], data: Float32Array.from(values) } });
  await loaded.value.release();
  return Array.from(outputs['y']?.data ?? [], Number);
}

test('tenants of one architecture share runs, and each gets what a session of its own would answer', async () => {
  const { ask, server, preloaded } = await startTestServer({ objects: bucket() });
  expect(preloaded).toBe(true);
  const requests = Array.from({ length: 200 }, (_, at) => ({ tenant: (at * 7) % TENANTS, values: row(at) }));
  const answers = await Promise.all(
    requests.map(({ tenant, values }) =>
      ask('POST', path, { ...body(values), parameters: { binary_data_output: true } }, as(tenant)),
    ),
  );
  for (const [at, { tenant, values }] of requests.entries()) {
    const answer = answers[at];
    const head = Number(answer?.headers?.['inference-header-content-length']);
    const bytes = answer?.bytes.subarray(head) ?? Buffer.alloc(0);
    const given = [bytes.readFloatLE(0), bytes.readFloatLE(4)];
    for (const [column, expected] of (await alone(model(tenant), values)).entries())
      expect(Math.abs((given[column] ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-6);
  }
  expect(server.metricsText()).toMatch(/models_in_memory 20\n/);
  // What several tenants share a run with is seen in how few runs there were: 200 requests in at most 64 rows each.
  expect(answers.every(({ headers }) => /queue;dur=.+compute;dur=/.test(headers?.['server-timing'] ?? ''))).toBe(true);
});

test('a model is named by path, header or query, and never another tenant’s', async () => {
  const { ask } = await startTestServer({ objects: bucket() });
  const wanted = outputOf(await ask('POST', path, body(row(1)), as(3)));
  const same = async (...asked: Parameters<typeof ask>) => expect(outputOf(await ask(...asked))).toEqual(wanted);
  await same('POST', '/v2/models/t3%2Fchurn/infer', body(row(1)), as(3));
  await same('POST', '/invocations', body(row(1)), { ...as(3), 'x-amzn-sagemaker-target-model': 't3/churn.tar.gz' });
  await same('POST', '/invocations', body(row(1)), { ...as(3), targetmodel: '/t3/churn' });
  await same('POST', '/invocations?TargetModel=churn', body(row(1)), as(3));
  await same('POST', '/models/churn/invoke', body(row(1)), as(3));

  const refused = async (headers: Record<string, string>, target: string) =>
    await ask('POST', `/v2/models/${encodeURIComponent(target)}/infer`, body(row(1)), headers);
  expect(await refused(as(3), 't4/churn')).toMatchObject({
    status: 403,
    text: '{"error":"t3 may not use models of t4"}',
  });
  expect(await refused(as(3), 't4/none')).toMatchObject({
    status: 403,
    text: '{"error":"t3 may not use models of t4"}',
  });
  expect((await refused({}, 't4/churn')).status).toBe(403);
  expect((await refused({}, 'churn')).status).toBe(404);
  expect((await refused({ 'x-slipway-tenant': '../t4' }, 'churn')).status).toBe(400);
  for (const name of ['../t4/churn', 't3/../t4/churn', '..', 'tenants/t4/churn', 't3/churn/1', 't3//churn'])
    expect((await refused(as(3), name)).status).toBe(404);
});

test('where IAM decides who may call, a request may name any tenant’s model', async () => {
  const { ask } = await startTestServer({ objects: bucket(), tenancy: 'trusted' });
  const own = await ask('POST', '/invocations', body(row(1)), { targetmodel: 't4/churn' });
  expect(own.status).toBe(200);
  expect((await ask('POST', '/invocations', body(row(1)), { targetmodel: 't4/churn', ...as(3) })).status).toBe(403);
});

test('a cold model is fetched and loaded once however many ask for it', async () => {
  const objects = bucket();
  const reads: string[] = [];
  const counting = {
    ...objects,
    open: (key: string) => {
      reads.push(key);
      return objects.open(key);
    },
  };
  const { ask } = await startTestServer({ objects: counting });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => ask('POST', path, body(row(at)), as(5))));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(reads.filter((key) => key.endsWith('.onnx'))).toEqual(['tenants/t5/churn/1/model.onnx']);
});

test('memory is bounded by bytes: the least recently used models leave, and come back from the disk', async () => {
  const objects = bucket();
  const reads: string[] = [];
  const counting = {
    ...objects,
    open: (key: string) => {
      reads.push(key);
      return objects.open(key);
    },
  };
  const { ask, server } = await startTestServer({ objects: counting, memoryBytes: 350_000 });
  for (let round = 0; round < 2; round++)
    for (let tenant = 0; tenant < TENANTS; tenant++)
      expect((await ask('POST', path, body(row(1)), as(tenant))).status).toBe(200);
  const text = server.metricsText();
  expect(Number(/evictions_total (\d+)/.exec(text)?.[1])).toBeGreaterThan(TENANTS);
  expect(Number(/memory_bytes (\d+)/.exec(text)?.[1])).toBeLessThanOrEqual(350_000);
  expect(reads.filter((key) => key.endsWith('.onnx'))).toHaveLength(TENANTS);
});

test('a promotion and a rollback reach the server without a restart, and versions can be asked by number', async () => {
  const objects = bucket();
  const change = { by: 'ann', reason: '', now: 0 };
  const at = { objects, prefix: '' };
  const name = { tenant: 't1', model: 'churn' };
  const { ask, server } = await startTestServer({ objects });
  const asked = async () => outputOf(await ask('POST', path, body(row(1)), as(1)));
  const first = await asked();
  await publishModel(at, { ...model(1, '2') }, { ...change, prove: async () => undefined });
  await promoteModel(at, name, { ...change, version: '2' });
  await server.refresh();
  await until(asked, (now) => !isDeepStrictEqual(now, first));
  expect(outputOf(await ask('POST', '/v2/models/churn/versions/1/infer', body(row(1)), as(1)))).toEqual(first);
  await rollBackModel(at, name, { ...change, now: 1 });
  await server.refresh();
  await until(asked, (now) => isDeepStrictEqual(now, first));
});

async function until<Value>(ask: () => Promise<Value>, right: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (right(value)) return value;
  }
}

test('while a promoted version is being loaded the one before answers, also when the store does not', async () => {
  const objects = bucket();
  let wait = Promise.resolve();
  const slow = {
    ...objects,
    read: async (key: string) => {
      if (key.includes('/2/')) await wait;
      return objects.read(key);
    },
  };
  const { ask, server } = await startTestServer({ objects: slow });
  const asked = async () => outputOf(await ask('POST', path, body(row(1)), as(1)));
  const first = await asked();
  for (const [key, bytes] of inBucket([model(1, '2')])) objects.objects.set(key, bytes);
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  wait = promise;
  await objects.write('changes.json', '2', 'application/json');
  await server.refresh();
  for (let count = 0; count < 20; count++) expect(await asked()).toEqual(first);
  reject(new Error('SlowDown'));
  for (let count = 0; count < 20; count++) expect(await asked()).toEqual(first);
  wait = Promise.resolve();
  resolve();
  await until(asked, (now) => !isDeepStrictEqual(now, first));
});

test('a deadline holds while a model is being loaded, too; the next request finds it loaded', async () => {
  const objects = bucket();
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = { ...objects, read: (key: string) => promise.then(() => objects.read(key)) };
  const { ask, server } = await startTestServer({ objects: slow });
  const late = await ask('POST', path, body(row(1)), { ...as(1), 'x-request-timeout-ms': '20' });
  expect(late).toMatchObject({ status: 504, text: expect.stringContaining('was not loaded before the deadline') });
  resolve();
  expect((await ask('POST', path, body(row(1)), as(1))).status).toBe(200);
  expect(await server.registry.unload('t1/churn@1')).toBe(true);
  expect(server.metricsText()).toMatch(/memory_bytes 0\n/);
});

test('when the store does not answer, what is loaded serves on and the rest is told when to come back', async () => {
  const objects = bucket();
  let away = false;
  const guard = <Value>(work: () => Promise<Value>): Promise<Value> =>
    away ? Promise.reject(new Error('SlowDown')) : work();
  const flaky = {
    list: (key: string) => guard(() => objects.list(key)),
    folders: (key: string) => guard(() => objects.folders(key)),
    read: (key: string) => guard(() => objects.read(key)),
    open: (key: string) => guard(() => objects.open(key)),
  };
  const { ask, server, captured, logged } = await startTestServer({ objects: flaky });
  expect((await ask('POST', path, body(row(1)), as(1))).status).toBe(200);
  away = true;
  await server.refresh();
  expect((await ask('POST', path, body(row(1)), as(1))).status).toBe(200);
  const cold = await ask('POST', path, body(row(1)), as(2));
  expect(cold).toMatchObject({
    status: 503,
    headers: { 'retry-after': '2' },
    text: expect.stringContaining('does not answer'),
  });
  expect((await ask('POST', '/v2/repository/index', undefined, as(1))).status).toBe(200);
  expect(captured).toEqual([]);
  expect(logged.filter(({ message }) => String(message).includes('does not answer'))).toHaveLength(1);
  away = false;
  expect((await ask('POST', path, body(row(1)), as(2))).status).toBe(200);
});

test('models that come and go while others are asked never answer for one another', async () => {
  const { ask } = await startTestServer({ objects: bucket(), memoryBytes: 270_000 });
  const expected = await Promise.all(Array.from({ length: TENANTS }, (_, tenant) => alone(model(tenant), row(1))));
  for (let round = 0; round < 10; round++) {
    const tenants = Array.from({ length: 60 }, (_, at) => (at * 13 + round * 7) % TENANTS);
    const answers = await Promise.all(tenants.map((tenant) => ask('POST', path, body(row(1)), as(tenant))));
    for (const [at, tenant] of tenants.entries()) {
      // With so little memory some find no room while all that is there is in use; nobody gets a wrong answer.
      expect([200, 503]).toContain(answers[at]?.status);
      if (answers[at]?.status !== 200) continue;
      const given = outputOf(answers[at] as { json: () => unknown });
      for (const [column, value] of (expected[tenant] ?? []).entries()) expect(given[column]).toBeCloseTo(value, 3);
    }
  }
});
