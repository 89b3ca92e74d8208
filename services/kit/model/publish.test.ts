import { memoryObjects } from '../test-support.ts';
import { type Change, promoteModel, publishModel, rollBackModel } from './publish.ts';
import { CHANGES_KEY, readVersions } from './store.ts';

const tensor = { name: 't', datatype: 'FP32', shape: [-1, 1] };
const name = { tenant: 'acme', model: 'churn' };
const change: Change = { by: 'ann', reason: 'a test', now: 0 };
const onnx = Buffer.from('graph');

function world() {
  const objects = memoryObjects();
  const bucket = { objects, prefix: 'pr-1/' };
  const publish = (version: string, { graph = onnx, problem }: { graph?: Buffer; problem?: string } = {}) => {
    const json = JSON.stringify({ name: 'churn', tenant: 'acme', version, inputs: [tensor], outputs: [tensor] });
    return publishModel(bucket, { json, onnx: graph }, { ...change, prove: async () => problem });
  };
  const current = async () => (await readVersions(objects, bucket.prefix, name))?.current;
  return { objects, bucket, publish, current };
}

test('the first version serves at once, later ones when they are promoted; a rollback goes back step by step', async () => {
  const { bucket, publish, current, objects } = world();
  expect(await publish('1')).toEqual({ ok: true, value: { name: 'acme/churn', version: '1', added: true } });
  expect(await current()).toBe('1');
  await publish('2');
  await publish('3');
  expect(await current()).toBe('1');
  await promoteModel(bucket, name, { ...change, version: '2' });
  expect(await promoteModel(bucket, name, { ...change, version: '3' })).toMatchObject({
    value: { version: '3', previous: ['2', '1'], by: 'ann', reason: 'a test', at: '1970-01-01T00:00:00.000Z' },
  });
  expect(await current()).toBe('3');
  await rollBackModel(bucket, name, change);
  expect(await current()).toBe('2');
  await rollBackModel(bucket, name, change);
  expect(await current()).toBe('1');
  expect(await rollBackModel(bucket, name, change)).toMatchObject({
    error: expect.stringMatching(/no version of acme\/churn/),
  });
  expect(objects.objects.has(`pr-1/${CHANGES_KEY}`)).toBe(true);
});

test('a version never changes; publishing it again, also after a kill between its files, completes it', async () => {
  const { publish, objects, current } = world();
  await publish('1');
  expect(await publish('1')).toMatchObject({ ok: true, value: { added: false } });
  expect(await publish('1', { graph: Buffer.from('other') })).toMatchObject({
    error: expect.stringMatching(/use a new version/),
  });
  objects.objects.delete('pr-1/tenants/acme/churn/1/model.json');
  expect(await current()).toBeUndefined();
  expect(await publish('1')).toMatchObject({ ok: true, value: { added: true } });
});

test('what does not prove itself is not published; what is not published is not promoted', async () => {
  const { publish, bucket, objects } = world();
  expect(await publish('1', { problem: 'it is wrong' })).toEqual({ ok: false, error: 'it is wrong' });
  expect(objects.objects.size).toBe(0);
  expect(await promoteModel(bucket, name, { ...change, version: '1' })).toMatchObject({ ok: false });
});

test('every change is announced by other bytes, also two of one moment', async () => {
  const { publish, bucket, objects } = world();
  for (const version of ['1', '2']) await publish(version);
  const announced = () => Buffer.from(objects.objects.get(`pr-1/${CHANGES_KEY}`) ?? '').toString();
  await promoteModel(bucket, name, { ...change, version: '2' });
  const promotion = announced();
  await rollBackModel(bucket, name, change);
  expect(announced()).not.toBe(promotion);
});

test('of many promotions at once each takes place, one after the other', async () => {
  const { publish, bucket } = world();
  const versions = ['1', '2', '3', '4'];
  for (const version of versions) await publish(version);
  await Promise.all(versions.slice(1).map((version) => promoteModel(bucket, name, { ...change, version })));
  const last = await rollBackModel(bucket, name, change);
  expect(last.ok && last.value.previous).toHaveLength(2);
});
