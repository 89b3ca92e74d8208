import type { PredictionRequest, PredictionRequests } from '../../kit/predictions/request.ts';
import { asker, memoryObjects } from '../../kit/test-support.ts';
import { type MemoryFiles, memoryFiles } from '../../kit/transform/test-files.ts';
import { sumModel } from '../../kit/transform/test-models.ts';
import { requestRoutes } from './routes.ts';

function world(before: () => void = () => undefined) {
  const kept = new Map<string, PredictionRequest>();
  const sent: string[] = [];
  const files = memoryFiles();
  const keyOf = ({ tenant, id }: { tenant: string; id: string }) => `${tenant}/${id}`;
  const unused = async () => undefined;
  const requests: PredictionRequests = {
    async find(reference) {
      before();
      return kept.get(keyOf(reference));
    },
    async add(request) {
      const there = kept.get(keyOf(request));
      if (!there) kept.set(keyOf(request), request);
      return there;
    },
    list: async (tenant) => [...kept.values()].filter((one) => one.tenant === tenant),
    async uploaded(reference) {
      const there = kept.get(keyOf(reference));
      if (there) kept.set(keyOf(reference), { ...there, state: 'waiting' });
    },
    begin: unused,
    progressed: unused,
    giveBack: unused,
    finish: unused,
    told: unused,
  };
  const models = memoryObjects();
  for (const one of [sumModel({ name: 'sum' }), sumModel({ name: 'own', tenant: 'acme' })]) {
    const folder = `${one.description.tenant ? `tenants/${one.description.tenant}/` : ''}${one.description.name}/1/`;
    models.objects.set(`${folder}model.onnx`, one.onnx);
    models.objects.set(`${folder}model.json`, Buffer.from(one.json));
  }
  const asked = asker(
    requestRoutes({
      requests,
      queue: { send: async (body) => void sent.push(body) },
      files,
      presigner: { upload: async (key) => `put ${key}`, download: async (key) => `get ${key}` },
      models,
      modelPrefix: '',
      bucket: 'b',
      prefix: 'pr-1/',
      now: () => 0,
    }),
  );
  return { ...asked, kept, sent, files };
}

const PATH = '/v1/predictions';

const inputOf = async (files: MemoryFiles, folder: string): Promise<string> =>
  files.text((await files.list(`${folder}input-`))[0] ?? '');

test('rows in JSON are kept before they are accepted, and queued', async () => {
  const { ask, files, sent } = world();
  const answer = await ask('POST', PATH, {
    model: 'sum',
    rows: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  });
  expect(answer.status).toBe(202);
  const { id, state, output } = answer.json() as PredictionRequest;
  expect(state).toBe('waiting');
  expect(output).toBe(`s3://b/pr-1/-/${id}/result.jsonl`);
  expect(await inputOf(files, `pr-1/-/${id}/`)).toBe('[1,2,3]\n[4,5,6]\n');
  expect(sent).toEqual([JSON.stringify({ tenant: '-', id })]);
  expect(answer.headers?.['location']).toBe(`${PATH}/${id}`);
});

test('rows as they are say what they are in the content type', async () => {
  const { ask, files } = world();
  const headers = { 'content-type': 'text/csv; charset=utf-8', 'x-slipway-tenant': 'acme' };
  const answer = await ask('POST', `${PATH}?model=own`, '1,2,3\n', headers);
  const { id } = answer.json() as PredictionRequest;
  expect(await inputOf(files, `pr-1/acme/${id}/`)).toBe('1,2,3\n');
});

test('the same idempotency key is the same request; of another tenant it is another one; with other rows it is refused', async () => {
  const { ask, kept, sent } = world();
  const post = (rows: unknown, tenant: string) =>
    ask('POST', PATH, { model: 'sum', rows }, { 'idempotency-key': 'k', 'x-slipway-tenant': tenant });
  const first = (await post([[1, 2, 3]], 'acme')).json() as PredictionRequest;
  expect((await post([[1, 2, 3]], 'acme')).json()).toMatchObject({ id: first.id });
  expect((await post([[1, 2, 3]], 'bolt')).json()).not.toMatchObject({ id: first.id });
  expect(await post([[9, 2, 3]], 'acme')).toMatchObject({ status: 422 });
  expect(kept.size).toBe(2);
  expect(sent).toHaveLength(3);
});

