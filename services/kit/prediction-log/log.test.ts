import { memoryLog } from '../test-support.ts';
import { createPredictionLog, type PredictionLogOptions } from './log.ts';
import type { AnsweredPrediction } from './prediction.ts';
import type { Recorded } from './record.ts';

const tensor = (values: readonly number[]) =>
  ({ datatype: 'FP32', shape: [1, values.length], data: Float32Array.from(values) }) as const;
const answered = (more: Partial<AnsweredPrediction> = {}): AnsweredPrediction => ({
  tenant: 'acme',
  model: 'acme/churn',
  version: '3',
  variant: 'b',
  rows: 1,
  milliseconds: 1.23456,
  request: Buffer.from('{"inputs":[]}'),
  contentType: 'application/json',
  inputs: { x: tensor([1, 2]) },
  outputs: { y: tensor([0.5]) },
  ...more,
});

function world(more: Partial<PredictionLogOptions> = {}) {
  const kept: Recorded[] = [];
  const { log, lines } = memoryLog();
  let time = 1_700_000_000_000;
  const predictions = createPredictionLog({
    store: {
      async write(records) {
        kept.push(...records);
        return 0;
      },
    },
    sampling: 1,
    prefix: '',
    log,
    now: () => time,
    ...more,
  });
  return { predictions, kept, lines, wait: (milliseconds: number) => (time += milliseconds) };
}

test('a prediction is kept under an id that tells its time, with everything that led to it', async () => {
  const { predictions, kept } = world();
  const id = predictions.record(answered());
  await predictions.stop();
  expect(id).toMatch(/^018bcfe5-6800-7/);
  expect(kept).toEqual([
    {
      record: {
        tenant: 'acme',
        id,
        model: 'acme/churn',
        version: '3',
        variant: 'b',
        rows: 1,
        milliseconds: 1.235,
        at: '2023-11-14T22:13:20.000Z',
        expiresAt: 1_702_592_000,
        parts: {
          contentType: 'application/json',
          request: '{"inputs":[]}',
          features: [
            {
              name: 'x',
              datatype: 'FP32',
              shape: [1, 2],
              data: Buffer.from(Float32Array.of(1, 2).buffer).toString('base64'),
            },
          ],
          result: [
            {
              name: 'y',
              datatype: 'FP32',
              shape: [1, 1],
              data: Buffer.from(Float32Array.of(0.5).buffer).toString('base64'),
            },
          ],
        },
      },
    },
  ]);
});

test('what is large lies beside the item', async () => {
  const { predictions, kept } = world({ prefix: 'pr-1/' });
  const id = predictions.record(answered({ request: Buffer.alloc(20_000), contentType: 'application/octet-stream' }));
  await predictions.stop();
  expect(kept[0]?.record).toMatchObject({ object: `pr-1/log/acme/${id}.json` });
  expect(kept[0]?.record.parts).toBeUndefined();
  expect(JSON.parse(kept[0]?.object?.body ?? '')).toMatchObject({ request: Buffer.alloc(20_000).toString('base64') });
});

test('only the share that was asked for is kept', async () => {
  let next = 0;
  const { predictions, kept } = world({ sampling: 0.25, random: () => (next++ % 4) / 4 });
  const ids = Array.from({ length: 40 }, () => predictions.record(answered()));
  await predictions.stop();
  expect([kept.length, ids.filter(Boolean).length, predictions.counts.dropped]).toEqual([10, 10, 0]);
});

test.each([
  ['by number', { maximumWaiting: 5 }],
  ['by the second', { maximumPerSecond: 5 }],
  ['in bytes', { maximumBytes: 5 * 550 }],
])('it is bounded %s, and says how many it dropped', async (_, limits) => {
  const { predictions, kept, lines, wait } = world(limits);
  for (let count = 0; count < 12; count++) predictions.record(answered());
  expect(predictions.counts).toEqual({ written: 0, dropped: 7, waiting: 5 });
  wait(60_000);
  await predictions.flush();
  expect(kept).toHaveLength(5);
  expect(lines.at(-1)).toMatchObject({ message: 'prediction log', PredictionsWritten: 5, PredictionsDropped: 7 });
  predictions.record(answered());
  expect(predictions.counts.waiting).toBe(1);
  await predictions.stop();
});

test('a table that does not answer costs predictions of the log, never an answer', async () => {
  let asked = 0;
  const store = {
    async write() {
      asked += 1;
      throw new Error('throttled');
    },
  };
  const { predictions, lines } = world({ store });
  expect(predictions.record(answered())).toBeDefined();
  await predictions.stop();
  expect([asked, predictions.counts]).toEqual([3, { written: 0, dropped: 1, waiting: 0 }]);
  expect(lines.at(-1)).toMatchObject({ level: 'warn', error: 'throttled' });
});

test('what DynamoDB leaves over is counted', async () => {
  const { predictions } = world({ store: { write: async () => 2 } });
  for (let count = 0; count < 5; count++) predictions.record(answered());
  await predictions.stop();
  expect(predictions.counts).toEqual({ written: 3, dropped: 2, waiting: 0 });
});
