import * as Sentry from '@sentry/node';
import { openStore, type Store } from '../state/store.ts';
import { parseEnvelope } from './envelope.ts';
import { type SentryServer, startSentry } from './server.ts';

describe('Sentry stand-in', () => {
  let store: Store;
  let server: SentryServer;

  beforeEach(async () => {
    store = openStore(':memory:');
    server = await startSentry({ store, port: 0, now: () => Date.parse('2026-11-21T12:00:00Z') });
  });

  afterEach(async () => {
    await server.close();
    store.close();
  });

  const post = (path: string, body: unknown) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body: JSON.stringify(body) });

  test('keeps an event that the real SDK sends, with release and environment', async () => {
    Sentry.init({
      dsn: `http://key@127.0.0.1:${server.port}/7`,
      release: 'abc',
      environment: 'staging',
      defaultIntegrations: false,
    });
    Sentry.captureException(new Error('model not found'));
    await Sentry.flush(2000);

    expect(server.events()).toMatchObject([
      { project: '7', release: 'abc', environment: 'staging', message: 'Error: model not found' },
    ]);
  });

  test('a deploy belongs to a release that exists', async () => {
    const early = await post('/api/0/organizations/o/releases/abc/deploys/', { environment: 'production' });
    expect(early.status).toBe(400);
    expect(await early.json()).toEqual({ detail: 'There is no release abc; create it first' });

    await post('/api/0/organizations/o/releases/', { version: 'abc', projects: ['web'] });
    await post('/api/0/organizations/o/releases/', { version: 'abc', projects: ['inference'] });
    await post('/api/0/organizations/o/releases/abc/deploys/', { environment: 'production' });
    expect(server.releases()).toMatchObject([{ version: 'abc', projects: ['inference', 'web'] }]);
    expect(server.deploys()).toMatchObject([{ release: 'abc', environment: 'production' }]);
  });

  test('commits and source maps belong to a release', async () => {
    await post('/api/0/organizations/o/releases/', { version: 'abc', refs: [{ repository: 'o/r', commit: 'abc' }] });
    const form = new FormData();
    form.set('name', '/app/main.mjs.map');
    form.set('dist', 'web');
    form.set('file', new Blob(['{}']), 'main.mjs.map');
    const url = `http://127.0.0.1:${server.port}/api/0/organizations/o/releases/abc/files/`;
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(201);
    expect(server.releases()).toMatchObject([{ version: 'abc', refs: [{ commit: 'abc' }] }]);
    expect(await (await fetch(url)).json()).toEqual([
      { release: 'abc', name: '/app/main.mjs.map', dist: 'web', bytes: 2 },
    ]);
  });

  test('what is not supported is refused by name', async () => {
    const response = await post('/api/0/organizations/o/chunk-upload/', {});
    expect(response.status).toBe(501);
    expect(await response.json()).toEqual({
      detail: 'The local Sentry does not support POST /api/0/organizations/o/chunk-upload/',
    });
  });
});

test.each([
  ['an envelope header that is not JSON', 'nonsense\n'],
  ['an item that is cut off', '{}\n{"type":"event","length":100}\n{}'],
])('parseEnvelope refuses %s', (_case, text) => {
  expect(() => parseEnvelope(Buffer.from(text))).toThrow(/header is not JSON|ends inside an item/);
});