test('rows of a submission that was killed before it was kept are not answered for others with the same key', async () => {
  const { ask, kept, files } = world();
  const post = (rows: unknown) => ask('POST', PATH, { model: 'sum', rows }, { 'idempotency-key': 'k' });
  await post([[1, 2, 3]]);
  kept.clear();
  const { id } = (await post([[9, 2, 3]])).json() as PredictionRequest;
  expect(files.text(kept.get(`-/${id}`)?.input ?? '')).toBe('[9,2,3]\n');
});

test('an upload is started when its file is there', async () => {
  const { ask, files, sent } = world();
  const asked = (await ask('POST', PATH, { model: 'sum', upload: true, format: 'csv' })).json() as PredictionRequest;
  expect(asked).toMatchObject({
    state: 'uploading',
    upload: { url: `put pr-1/-/${asked.id}/input.csv`, startAt: `${PATH}/${asked.id}/start` },
  });
  expect(await ask('POST', `${PATH}/${asked.id}/start`)).toMatchObject({ status: 409 });
  expect(sent).toEqual([]);
  files.put(`pr-1/-/${asked.id}/input.csv`, '1,2,3');
  const started = await ask('POST', `${PATH}/${asked.id}/start`);
  expect([started.status, (started.json() as PredictionRequest).state]).toEqual([202, 'waiting']);
  expect(sent).toHaveLength(1);
});

test('only its tenant sees a request and its result', async () => {
  const { ask, kept } = world();
  const acme = { 'x-slipway-tenant': 'acme' };
  const { id } = (await ask('POST', PATH, { model: 'own', rows: [[1, 2, 3]] }, acme)).json() as PredictionRequest;
  const there = kept.get(`acme/${id}`);
  if (there) kept.set(`acme/${id}`, { ...there, state: 'done', rows: 1, failed: 0 });
  expect((await ask('GET', `${PATH}/${id}`, undefined, acme)).json()).toMatchObject({
    state: 'done',
    result: { url: `get pr-1/acme/${id}/result.jsonl` },
  });
  expect(await ask('GET', `${PATH}/${id}`)).toMatchObject({ status: 404 });
  expect((await ask('GET', PATH)).json()).toEqual({ predictions: [] });
  expect((await ask('GET', PATH, undefined, acme)).json()).toMatchObject({ predictions: [{ id }] });
});

test.each([
  [{ rows: [[1]] }, {}, 400, 'model'],
  [{ model: 'sum' }, {}, 400, 'rows'],
  [{ model: 'sum', rows: [] }, {}, 400, 'at least one row'],
  [{ model: 'sum', rows: [[1]], upload: true }, {}, 400, 'not both'],
  [{ model: 'sum', upload: true }, {}, 400, 'format'],
  [{ model: 'sum', rows: [[1]], version: 1 }, {}, 400, 'version'],
  [{ model: 'sum', version: '2', rows: [[1]] }, {}, 404, 'version 2'],
  [{ model: '../sum', rows: [[1]] }, {}, 404, 'there is no model'],
  [{ model: 'own', rows: [[1]] }, {}, 404, 'there is no model own'],
  [{ model: 'acme/own', rows: [[1]] }, { 'x-slipway-tenant': 'bolt' }, 404, 'there is no model acme/own'],
  [{ model: 'sum', rows: [[1]] }, { 'x-slipway-tenant': '../x' }, 400, 'x-slipway-tenant'],
  [{ model: 'sum', rows: [[1]] }, { 'idempotency-key': '' }, 400, 'idempotency-key'],
  ['x', {}, 400, 'not JSON'],
])('%j %j is refused with %d and says why', async (body, headers, status, reason) => {
  const { ask, kept } = world();
  const answer = await ask('POST', PATH, body, headers as Record<string, string>);
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(reason)]);
  expect(kept.size).toBe(0);
});

test('when AWS throttles, the caller is told to try again', async () => {
  const { ask } = world(() => {
    throw Object.assign(new Error('slow down'), { $metadata: { httpStatusCode: 400 } });
  });
  const answer = await ask('GET', `${PATH}/1`);
  expect([answer.status, answer.headers?.['retry-after']]).toEqual([503, '2']);
});
