import { memoryObjects } from '../test-support.ts';
import { parseDescription } from './read-description.ts';
import { listModels, readModel, resolveModel } from './store.ts';

const bytes = Buffer.from('x');
const tensor = { name: 't', datatype: 'FP32', shape: [-1, 1], features: [] };
const number = { kind: 'number', name: 'a' };
const description = { name: 'a', version: '1', inputs: [tensor], outputs: [tensor] };
const address = { name: 'a', version: '1', folder: 'a/1/' };

const store = (...keys: string[]) => memoryObjects(new Map(keys.map((key) => [key, bytes])));
const version = (folder: string) => [`${folder}/model.onnx`, `${folder}/model.json`];

test('versions are numbers, the newest comes first; other objects are no models', async () => {
  const objects = store(
    ...['b/2', 'b/10', 'a/1', 'a/x', 'pr-1/a/1', 'a/0', 'tenants/acme/a/3'].flatMap(version),
    'a/7/model.onnx',
  );
  const listed = await listModels(objects);
  expect(listed.map(({ folder }) => folder)).toEqual(['a/1/', 'b/10/', 'b/2/']);
  expect(await listModels(objects, 'pr-1/')).toEqual([{ name: 'a', version: '1', folder: 'pr-1/a/1/' }]);
  expect(await resolveModel(objects, { name: 'acme/a' })).toMatchObject({ value: { folder: 'tenants/acme/a/3/' } });
});

test.each(['../a', 'acme/../a', 'a/1', 'A', 'acme/a/3', '', '.', 'tenants/acme/a'])('%j is no model', async (name) => {
  const objects = store(...['a/1', 'tenants/acme/a/3', 'tenants/acme/x/1'].flatMap(version));
  expect(await resolveModel(objects, { name })).toMatchObject({ ok: false });
});

test.each([
  ['no description', undefined, /a\/1\/model.json does not exist/],
  ['no JSON', '{', /not JSON/],
  ['another model', JSON.stringify({ ...description, name: 'b' }), /describes b 1/],
])('a model with %s is refused by name', async (_name, json, reason) => {
  const objects = new Map([['a/1/model.onnx', bytes]]);
  if (json) objects.set('a/1/model.json', Buffer.from(json));
  const read = await readModel(memoryObjects(objects), address);
  expect(read).toMatchObject({ ok: false, error: expect.stringMatching(reason) });
});

test.each([
  ['[]', /object/],
  [{ ...description, name: 1 }, /`name`/],
  [{ ...description, version: 'v1' }, /`version`/],
  [{ ...description, inputs: [] }, /`inputs`/],
  [{ ...description, outputs: [{ ...tensor, datatype: 'FP8' }] }, /`outputs\[0\].datatype`/],
  [{ ...description, inputs: [{ ...tensor, shape: [4] }] }, /`inputs\[0\].shape`/],
  [{ ...description, inputs: [{ ...tensor, features: 1 }] }, /`inputs\[0\].features`/],
  [{ ...description, tolerance: { absolute: -1, relative: 0 } }, /`tolerance`/],
  [{ ...description, inputs: [{ ...tensor, features: [null] }] }, /`inputs\[0\].features\[0\]`/],
  [
    { ...description, inputs: [{ ...tensor, features: [{ kind: 'choice', name: 'a' }] }] },
    /`inputs\[0\].features\[0\]`/,
  ],
  [{ ...description, inputs: [{ ...tensor, shape: [-1, 3], features: [number] }] }, /1 features for 3 columns/],
  [{ ...description, inputs: [tensor, tensor] }, /`inputs\[1\].name` repeats t/],
  [{ ...description, inputs: [{ ...tensor, name: '__proto__' }] }, /`inputs\[0\].name`/],
  [{ ...description, inputs: [{ ...tensor, shape: [-1, 0] }] }, /`inputs\[0\].shape`/],
  [JSON.stringify({ ...description, tolerance: { absolute: 9, relative: 0 } }).replace('9', '1e999'), /`tolerance`/],
  [{ ...description, golden: [{ name: 'a', inputs: [], outputs: 'y' }] }, /`golden\[0\]`/],
  [{ ...description, golden: [{ name: 'a', inputs: [], outputs: [{ name: 'y' }] }] }, /`golden\[0\]`/],
  [{ ...description, golden: [{}] }, /`golden\[0\]`/],
  [{ ...description, tenant: '../acme' }, /`tenant`/],
])('the description %j is refused with its field', (json, field) => {
  const parsed = parseDescription(typeof json === 'string' ? json : JSON.stringify(json));
  expect(parsed).toMatchObject({ ok: false, error: expect.stringMatching(field) });
});
