import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryObjects } from '../../kit/test-support.ts';
import { containers } from './routes/target-container.ts';
import { denseModel, inBucket, type MadeModel } from './test-models.ts';
import { startTestServer } from './test-server.ts';

const light = [4, 97, 67, 2065, 17.8, 1980, 2];

test('a container is chosen by its host name; without one, or with one that is unknown, the names are listed', async () => {
  const asked: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    const { 'content-type': type, 'x-secret': secret, 'x-slipway-variant': variant } = request.headers;
    const named = Object.keys(request.headers).filter((name) => name.includes('container'));
    asked.push(`${request.method} ${request.url} ${type} ${secret} ${variant} ${named}`);
    response.writeHead(200, { 'content-type': 'text/plain', 'x-slipway-prediction': 'p' }).end('from the other');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const containers = new Map([
    ['inference', 'self'],
    ['other', `http://127.0.0.1:${port}`],
    ['gone', 'http://127.0.0.1:1'],
  ]);
  const { ask } = await startTestServer({ containers });
  const to = (name: string) => ({ 'x-amzn-sagemaker-target-container-hostname': name });
  const body = { instances: [light] };
  expect(await ask('POST', '/invocations', body, { ...to('other'), 'x-secret': 'x' })).toMatchObject({
    status: 200,
    text: 'from the other',
  });
  expect(asked).toEqual(['POST /invocations application/json undefined undefined ']);
  const named = '/invocations?TargetModel=a%2Fb&TargetContainerHostname=other';
  expect((await ask('POST', named, body, { 'x-slipway-variant': 'b' })).headers).toMatchObject({
    'x-slipway-prediction': 'p',
  });
  expect(asked[1]).toBe('POST /invocations?TargetModel=a%2Fb application/json undefined b ');
  expect((await ask('POST', '/invocations', body, { ...to('inference'), targetmodel: 'fuel-economy' })).status).toBe(
    200,
  );
  expect(await ask('POST', '/invocations', body)).toMatchObject({
    status: 400,
    text: expect.stringContaining('TargetContainerHostname: inference, other, gone'),
  });
  expect(await ask('POST', '/invocations', body, to('none'))).toMatchObject({
    status: 400,
    text: expect.stringContaining('only inference, other, gone'),
  });
  expect((await ask('POST', '/invocations?TargetContainerHostname=other', body)).text).toBe('from the other');
  expect((await ask('POST', '/invocations', body, to('gone'))).status).toBe(503);
  other.close();
  other.closeAllConnections();
});

test('a request that names no container goes where its model says; without a word of either the names are listed', async () => {
  const containers = new Map([
    ['inference', 'self'],
    ['gone', 'http://127.0.0.1:1'],
  ]);
  const saying = (name: string, more: object): MadeModel => {
    const made = denseModel({ name, sizes: [3, 1], seed: 1, ...('tenant' in more && { tenant: 'acme' }) });
    return { ...made, json: JSON.stringify({ ...JSON.parse(made.json), ...more }) };
  };
  const made = inBucket([
    saying('here', { targetContainer: 'inference' }),
    saying('there', { targetContainer: 'gone' }),
    saying('nowhere', { targetContainer: 'unheard-of' }),
    saying('silent', {}),
    saying('silent', { tenant: 'acme', targetContainer: 'gone' }),
  ]);
  const objects = memoryObjects(new Map(made));
  const { ask } = await startTestServer({ objects, containers });
  const invoke = async (model: string, headers: Record<string, string> = {}) =>
    (await ask('POST', '/invocations', { instances: [[1, 2, 3]] }, { targetmodel: model, ...headers })).status;
  expect(await invoke('here')).toBe(200);
  expect(await invoke('there')).toBe(503);
  expect(await invoke('there', { targetcontainerhostname: 'inference' })).toBe(200);
  expect(await invoke('silent', { 'x-slipway-tenant': 'acme' })).toBe(503);
  expect(await invoke('acme/silent', { 'x-slipway-tenant': 'zeta' })).toBe(400);
  for (const model of ['silent', 'nowhere', 'no-such-model', '../here']) {
    const { status, text } = await ask('POST', '/invocations', { instances: [] }, { targetmodel: model });
    expect([status, text]).toEqual([400, expect.stringContaining('inference, gone')]);
  }
});

test.each(['a=ftp://x', 'a=https://x', 'a', '=http://x', 'a=self,a=self', 'a b=self'])(
  'the containers %j are refused when the service starts',
  (value) => expect(containers('TARGET_CONTAINERS')({ TARGET_CONTAINERS: value })).toMatchObject({ ok: false }),
);

test('fifteen containers are possible, sixteen are not', () => {
  const many = (count: number) => ({ C: Array.from({ length: count }, (_, at) => `c${at}=http://c${at}:8080`).join() });
  expect(containers('C')(many(15))).toMatchObject({ ok: true, value: { size: 15 } });
  expect(containers('C')(many(16))).toMatchObject({ ok: false, error: expect.stringContaining('at most 15') });
});
