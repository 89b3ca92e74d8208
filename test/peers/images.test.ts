import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ARTIFACT } from '../../pipeline/image/build/attestations.ts';
import { buildServices, builtImages } from '../../pipeline/image/build.ts';
import { bytesBlob } from '../../pipeline/image/registry/blobs.ts';
import { createRegistryClient, type RegistryClient } from '../../pipeline/image/registry/client.ts';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry } from '../images/cloud.ts';
import { startDockerRegistry } from './docker-registry.ts';

const run = promisify(execFile);
const skopeo = async (...args: string[]): Promise<string> => (await run('skopeo', args)).stdout;
const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];

let checkout: Checkout;
let folder: string;
beforeAll(async () => {
  checkout = await createCheckout();
  folder = await mkdtemp(join(tmpdir(), 'slipway-peers-'));
});
afterAll(() => {
  checkout.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function build(host: string, client: RegistryClient, app: string, commit = 'c1') {
  const base = await pushBase({ host, client });
  const common = { root: checkout.root, manifests: checkout.manifests, registry: { host }, app, base, commit };
  const results = await buildServices({ ...common, platforms: ['linux/amd64', 'linux/arm64'] });
  expect(results).toEqual(results.map(({ service }) => expect.objectContaining({ ok: true, service })));
  return builtImages(results);
}

describe.each([
  ['our registry', startRegistry],
  ['docker-registry', startDockerRegistry],
] as const)('%s', (name, start) => {
  let host: string;
  let client: RegistryClient;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ host, close } = await start());
    client = createRegistryClient({ host });
  });
  afterAll(() => close());

  test('takes our images, and skopeo reads them: every platform, every layer', async () => {
    const { web, scorer } = await build(host, client, 'app/a');
    const to = join(folder, `${name.replaceAll(' ', '-')}-web`);
    await skopeo('copy', '--all', '--src-tls-verify=false', `docker://${host}/app/a/web@${web?.digest}`, `oci:${to}`);
    const config = JSON.parse(
      await skopeo('inspect', '--config', '--tls-verify=false', `docker://${host}/app/a/scorer@${scorer?.digest}`),
    );
    expect(config).toMatchObject({ architecture: 'amd64', config: { User: '1000', WorkingDir: '/app' } });
    const { RepoTags } = JSON.parse(
      await skopeo('inspect', '--tls-verify=false', `docker://${host}/app/a/scorer:sha-c1`),
    );
    expect(RepoTags).toEqual(expect.arrayContaining(['bootstrap', 'sha-c1']));
  });

  test('an unchanged build does nothing there', async () => {
    const first = await build(host, client, 'app/b');
    const again = await build(host, client, 'app/b', 'c2');
    expect(again['web']).toMatchObject({ changed: false, digest: first['web']?.digest });
  });

  test('holds attestations, with or without a referrers API', async () => {
    const { web } = await build(host, client, 'app/c');
    const found = await client.referrers('app/c/web', web?.digest ?? '');
    expect(found.map(({ artifactType }) => artifactType).sort()).toEqual(
      [ARTIFACT.billOfMaterials, ARTIFACT.provenance].sort(),
    );
  });

  test('what skopeo pushed, our client reads', async () => {
    const { web } = await build(host, client, 'app/d');
    const target = `docker://${host}/copied/web:1`;
    await skopeo('copy', '--all', ...insecure, `docker://${host}/app/d/web@${web?.digest}`, target);
    expect((await client.pullManifest('copied/web', '1'))?.digest).toBe(web?.digest);
  });

  test('takes blobs in chunks, mounts them, serves them, deletes manifests, pages tags', async () => {
    const bytes = randomBytes(3_000_000);
    const blob = bytesBlob({ digest: sha256(bytes), bytes });
    expect(await client.ensureBlob('blobs/one', blob, { chunkSize: 700_000 })).toBe('uploaded');
    expect(await client.ensureBlob('blobs/two', blob, { from: ['blobs/one'] })).toBe('mounted');
    expect((await client.readBlob({ repository: 'blobs/two', digest: blob.digest })).equals(bytes)).toBe(true);
    const { scorer } = await build(host, client, 'app/e');
    expect((await client.listTags('app/e/scorer')).length).toBeGreaterThanOrEqual(4);
    expect(await client.deleteManifest('app/e/scorer', scorer?.digest ?? '')).toBe(true);
    expect(await client.resolveManifest('app/e/scorer', 'sha-c1')).toBeUndefined();
  });
});

test('both registries hold the same image under the same digest', async () => {
  const [ours, theirs] = await Promise.all([startRegistry(), startDockerRegistry()]);
  const one = await build(ours.host, ours.client, 'app');
  const two = await build(theirs.host, createRegistryClient({ host: theirs.host }), 'app');
  expect(two['web']?.digest).toBe(one['web']?.digest);
  expect(two['scorer']?.digest).toBe(one['scorer']?.digest);
  await Promise.all([ours.close(), theirs.close()]);
});

test('skopeo logs in to our registry, and a wrong password does not', async () => {
  const registry = await startRegistry({
    authenticate: (username, password) => username === 'AWS' && password === 'secret',
  });
  const credentials = async () => ({ username: 'AWS', password: 'secret' });
  const client = createRegistryClient({ host: registry.host, credentials });
  await pushBase({ host: registry.host, client });
  const inspect = (password: string) =>
    skopeo(
      'inspect',
      '--raw',
      '--tls-verify=false',
      '--creds',
      `AWS:${password}`,
      `docker://${registry.host}/base/node:24`,
    );
  expect(JSON.parse(await inspect('secret'))).toMatchObject({ manifests: [{}, {}] });
  await expect(inspect('wrong')).rejects.toThrow(/unauthorized|authentication/i);
  await registry.close();
});
