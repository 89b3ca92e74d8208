import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildServices } from '../../pipeline/image/build.ts';
import { findEngine } from '../../pipeline/image/dockerfile/engine.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from '../images/cloud.ts';
import { type BuildEngine, startBuildEngine } from './build-engine.ts';
import { pushStandInPython } from './python-base.ts';

const FIXTURE = join(import.meta.dirname, '../fixtures/python-service');

let checkout: Checkout;
let registry: TestRegistry;
let engine: BuildEngine;
let base: string;
const before = { ...process.env };

beforeAll(async () => {
  [checkout, registry, engine] = await Promise.all([createCheckout(), startRegistry(), startBuildEngine()]);
  Object.assign(process.env, engine.environment);
  base = await pushBase(registry);
  const python = await pushStandInPython(registry);
  const folder = join(checkout.root, 'services/sentiment');
  cpSync(FIXTURE, folder, { recursive: true });
  const file = join(folder, 'Dockerfile');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('docker.io/library/python:3.11-slim', python));
}, 60_000);
afterAll(async () => {
  await engine.close();
  await registry.close();
  checkout.remove();
  for (const name of Object.keys(engine.environment)) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

async function build(commit: string) {
  const sentiment: Manifest = { ...checkout.manifests[0], name: 'sentiment', builder: 'dockerfile' };
  const common = { root: checkout.root, registry: { host: registry.host }, app: 'app', base, commit };
  const [result] = await buildServices({ ...common, manifests: [sentiment] });
  if (!result?.ok) throw new Error(JSON.stringify(result));
  return result.image;
}

test('the engine builds with BuildKit', async () => {
  expect(['buildx', 'buildkit']).toContain(await findEngine());
});

test('a Python service is trained while it is built, runs, and answers', async () => {
  const image = await build('c1');
  expect(image).toMatchObject({ changed: true, tag: 'sha-c1' });
  const reference = `${registry.host}/app/sentiment@${image.digest}`;
  await engine.docker('image', 'prune', '--all', '--force');
  const port = await freePort();
  const options = ['--detach', '--rm', '--read-only', '--network=host', '-e', `PORT=${port}`, '-e', 'HOST=127.0.0.1'];
  const container = await engine.docker('run', ...options, reference);
  try {
    expect(await answer(port, '/health')).toEqual({ status: 'ok', user: 1000 });
    expect(await answer(port, '/sentiment', 'What a fast, happy release')).toMatchObject({ sentiment: 'positive' });
    expect(await answer(port, '/sentiment', 'The build is slow and broken')).toMatchObject({ sentiment: 'negative' });
  } finally {
    await engine.docker('kill', container);
  }
}, 120_000);

test('nothing changed: nothing is built, although the engine has forgotten everything', async () => {
  await engine.docker('builder', 'prune', '--all', '--force');
  expect(await build('c2')).toMatchObject({ changed: false, bytesPushed: 0, tag: 'sha-c2' });
});

test('a fresh engine takes the steps that did not change from the registry', async () => {
  await engine.docker('builder', 'prune', '--all', '--force');
  await engine.docker('image', 'prune', '--all', '--force');
  const labelled = (await registry.client.listTags('app/sentiment')).filter((tag) => tag.startsWith('key-'));
  checkout.write('services/sentiment/main.py', `${readFileSync(join(FIXTURE, 'main.py'), 'utf8')}\n# changed\n`);
  const image = await build('c3');
  expect(image.changed).toBe(true);
  const layers = async (target: string): Promise<readonly string[]> => {
    const pulled = await registry.client.pullManifest('app/sentiment', target);
    return pulled && 'layers' in pulled.document ? pulled.document.layers.map(({ digest }) => digest) : [];
  };
  const [old, young] = [await layers(labelled[0] ?? ''), await layers(image.digest)];
  // Base, folder and weights are the layers of the first image; the program and what is compiled of it are new.
  const shared = young.filter((digest) => old.includes(digest));
  expect(shared.length).toBeGreaterThanOrEqual(3);
  expect(young.length).toBeGreaterThan(shared.length);
}, 120_000);

async function answer(port: number, path: string, body?: string): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const url = `http://127.0.0.1:${port}${path}`;
      return await (await fetch(url, body === undefined ? {} : { method: 'POST', body })).json();
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
