import { createPredictionLog, noPredictionLog, type PredictionLog } from '../../kit/prediction-log/log.ts';
import type { Recorded } from '../../kit/prediction-log/record.ts';
import { memoryLog, memoryObjects } from '../../kit/test-support.ts';
import { denseModel, inBucket } from './test-models.ts';
import { startTestServer } from './test-server.ts';

const BODY = {
  inputs: [{ name: 'features', shape: [1, 7], datatype: 'FP32', data: [4, 97, 67, 2065, 17.8, 1980, 2] }],
};
const PATH = '/v2/models/fuel-economy/infer';

test('what is answered is remembered under the id that the answer names, and what is refused is not', async () => {
  const kept: Recorded[] = [];
  const store = {
    async write(records: readonly Recorded[]) {
      kept.push(...records);
      return 0;
    },
  };
  const predictions = createPredictionLog({ store, sampling: 1, prefix: '', log: memoryLog().log });
  const { server, ask } = await startTestServer({ predictions });
  const answer = await ask('POST', PATH, BODY, { 'x-slipway-tenant': 'acme', 'x-slipway-variant': 'b' });
  expect((await ask('POST', PATH, {})).headers?.['x-slipway-prediction']).toBeUndefined();
  expect(server.metricsText()).toContain('slipway_inference_predictions_dropped_total 0');
  await server.stop();
  expect(kept).toHaveLength(1);
  expect(kept[0]?.record).toMatchObject({
    id: answer.headers?.['x-slipway-prediction'],
    tenant: 'acme',
    model: 'fuel-economy',
    variant: 'b',
    rows: 1,
    parts: {
      request: JSON.stringify(BODY),
      features: [{ name: 'features', shape: [1, 7] }],
      result: [{ name: 'miles_per_gallon', shape: [1, 1] }],
    },
  });
});

test('where IAM decides who may call, a prediction is the tenant’s whose model was asked', async () => {
  const tenants: string[] = [];
  const predictions: PredictionLog = {
    ...noPredictionLog,
    record: ({ tenant }) => {
      tenants.push(tenant);
      return undefined;
    },
  };
  const objects = memoryObjects(
    new Map(inBucket([denseModel({ name: 'churn', tenant: 'acme', sizes: [1, 2], seed: 1 })])),
  );
  const { ask } = await startTestServer({ objects, tenancy: 'trusted', predictions });
  const asked = async (headers: Record<string, string>) =>
    (await ask('POST', '/invocations', { instances: [[1]] }, headers)).status;
  expect(await asked({ targetmodel: 'acme/churn' })).toBe(200);
  expect(await asked({ targetmodel: 'churn', 'x-slipway-tenant': 'acme' })).toBe(200);
  expect(tenants).toEqual(['acme', 'acme']);
});
