import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createRegistryClient, type RegistryClient } from '../../pipeline/image/registry/client.ts';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import { MEDIA } from '../../pipeline/image/registry/oci.ts';
import { createRegistry, type Registry, type RegistryOptions } from './registry.ts';
import { blobOf, descriptorOf, LAYER, pushImage, startFlakyProxy } from './testing.ts';

const quick = { sleep: async () => undefined };

let folder: string;
let registry: Registry;
let client: RegistryClient;
const open: { close(): Promise<void> | void }[] = [];

async function start(options: Partial<RegistryOptions> = {}): Promise<Registry> {
  const started = await createRegistry({ folder, port: 0, ...options });
  open.push(started);
  return started;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  registry = await start();
  client = createRegistryClient({ host: `127.0.0.1:${registry.port}`, retry: quick });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function flakyProxy(cuts: { upload?: number; download?: number }[]): Promise<string> {
  const proxy = await startFlakyProxy(registry.port, cuts);
  open.push(proxy);
  return proxy.host;
}

test('what is pushed is pulled, by tag and by digest, and survives a restart', async () => {
  const digest = await pushImage(client, 'slipway/web', 'one');
  expect((await client.resolveManifest('slipway/web', 'one'))?.digest).toBe(digest);
  await registry.close();
  const again = await start({ port: registry.port });
  expect(again.storage.describe('slipway/web', 'one')).toMatchObject({ digest, tags: ['one'] });
  const pulled = await client.pullManifest('slipway/web', digest);
  expect(pulled?.mediaType).toBe(MEDIA.manifest);
  expect((await client.readBlob({ repository: 'slipway/web', digest: sha256(LAYER) })).equals(LAYER)).toBe(true);
});

test('the registry knows how many bytes it was sent, from connections that are gone, too', async () => {
  const before = registry.received();
  await client.ensureBlob('a', blobOf(LAYER));
  const sent = registry.received() - before;
  expect(sent).toBeGreaterThan(LAYER.length);
  expect(sent).toBeLessThan(LAYER.length + 10_000);
  const { port } = registry;
  await fetch(`http://127.0.0.1:${port}/v2/`, { headers: { connection: 'close', 'x-padding': 'x'.repeat(5000) } });
  expect(registry.received() - before).toBeGreaterThan(sent + 5000);
});

test('what is not there is undefined or false', async () => {
  expect(await client.pullManifest('nothing/here', 'latest')).toBeUndefined();
  expect(await client.resolveManifest('nothing/here', sha256('x'))).toBeUndefined();
  expect(await client.hasBlob('nothing/here', sha256('x'))).toBe(false);
  expect(await client.listTags('nothing/here')).toEqual([]);
  expect(await client.referrers('nothing/here', sha256('x'))).toEqual([]);
});

test('a blob is uploaded once, mounted from where it is, and found the next time', async () => {
  expect(await client.ensureBlob('a', blobOf(LAYER))).toBe('uploaded');
  expect(await client.ensureBlob('a', blobOf(LAYER))).toBe('present');
  expect(await client.ensureBlob('b', blobOf(LAYER), { from: ['unknown', 'a'] })).toBe('mounted');
  expect(await client.hasBlob('b', sha256(LAYER))).toBe(true);
});

test('an upload in chunks whose connections break again and again arrives whole', async () => {
  const host = await flakyProxy([{}, { upload: 400_000 }, { upload: 1_500_000 }, { upload: 900_000 }]);
  const flaky = createRegistryClient({ host, retry: quick });
  expect(await flaky.ensureBlob('a', blobOf(LAYER), { chunkSize: 1_000_000 })).toBe('uploaded');
  expect((await client.readBlob({ repository: 'a', digest: sha256(LAYER) })).equals(LAYER)).toBe(true);
});

test('a download whose connection breaks goes on where it broke', async () => {
  await client.ensureBlob('a', blobOf(LAYER));
  const host = await flakyProxy([{ download: 700_000 }, { download: 900_000 }]);
  const flaky = createRegistryClient({ host, retry: quick });
  expect((await flaky.readBlob({ repository: 'a', digest: sha256(LAYER) })).equals(LAYER)).toBe(true);
});

test('an upload goes on after the registry was killed and started again', async () => {
  const started = await fetch(`http://127.0.0.1:${registry.port}/v2/a/blobs/uploads/`, { method: 'POST' });
  const location = started.headers.get('location') ?? '';
  await fetch(`http://127.0.0.1:${registry.port}${location}`, { method: 'PATCH', body: LAYER.subarray(0, 1000) });
  await registry.close();
  const { port } = await start();
  const progress = await fetch(`http://127.0.0.1:${port}${location}`);
  expect([progress.status, progress.headers.get('range')]).toEqual([204, '0-999']);
  const url = `http://127.0.0.1:${port}${location}?digest=${sha256(LAYER)}`;
  const headers = { 'content-range': `1000-${LAYER.length - 1}` };
  expect((await fetch(url, { method: 'PUT', headers, body: LAYER.subarray(1000) })).status).toBe(201);
});

test('bytes that are not what their digest says are refused on both sides', async () => {
  const lying = { ...blobOf(LAYER), digest: sha256('something else') };
  await expect(client.ensureBlob('a', lying)).rejects.toThrow('DIGEST_INVALID');
  await client.ensureBlob('a', blobOf(LAYER));
  const stored = registry.storage.files.blob(sha256(LAYER));
  const damaged = readFileSync(stored);
  damaged[17] = (damaged[17] ?? 0) ^ 1;
  writeFileSync(stored, damaged);
  await expect(client.readBlob({ repository: 'a', digest: sha256(LAYER) })).rejects.toThrow(
    'other content than its digest',
  );
  const opened = client.openBlob({ repository: 'a', digest: sha256(LAYER), size: 100 });
  await expect(text(opened)).rejects.toThrow('longer than announced');
});

test('a manifest needs everything that it names', async () => {
  await client.ensureBlob('a', blobOf(Buffer.from('{}')));
  await client.ensureBlob('b', blobOf(LAYER));
  const manifest = {
    schemaVersion: 2,
    config: descriptorOf(Buffer.from('{}'), MEDIA.config),
    layers: [descriptorOf(LAYER, 'x')],
  };
  const put = client.pushManifest(
    { repository: 'a', target: 't' },
    { bytes: Buffer.from(JSON.stringify(manifest)), mediaType: MEDIA.manifest },
  );
  await expect(put).rejects.toThrow(`a does not hold ${sha256(LAYER)}`);
  for (const body of ['no json', '[]', '{"layers":[]}', '{"manifests":[{}]}']) {
    const bytes = Buffer.from(body);
    await expect(
      client.pushManifest({ repository: 'a', target: 't' }, { bytes, mediaType: MEDIA.manifest }),
    ).rejects.toThrow('MANIFEST_INVALID');
  }
});

test('an immutable tag stays where it is; setting it again to the same is no error', async () => {
  await registry.close();
  const { port } = await start({ isImmutable: (repository) => repository === 'fixed' });
  client = createRegistryClient({ host: `127.0.0.1:${port}` });
  await pushImage(client, 'fixed', 't');
  await pushImage(client, 'fixed', 't');
  await expect(pushImage(client, 'fixed', 't', Buffer.from('other'))).rejects.toMatchObject({
    status: 400,
    code: 'TAG_INVALID',
  });
  await pushImage(client, 'loose', 't');
  await pushImage(client, 'loose', 't', Buffer.from('other'));
});

test('a repository that nobody created takes no push where that is asked for', async () => {
  await registry.close();
  const { port } = await start({ acceptsPush: (repository) => repository === 'created' });
  client = createRegistryClient({ host: `127.0.0.1:${port}` });
  await pushImage(client, 'created', 't');
  await expect(pushImage(client, 'typo', 't')).rejects.toMatchObject({ status: 404, code: 'NAME_UNKNOWN' });
});

test('tags are listed in order, page by page', async () => {
  const digest = await pushImage(client, 'a', 't0');
  for (const tag of ['t3', 't1', 't2']) await pushImage(client, 'a', tag);
  expect(await client.listTags('a')).toEqual(['t0', 't1', 't2', 't3']);
  const first = await fetch(`http://127.0.0.1:${registry.port}/v2/a/tags/list?n=3`);
  expect(await first.json()).toEqual({ name: 'a', tags: ['t0', 't1', 't2'] });
  expect(first.headers.get('link')).toBe('</v2/a/tags/list?n=3&last=t2>; rel="next"');
  const last = await fetch(`http://127.0.0.1:${registry.port}/v2/a/tags/list?n=3&last=t2`);
  expect([await last.json(), last.headers.get('link')]).toEqual([{ name: 'a', tags: ['t3'] }, null]);
  expect(registry.storage.describe('a', digest)?.tags).toEqual(['t0', 't1', 't2', 't3']);
});

test('referrers are found by subject and artifact type', async () => {
  const subject = await pushImage(client, 'a', 't');
  const empty = Buffer.from('{}');
  const described = (await client.resolveManifest('a', subject)) ?? { mediaType: '', digest: '', size: 0 };
  const [digest] = await client.pushReferrers('a', [
    {
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      artifactType: 'application/vnd.cyclonedx+json',
      config: descriptorOf(empty, MEDIA.empty),
      layers: [descriptorOf(empty, MEDIA.empty)],
      subject: described,
    },
  ]);
  expect(await client.referrers('a', subject, 'application/vnd.cyclonedx+json')).toEqual([
    expect.objectContaining({ digest, artifactType: 'application/vnd.cyclonedx+json' }),
  ]);
  expect(await client.referrers('a', subject, 'other/type')).toEqual([]);
});

test('deleting a tag leaves the image, deleting the image takes its tags', async () => {
  const digest = await pushImage(client, 'a', 'one');
  await pushImage(client, 'a', 'two');
  expect(await client.deleteManifest('a', 'one')).toBe(true);
  expect(await client.listTags('a')).toEqual(['two']);
  expect(await client.deleteManifest('a', digest)).toBe(true);
  expect(await client.deleteManifest('a', digest)).toBe(false);
  expect(await client.listTags('a')).toEqual([]);
});

test('garbage is what nothing refers to; what is young is left alone', async () => {
  const digest = await pushImage(client, 'a', 'kept');
  await client.ensureBlob('a', blobOf(randomBytes(5000)));
  expect(registry.storage.collectGarbage()).toBe(0);
  expect(registry.storage.collectGarbage(0)).toBe(5000);
  expect(await client.hasBlob('a', sha256(LAYER))).toBe(true);
  await client.deleteManifest('a', digest);
  expect(registry.storage.collectGarbage(0)).toBeGreaterThan(LAYER.length);
  expect(await client.hasBlob('a', sha256(LAYER))).toBe(false);
});

test('ranges', async () => {
  await client.ensureBlob('a', blobOf(LAYER));
  const get = (range: string) =>
    fetch(`http://127.0.0.1:${registry.port}/v2/a/blobs/${sha256(LAYER)}`, { headers: { range } });
  const middle = await get('bytes=10-19');
  expect([middle.status, middle.headers.get('content-range')]).toEqual([206, `bytes 10-19/${LAYER.length}`]);
  expect(Buffer.from(await middle.arrayBuffer()).equals(LAYER.subarray(10, 20))).toBe(true);
  expect(Buffer.from(await (await get('bytes=-5')).arrayBuffer()).equals(LAYER.subarray(-5))).toBe(true);
  expect((await get(`bytes=${LAYER.length}-`)).status).toBe(416);
});

test('credentials are asked for, checked, and a wrong password is told as such', async () => {
  await registry.close();
  const { port } = await start({ authenticate: (username, password) => username === 'AWS' && password === 'p:w' });
  const host = `127.0.0.1:${port}`;
  const as = (password: string) =>
    createRegistryClient({ host, credentials: async () => ({ username: 'AWS', password }) });
  await pushImage(as('p:w'), 'a', 't');
  await expect(as('wrong').resolveManifest('a', 't')).rejects.toMatchObject({ status: 401 });
  await expect(createRegistryClient({ host }).resolveManifest('a', 't')).rejects.toThrow(
    'asks for credentials and none',
  );
});

test.each([
  ['GET', '/v2/UPPER/manifests/x', 404],
  ['GET', '/v2/a/manifests/../../../../etc/passwd', 404],
  ['GET', '/v2/a%2f..%2f..%2fb/tags/list', 404],
  ['GET', '/v2/a/blobs/sha256:short', 404],
  ['GET', '/other', 404],
  ['POST', '/v2/a/manifests/x', 405],
  ['PUT', `/v2/a/blobs/uploads/${'0'.repeat(36)}?digest=nonsense`, 400],
  ['PATCH', `/v2/a/blobs/uploads/${'0'.repeat(36)}`, 404],
  ['DELETE', '/v2/a/manifests/x', 404],
])('%s %s is refused with %d', async (method, path, status) => {
  const answer = await fetch(`http://127.0.0.1:${registry.port}${path}`, { method });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ errors: [{ code: expect.stringMatching(/^[A-Z_]+$/) }] });
});

test('a port that is taken is an error, and nothing stays open', async () => {
  await expect(createRegistry({ folder, port: registry.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(statSync(folder).isDirectory()).toBe(true);
});
