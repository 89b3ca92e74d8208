import type { PredictionPolicy } from '../predictions/types.ts';
import { failureReport } from '../report/failure.ts';
import { deployReport } from '../report/release.ts';
import { createWorld, type World } from './testing.ts';

const models = {
  api: [
    {
      name: 'm',
      path: '/api/infer',
      tolerance: { absolute: 0.1, relative: 0 },
      golden: [{ name: 'first', inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [7] }] }],
    },
  ],
};
const order = (policy: PredictionPolicy, accepted?: string) => ({
  predictions: { models, policy, ...(accepted && { accepted }) },
});

let world: World;
beforeEach(async () => {
  world = createWorld();
  expect(await world.deploy('c000001', {}, order('stop'))).toMatchObject({ outcome: 'deployed' });
});

const head = async () => (await world.ledger.control('staging')).head?.release ?? '';
const answers = async () =>
  (await world.ledger.release('staging', await head()))?.services['api']?.models?.[0]?.golden[0]?.outputs;

test('what a release answers is kept with it', async () => {
  expect(await answers()).toMatchObject([{ data: [1] }]);
});

test('predictions within tolerance are told, and the release stays', async () => {
  world.predictions.set('sha256:a2', 1.05);
  const result = await world.deploy('c000002', { api: 'a2' }, order('stop'));
  expect(result).toMatchObject({
    outcome: 'deployed',
    predictions: { differences: [{ old: '1', new: '1.05', beyond: false }] },
  });
  if (result.outcome === 'deployed') expect(deployReport(result)).toContain('1 changed within tolerance');
  expect(await answers()).toMatchObject([{ data: [1.05] }]);
});

test.each([
  ['another number', 2, '2'],
  ['null, as NaN is written', null, 'null'],
  ['no model any more', 'unknown', 'status 404: there is no such model'],
] as const)('%s: every service is put back, and the table says why', async (_name, value, shown) => {
  world.predictions.set('sha256:a2', value);
  const before = await head();
  const result = await world.deploy('c000002', { api: 'a2', web: 'w2' }, order('stop'));
  expect(result).toMatchObject({
    outcome: 'failed',
    failure: {
      stage: 'predictions',
      predictions: { report: { differences: [{ model: 'm', golden: 'first', new: shown }] } },
    },
    release: { status: 'failed', failure: expect.stringContaining('predictions: m answers "first" with') },
  });
  if (result.outcome === 'failed') expect(failureReport(result.failure)).toContain('| model | golden request |');
  expect(world.serving()).toMatchObject({ api: 'sha256:a1', web: 'sha256:w1' });
  expect(await head()).toBe(before);
});

test('asked about, exactly these differences of this commit can be accepted', async () => {
  world.predictions.set('sha256:a2', 2);
  const result = await world.deploy('c000002', { api: 'a2' }, order('ask'));
  expect(result).toMatchObject({
    outcome: 'failed',
    failure: { predictions: { acceptWith: expect.stringMatching(/^[0-9a-f]{12}$/) } },
  });
  const key = result.outcome === 'failed' ? (result.failure.predictions?.acceptWith ?? '') : '';
  expect(await world.deploy('c000002', { api: 'a2' }, order('ask', 'another'))).toMatchObject({ outcome: 'failed' });
  expect(await world.deploy('c000002', { api: 'a2' }, order('stop', key))).toMatchObject({ outcome: 'failed' });
  expect(await world.deploy('c000002', { api: 'a2' }, order('ask', key))).toMatchObject({ outcome: 'deployed' });
});

test('only reported, the release stays', async () => {
  world.predictions.set('sha256:a2', 2);
  expect(await world.deploy('c000002', { api: 'a2' }, order('report'))).toMatchObject({
    outcome: 'deployed',
    predictions: { differences: [{ beyond: true }] },
  });
});

test('services that stay are not asked, and keep what they answered', async () => {
  world.predictions.set('sha256:a1', 9);
  expect(await world.deploy('c000002', { web: 'w2' }, order('stop'))).toMatchObject({ outcome: 'deployed' });
  expect(await answers()).toMatchObject([{ data: [1] }]);
});

test('a rollback is held to what the release answered when it was live, and says so; it is stopped only where that is asked for', async () => {
  world.predictions.set('sha256:a2', 2);
  await world.deploy('c000002', { api: 'a2' }, order('report'));
  expect(await world.rollback()).toMatchObject({
    outcome: 'rolled back',
    predictions: { requests: 1, differences: [] },
  });
  await world.ledger.resume('staging');
  await world.deploy('c000003', { api: 'a3' }, order('report'));
  // Its data changed meanwhile: the code that comes back does not answer as it did.
  world.predictions.set('sha256:a1', 5);
  expect(await world.rollback('', { predictions: 'stop' })).toMatchObject({
    outcome: 'failed',
    failure: { stage: 'predictions' },
  });
  expect(await world.rollback()).toMatchObject({
    outcome: 'rolled back',
    predictions: { differences: [{ old: '1', new: '5' }] },
  });
});
