import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendHttp } from './http.ts';
import { createSentry, type SentrySettings } from './sentry.ts';
import { uploadSourceMaps } from './sentry-source-maps.ts';

interface Call {
  readonly path: string;
  readonly body: string;
}

let server: Server;
let settings: SentrySettings;
let calls: Call[];
/** Status of the answer; undefined: none ever comes. */
let answer: (call: Call) => number | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const call = { path: String(request.url), body };
      calls.push(call);
      const status = answer(call);
      if (status !== undefined) response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  settings = {
    url: `http://127.0.0.1:${port}/`,
    token: 't',
    organization: 'acme',
    projects: ['web'],
    repository: 'a/b',
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  calls = [];
  answer = () => 201;
});

const deployment = {
  ...{ version: 'c2', brings: { since: 'c1' }, environment: 'staging', name: 'deploy', url: 'https://x' },
  ...{ startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:01:00Z' },
};
const json = (call: Call | undefined): unknown => JSON.parse(call?.body ?? 'null');

test('a release is told with its commits', async () => {
  expect(await createSentry(settings, sendHttp).announce(deployment)).toBeUndefined();
  expect(calls.map(({ path }) => path)).toEqual([
    '/api/0/organizations/acme/releases/',
    '/api/0/organizations/acme/releases/c2/deploys/',
  ]);
  const refs = [{ repository: 'a/b', commit: 'c2', previousCommit: 'c1' }];
  expect(json(calls[0])).toEqual({ version: 'c2', projects: ['web'], refs });
  expect(json(calls[1])).toMatchObject({ environment: 'staging', name: 'deploy' });
});

test('a rollback is a deploy of the old release with its reason; its commits stay what they were', async () => {
  const { brings: _, ...rollback } = { ...deployment, name: 'rollback: bad answers' };
  expect(await createSentry(settings, sendHttp).announce(rollback)).toBeUndefined();
  expect(json(calls[0])).toEqual({ version: 'c2', projects: ['web'] });
  expect(json(calls[1])).toMatchObject({ environment: 'staging', name: 'rollback: bad answers' });
});

test('a Sentry that does not know the repository takes the commit itself', async () => {
  answer = ({ body }) => (body.includes('refs') ? 400 : 201);
  expect(await createSentry(settings, sendHttp).announce(deployment)).toBeUndefined();
  expect(json(calls[1])).toMatchObject({ version: 'c2', commits: [{ id: 'c2' }] });
});

test('a Sentry that is broken, or never answers, is words and nothing else', async () => {
  answer = () => 503;
  expect(await createSentry(settings, sendHttp).announce(deployment)).toContain('Sentry answered 503');
  answer = () => undefined;
  // All calls share one patience: it is not one per call.
  expect(await createSentry(settings, sendHttp, 100).announce(deployment)).toMatch(/no answer within \d+ ms/);
  expect(await createSentry({ ...settings, url: 'http://127.0.0.1:1' }, sendHttp).announce(deployment)).toContain(
    'Sentry was not told',
  );
});

describe('source maps', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-maps-'));
    for (const service of ['web', 'inference']) {
      mkdirSync(join(folder, service));
      writeFileSync(join(folder, service, 'main.mjs.map'), `{"file":"${service}"}`);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const upload = (patienceMs = 5_000) => uploadSourceMaps(settings, { folder, version: 'c2', patienceMs });

  test('each service has its own, under the name that its container has for the bundle', async () => {
    expect(await upload()).toEqual([]);
    const forms = calls.filter(({ path }) => path.endsWith('/releases/c2/files/')).map(({ body }) => body);
    expect(forms).toHaveLength(2);
    expect(forms.every((form) => form.includes('/app/main.mjs.map'))).toBe(true);
    expect(forms.some((form) => form.includes('name="dist"\r\n\r\nweb') && form.includes('{"file":"web"}'))).toBe(true);
  });

  test('a file that is there already is fine; what fails or hangs is words', async () => {
    answer = ({ path }) => (path.endsWith('/files/') ? 409 : 208);
    expect(await upload()).toEqual([]);
    answer = ({ body }) => (body.includes('inference') ? 500 : 201);
    expect(await upload()).toEqual([expect.stringContaining('no source map of inference: Sentry answered 500')]);
    answer = () => undefined;
    expect(await upload(100)).toEqual([expect.stringContaining('no answer within 100 ms')]);
  });

  test('nothing was built: nothing is told', async () => {
    rmSync(folder, { recursive: true });
    expect(await upload()).toEqual([]);
    mkdirSync(folder);
    expect(calls).toEqual([]);
  });
});
