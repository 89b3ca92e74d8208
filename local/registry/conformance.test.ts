import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import { MEDIA } from '../../pipeline/image/registry/oci.ts';
import { createRegistry, type Registry } from './registry.ts';

/**
 * What the distribution specification 1.1 asks of a registry, by its four categories, spoken in plain HTTP.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
let folder: string;
let registry: Registry;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-conformance-'));
  registry = await createRegistry({ folder, port: 0 });
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}
type RequestHeaders = Readonly<Record<string, string>>;

async function ask(method: string, path: string, headers: RequestHeaders = {}, body?: Buffer): Promise<Answer> {
  const url = path.startsWith('http') ? path : `http://127.0.0.1:${registry.port}${path}`;
  const answer = await fetch(url, { method, headers, ...(body && { body: new Uint8Array(body) }) });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

const NAME = 'conformance/image';
const MISSING = sha256('nothing has this content');
const CONFIG = Buffer.from('{"architecture":"amd64","os":"linux"}');
const LAYER = randomBytes(2000);
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const descriptor = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
const MANIFEST = json({
  schemaVersion: 2,
  mediaType: MEDIA.manifest,
  config: descriptor(CONFIG, MEDIA.config),
  layers: [descriptor(LAYER, 'application/vnd.oci.image.layer.v1.tar+gzip')],
});
const asManifest = { 'content-type': MEDIA.manifest };
const octets = { 'content-type': 'application/octet-stream' };

async function start(name = NAME): Promise<string> {
  const answer = await ask('POST', `/v2/${name}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  return answer.headers.get('location') ?? '';
}

async function pushBlob(bytes: Buffer, name = NAME): Promise<Answer> {
  const location = await start(name);
  return ask('PUT', `${location}?digest=${sha256(bytes)}`, octets, bytes);
}

async function pushImage(tag: string, name = NAME): Promise<void> {
  for (const blob of [CONFIG, LAYER]) expect((await pushBlob(blob, name)).status).toBe(201);
  expect((await ask('PUT', `/v2/${name}/manifests/${tag}`, asManifest, MANIFEST)).status).toBe(201);
}

const codeOf = ({ body }: Answer): string => JSON.parse(body.toString()).errors[0].code;

describe('support and error codes', () => {
  test('GET /v2/ says that this is a registry', async () => {
    expect((await ask('GET', '/v2/')).status).toBe(200);
  });

  test.each([
    ['GET', `/v2/${NAME}/blobs/${MISSING}`, 404, 'BLOB_UNKNOWN'],
    ['GET', `/v2/${NAME}/manifests/none`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/v2/${NAME}/manifests/${MISSING}`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/not/there/tags/list', 404, 'NAME_UNKNOWN'],
    ['DELETE', `/v2/${NAME}/blobs/${MISSING}`, 404, 'BLOB_UNKNOWN'],
    ['DELETE', `/v2/${NAME}/manifests/${MISSING}`, 404, 'MANIFEST_UNKNOWN'],
    ['PATCH', `/v2/${NAME}/blobs/uploads/00000000-0000-0000-0000-000000000000`, 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['GET', '/v2/Upper/manifests/x', 404, 'NAME_INVALID'],
    ['PUT', `/v2/${NAME}/manifests/x`, 400, 'MANIFEST_INVALID'],
    ['POST', `/v2/${NAME}/tags/list`, 405, 'UNSUPPORTED'],
  ])('%s %s is %d %s', async (method, path, status, code) => {
    const answer = await ask(method, path);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/json');
  });
});

describe('pull', () => {
  beforeAll(() => pushImage('pull'));

  test.each(['pull', sha256(MANIFEST)])('a manifest by %s, with its digest and type', async (target) => {
    const path = `/v2/${NAME}/manifests/${target}`;
    const [head, get] = [await ask('HEAD', path), await ask('GET', path, { accept: MEDIA.manifest })];
    for (const { status, headers } of [head, get]) {
      expect(status).toBe(200);
      expect(headers.get('docker-content-digest')).toBe(sha256(MANIFEST));
      expect(headers.get('content-type')).toBe(MEDIA.manifest);
      expect(headers.get('content-length')).toBe(String(MANIFEST.length));
    }
    expect(head.body).toHaveLength(0);
    expect(get.body.equals(MANIFEST)).toBe(true);
  });

  test('a blob, whole, in part and without its content', async () => {
    const path = `/v2/${NAME}/blobs/${sha256(LAYER)}`;
    const head = await ask('HEAD', path);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '2000']);
    expect((await ask('GET', path)).body.equals(LAYER)).toBe(true);
    const part = await ask('GET', path, { range: 'bytes=100-199' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/2000']);
    expect(part.body.equals(LAYER.subarray(100, 200))).toBe(true);
    expect((await ask('GET', path, { range: 'bytes=2000-' })).status).toBe(416);
  });

  test('what is not there is 404, for HEAD too', async () => {
    expect((await ask('HEAD', `/v2/${NAME}/manifests/none`)).status).toBe(404);
    expect((await ask('HEAD', `/v2/${NAME}/blobs/${MISSING}`)).status).toBe(404);
  });
});

describe('push', () => {
  test('a blob in one POST', async () => {
    const bytes = randomBytes(300);
    const answer = await ask('POST', `/v2/${NAME}/blobs/uploads/?digest=${sha256(bytes)}`, octets, bytes);
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/${NAME}/blobs/${sha256(bytes)}`]);
  });

  test('an empty blob', async () => {
    const answer = await pushBlob(Buffer.alloc(0));
    const stored = await ask('GET', answer.headers.get('location') ?? '');
    expect([answer.status, stored.status, stored.body.length]).toEqual([201, 200, 0]);
  });

  test('a blob in a POST and a PUT', async () => {
    const answer = await pushBlob(randomBytes(300));
    expect(answer.status).toBe(201);
    expect((await ask('GET', answer.headers.get('location') ?? '')).status).toBe(200);
  });

  test('a blob in chunks, in order and in no other', async () => {
    const bytes = randomBytes(900);
    let location = await start();
    for (const from of [0, 300]) {
      const headers = { ...octets, 'content-range': `${from}-${from + 299}` };
      const chunk = await ask('PATCH', location, headers, bytes.subarray(from, from + 300));
      expect([chunk.status, chunk.headers.get('range')]).toEqual([202, `0-${from + 299}`]);
      location = chunk.headers.get('location') ?? '';
    }
    const wrong = await ask('PATCH', location, { ...octets, 'content-range': '100-399' }, bytes.subarray(100, 400));
    expect([wrong.status, wrong.headers.get('range')]).toEqual([416, '0-599']);
    const progress = await ask('GET', location);
    expect([progress.status, progress.headers.get('range')]).toEqual([204, '0-599']);
    const last = { ...octets, 'content-range': '600-899' };
    const done = await ask('PUT', `${location}?digest=${sha256(bytes)}`, last, bytes.subarray(600));
    expect(done.status).toBe(201);
    expect((await ask('GET', `/v2/${NAME}/blobs/${sha256(bytes)}`)).body.equals(bytes)).toBe(true);
  });

  test('an upload that is cancelled is gone', async () => {
    const location = await start();
    expect((await ask('DELETE', location)).status).toBe(204);
    expect((await ask('GET', location)).status).toBe(404);
  });

  test('a digest that is not the content is refused', async () => {
    const answer = await ask('PUT', `${await start()}?digest=${MISSING}`, octets, LAYER);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
    const byDigest = await ask('PUT', `/v2/${NAME}/manifests/${MISSING}`, asManifest, MANIFEST);
    expect([byDigest.status, codeOf(byDigest)]).toEqual([400, 'DIGEST_INVALID']);
  });

  test('a blob is mounted from another repository; what that one lacks is uploaded instead', async () => {
    await pushBlob(LAYER);
    const path = (digest: string): string => `/v2/conformance/other/blobs/uploads/?mount=${digest}&from=${NAME}`;
    const mounted = await ask('POST', path(sha256(LAYER)));
    expect(mounted.status).toBe(201);
    expect((await ask('HEAD', mounted.headers.get('location') ?? '')).status).toBe(200);
    const nowhere = `/v2/conformance/other/blobs/uploads/?mount=${MISSING}`;
    for (const refused of [await ask('POST', path(MISSING)), await ask('POST', nowhere)]) {
      expect(refused.status).toBe(202);
      expect(refused.headers.get('location')).toContain('/blobs/uploads/');
    }
  });

  test('a manifest by tag and by digest; again is the same', async () => {
    await pushImage('push');
    for (const target of ['push', 'other', sha256(MANIFEST)]) {
      const answer = await ask('PUT', `/v2/${NAME}/manifests/${target}`, asManifest, MANIFEST);
      expect([answer.status, answer.headers.get('docker-content-digest')]).toEqual([201, sha256(MANIFEST)]);
      expect((await ask('GET', answer.headers.get('location') ?? '')).body.equals(MANIFEST)).toBe(true);
    }
  });

  test('a manifest whose blobs are not there is refused', async () => {
    const manifest = json({
      schemaVersion: 2,
      config: { ...descriptor(CONFIG, MEDIA.config), digest: MISSING },
      layers: [],
    });
    const answer = await ask('PUT', `/v2/${NAME}/manifests/x`, asManifest, manifest);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
  });

  test('a subject is acknowledged, whether it is there or not', async () => {
    await pushImage('push');
    const subject = { mediaType: MEDIA.manifest, digest: MISSING, size: 1 };
    const manifest = json({ schemaVersion: 2, config: descriptor(CONFIG, MEDIA.config), layers: [], subject });
    const answer = await ask('PUT', `/v2/${NAME}/manifests/${sha256(manifest)}`, asManifest, manifest);
    expect([answer.status, answer.headers.get('oci-subject')]).toEqual([201, MISSING]);
  });
});

describe('content discovery', () => {
  const name = 'conformance/discovery';
  const list = async (query: string) => ask('GET', `/v2/${name}/tags/list${query}`);
  beforeAll(async () => {
    for (const tag of ['c', 'a', 'd', 'b']) await pushImage(tag, name);
  });

  test.each([
    ['', ['a', 'b', 'c', 'd'], null],
    ['?n=2', ['a', 'b'], `</v2/${name}/tags/list?n=2&last=b>; rel="next"`],
    ['?n=2&last=b', ['c', 'd'], null],
    ['?n=4', ['a', 'b', 'c', 'd'], null],
    ['?last=c', ['d'], null],
    ['?last=z', [], null],
    ['?n=0', [], null],
  ])('tags%s', async (query, tags, link) => {
    const answer = await list(query);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual({ name, tags });
    expect(answer.headers.get('link')).toBe(link);
  });

  test('referrers: an index of what names a subject, filtered by type, empty for a digest that nobody knows', async () => {
    const artifact = (artifactType: string) =>
      json({
        schemaVersion: 2,
        mediaType: MEDIA.manifest,
        artifactType,
        config: descriptor(CONFIG, MEDIA.empty),
        layers: [],
        subject: descriptor(MANIFEST, MEDIA.manifest),
        annotations: { note: artifactType },
      });
    const all = ['test/one', 'test/two'].map((type) => artifact(type));
    for (const bytes of all) await ask('PUT', `/v2/${name}/manifests/${sha256(bytes)}`, asManifest, bytes);
    const found = async (query: string) => {
      const answer = await ask('GET', `/v2/${name}/referrers/${query}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, MEDIA.index]);
      return { filters: answer.headers.get('oci-filters-applied'), ...JSON.parse(answer.body.toString()) };
    };
    const both = await found(sha256(MANIFEST));
    expect(both).toMatchObject({ schemaVersion: 2, mediaType: MEDIA.index, filters: null });
    expect(both.manifests.map(({ digest }: { digest: string }) => digest).sort()).toEqual(all.map(sha256).sort());
    const one = await found(`${sha256(MANIFEST)}?artifactType=test/two`);
    expect(one.filters).toBe('artifactType');
    expect(one.manifests).toEqual([
      expect.objectContaining({ artifactType: 'test/two', annotations: { note: 'test/two' }, size: all[1]?.length }),
    ]);
    expect((await found(MISSING)).manifests).toEqual([]);
  });

  test('referrers: the type of an artifact without one is its configuration, and an index may refer, too', async () => {
    const subject = descriptor(Buffer.from('anything'), MEDIA.manifest);
    const config = descriptor(CONFIG, 'test/config');
    const artifact = json({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [], subject });
    const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [], subject };
    const all = [artifact, json({ ...index, artifactType: 'test/index' }), json(index)];
    for (const bytes of all) {
      const type = JSON.parse(bytes.toString()).mediaType as string;
      const answer = await ask('PUT', `/v2/${name}/manifests/${sha256(bytes)}`, { 'content-type': type }, bytes);
      expect([answer.status, answer.headers.get('oci-subject')]).toEqual([201, subject.digest]);
    }
    const { body } = await ask('GET', `/v2/${name}/referrers/${subject.digest}`);
    const types = JSON.parse(body.toString()).manifests.map((one: { artifactType?: string }) => one.artifactType);
    expect(types.sort()).toEqual(['test/config', 'test/index', undefined]);
  });
});

describe('content management', () => {
  const name = 'conformance/management';
  const status = async (method: string, path: string): Promise<number> =>
    (await ask(method, `/v2/${name}/${path}`)).status;
  beforeEach(() => pushImage('tag', name));

  test('a tag is deleted alone', async () => {
    expect(await status('DELETE', 'manifests/tag')).toBe(202);
    expect(await status('GET', 'manifests/tag')).toBe(404);
    expect(await status('GET', `manifests/${sha256(MANIFEST)}`)).toBe(200);
  });

  test('a manifest is deleted with its tags, and is gone the second time', async () => {
    expect(await status('DELETE', `manifests/${sha256(MANIFEST)}`)).toBe(202);
    expect(await status('GET', 'manifests/tag')).toBe(404);
    expect(await status('DELETE', `manifests/${sha256(MANIFEST)}`)).toBe(404);
    expect(await status('GET', 'tags/list')).toBe(200);
  });

  test('a blob is deleted, in this repository only', async () => {
    await pushImage('tag', 'conformance/neighbour');
    expect(await status('DELETE', `blobs/${sha256(LAYER)}`)).toBe(202);
    expect(await status('GET', `blobs/${sha256(LAYER)}`)).toBe(404);
    expect((await ask('HEAD', `/v2/conformance/neighbour/blobs/${sha256(LAYER)}`)).status).toBe(200);
  });
});
