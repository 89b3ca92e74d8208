import type { Tensor, Tensors } from '../../../kit/model/session.ts';
import { createExecutor, type ExecutorLimits, type Submission } from './executor.ts';
import { createPacker, unpackBatch } from './pack.ts';
import { type BatchResult, ModelUnavailable, type Waiting } from './waiting.ts';

const inputs = (...data: number[]): Tensors => ({
  x: { datatype: 'FP32', shape: [1, data.length], data: Float32Array.from(data) },
});
const rows = (count: number): Tensors => ({
  x: { datatype: 'FP32', shape: [count, 1], data: new Float32Array(count).fill(1) },
});

/** A model that doubles, slowly enough not to be given larger batches, and keeps the rows of its runs. */
function doubling(milliseconds = 5) {
  const runs: number[] = [];
  const packBatch = createPacker();
  const tenants: string[][] = [];
  const run = async (batch: readonly Waiting[]): Promise<BatchResult> => {
    const packed = packBatch(batch);
    runs.push(packed.rows);
    tenants.push(batch.map(({ tenant }) => tenant));
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const { x } = packed.inputs as { x: Tensor };
    const y = { ...x, data: (x.data as Float32Array).map((value) => value * 2) };
    return { outputs: unpackBatch({ y }, batch, packed.rows), packedAt: performance.now() };
  };
  return { run, runs, tenants };
}

function serve(limits: Partial<ExecutorLimits> = {}, model: Pick<ReturnType<typeof doubling>, 'run'> = doubling()) {
  const executor = createExecutor({ maximumBatch: 4, maximumWaiting: 100, maximumTenantWaiting: 100, ...limits });
  const lane = executor.lane(model.run);
  const submit = async (given: Tensors, more: Partial<Submission> = {}) => {
    const submitted = lane.submit({
      tenant: '',
      inputs: given,
      rows: given['x']?.shape[0] ?? 0,
      shape: '',
      slot: 0,
      deadline: performance.now() + 60_000,
      ...more,
    });
    const outcome = await submitted;
    return outcome.kind === 'answered' ? Array.from(outcome.outputs['y']?.data as Float32Array) : outcome.kind;
  };
  return { executor, lane, submit };
}

test('what arrives together is one run, up to the limit, and everybody gets their own rows', async () => {
  const model = doubling();
  const { submit } = serve({ maximumBatch: 3 }, model);
  expect(await Promise.all([1, 2, 3, 4, 5].map((value) => submit(inputs(value))))).toEqual([[2], [4], [6], [8], [10]]);
  expect(model.runs).toEqual([3, 2]);
});

test('a request with more rows than a batch runs alone; other sizes besides the rows have a run of their own', async () => {
  const model = doubling();
  const { submit } = serve({ maximumBatch: 2 }, model);
  const answers = await Promise.all([
    submit(inputs(1), { shape: 'x 1' }),
    submit(inputs(1, 2), { shape: 'x 2' }),
    submit(rows(5), { shape: 'x 1' }),
    submit(inputs(3), { shape: 'x 1' }),
  ]);
  expect(answers).toEqual([[2], [2, 4], [2, 2, 2, 2, 2], [6]]);
  // One caller's requests keep their order.
  expect(model.runs).toEqual([1, 1, 5, 1]);
});

test('tenants have their turns: one request comes through a crowd of another tenant’s', async () => {
  const model = doubling();
  const { submit } = serve({ maximumBatch: 2 }, model);
  const crowd = Array.from({ length: 20 }, () => submit(inputs(1), { tenant: 'loud' }));
  await Promise.all([...crowd, submit(inputs(2), { tenant: 'quiet' })]);
  expect(model.tenants.findIndex((run) => run.includes('quiet'))).toBe(0);
});

test('lanes have their turns, too', async () => {
  const order: string[] = [];
  const executor = createExecutor({ maximumBatch: 1, maximumWaiting: 100, maximumTenantWaiting: 100 });
  const lane = (name: string) =>
    executor.lane(async (batch) => {
      order.push(name);
      return { outputs: batch.map(() => ({})), packedAt: performance.now() };
    });
  const [loud, quiet] = [lane('loud'), lane('quiet')];
  const one = { tenant: '', inputs: inputs(1), rows: 1, shape: '', slot: 0, deadline: performance.now() + 60_000 };
  await Promise.all([...Array.from({ length: 8 }, () => loud.submit(one)), quiet.submit(one)]);
  expect(order.indexOf('quiet')).toBe(1);
});

test('too many rows for the model are refused as busy, too many of one tenant as too many, both with a time to come back', async () => {
  const busy = serve({ maximumWaiting: 10 });
  const answers = await Promise.all(Array.from({ length: 15 }, () => busy.submit(inputs(1))));
  expect(answers.filter((answer) => answer === 'busy')).toHaveLength(5);
  const { lane, submit } = serve({ maximumTenantWaiting: 3 });
  const own = Array.from({ length: 5 }, () => submit(inputs(1), { tenant: 'acme' }));
  const other = submit(inputs(1), { tenant: 'other' });
  const more = { tenant: 'acme', inputs: inputs(1), rows: 1, shape: '', slot: 0, deadline: performance.now() + 60_000 };
  expect(lane.submit(more)).toEqual({ kind: 'too-many', retrySeconds: 1 });
  expect((await Promise.all(own)).filter((answer) => answer === 'too-many')).toHaveLength(2);
  expect(await other).toEqual([2]);
  expect(await submit(inputs(4), { tenant: 'acme' })).toEqual([8]);
});

test('who cannot be answered before the deadline is told so, at once when that is foreseeable', async () => {
  const { lane, submit } = serve({ maximumBatch: 1 }, doubling(20));
  const first = submit(inputs(1));
  const late = submit(inputs(1), { deadline: performance.now() + 1 });
  expect(await Promise.all([first, late])).toEqual([[2], 'expired']);
  const crowd = Array.from({ length: 60 }, () => submit(inputs(1)));
  const hopeless = { tenant: '', inputs: inputs(1), rows: 1, shape: '', slot: 0, deadline: performance.now() + 5 };
  expect(lane.submit(hopeless)).toMatchObject({ kind: 'busy' });
  expect((await Promise.all(crowd)).every((answer) => Array.isArray(answer))).toBe(true);
});

test('a request that the model refuses fails alone; a model that is gone fails all', async () => {
  const picky = async (batch: readonly Waiting[]): Promise<BatchResult> => {
    if (batch.some((work) => work.inputs['x']?.data[0] === 13)) throw new Error('13 is no number');
    return { outputs: batch.map((work) => ({ y: work.inputs['x'] as Tensor })), packedAt: performance.now() };
  };
  const { submit } = serve({}, { run: picky });
  expect(await Promise.all([1, 13, 3].map((value) => submit(inputs(value))))).toEqual([[1], 'failed', [3]]);
  const gone = serve({}, { run: async () => Promise.reject(new ModelUnavailable('it hangs')) });
  expect(await Promise.all([gone.submit(inputs(1)), gone.submit(inputs(2))])).toEqual(['unavailable', 'unavailable']);
  expect(gone.executor.waitingRows).toBe(0);
});

test('a model that is very fast takes more rows at once', async () => {
  const runs: number[] = [];
  const run = async (batch: readonly Waiting[]): Promise<BatchResult> => {
    runs.push(batch.length);
    return { outputs: batch.map((work) => ({ y: work.inputs['x'] as Tensor })), packedAt: performance.now() };
  };
  const { submit } = serve({ maximumWaiting: 10_000 }, { run });
  for (let round = 0; round < 50; round++) await Promise.all(Array.from({ length: 200 }, () => submit(inputs(1))));
  expect(Math.max(...runs)).toBeGreaterThan(4);
  expect(Math.max(...runs)).toBeLessThanOrEqual(32);
});

test('batches of several inputs and kinds of numbers lie in the same memory one after the other, whatever their sizes', () => {
  const pack = createPacker();
  const work = (count: number, from: number) => ({
    tenant: '',
    rows: count,
    slot: 0,
    inputs: {
      x: { datatype: 'FP32', shape: [count, 2], data: Float32Array.from({ length: 2 * count }, (_, at) => from + at) },
      n: { datatype: 'INT64', shape: [count], data: BigInt64Array.from({ length: count }, () => BigInt(from)) },
      z: { datatype: 'FP32', shape: [count, 1], data: new Float32Array(count).fill(-from) },
    } as const,
  });
  for (const count of [1, 3, 2, 60_000, 1]) {
    const { inputs, rows } = pack([work(count, 5), work(1, 7)]);
    expect(rows).toBe(count + 1);
    const values = (name: string) => Array.from((inputs[name] as Tensor).data as Float32Array);
    expect(inputs['x']?.shape).toEqual([count + 1, 2]);
    expect(values('x').slice(-4)).toEqual([2 * count + 3, 2 * count + 4, 7, 8]);
    expect(values('n').slice(-2)).toEqual([5n, 7n]);
    expect(values('z')[0]).toBe(-5);
    expect(values('z').slice(-2)).toEqual([-5, -7]);
  }
});

test('a tenant with many busy models keeps nobody waiting longer than one with a single model does', async () => {
  const executor = createExecutor({ maximumBatch: 1, maximumWaiting: 100, maximumTenantWaiting: 1000 });
  const order: string[] = [];
  const laneOf = (name: string, owner: string) =>
    executor.lane(async (batch) => {
      order.push(name);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { outputs: batch.map(({ inputs: given }) => given), packedAt: performance.now() };
    }, owner);
  const ask = (lane: ReturnType<typeof laneOf>, tenant: string) =>
    lane.submit({ tenant, inputs: inputs(1), rows: 1, shape: '', slot: 0, deadline: performance.now() + 60_000 });
  const crowd = Array.from({ length: 20 }, (_, at) => laneOf(`crowd ${at}`, 'crowd'));
  const waiting = crowd.flatMap((lane) => [ask(lane, 'crowd'), ask(lane, 'crowd')]);
  const calm = laneOf('calm', 'calm');
  waiting.push(ask(calm, 'calm'), ask(calm, 'calm'));
  await Promise.all(waiting);
  expect(order.indexOf('calm')).toBeLessThanOrEqual(1);
  expect(order.lastIndexOf('calm')).toBeLessThanOrEqual(3);
  expect(new Set(order.slice(0, 22)).size).toBe(21);
});
