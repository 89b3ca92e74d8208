import { ARTIFACT } from '../../pipeline/image/build/attestations.ts';
import { buildServices } from '../../pipeline/image/build.ts';
import { findEngine } from '../../pipeline/image/dockerfile/engine.ts';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from '../images/cloud.ts';

let checkout: Checkout;
let registry: TestRegistry;
let base: string;
beforeEach(async () => {
  [checkout, registry] = await Promise.all([createCheckout(), startRegistry()]);
  base = await pushBase(registry);
  checkout.write(
    'services/files/Dockerfile',
    'FROM scratch\nCOPY data.txt /data.txt\nUSER 1000\nENTRYPOINT ["/data.txt"]\n',
  );
  checkout.write('services/files/data.txt', 'data');
});
afterEach(async () => {
  await registry.close();
  checkout.remove();
});

async function build(commit: string) {
  const files: Manifest = { ...checkout.manifests[0], name: 'files', builder: 'dockerfile' };
  const common = { root: checkout.root, registry: { host: registry.host }, app: 'app', base, commit };
  const [result] = await buildServices({ ...common, manifests: [files] });
  return result;
}

test('an engine is here; otherwise install docker.io and start it, or buildah', async () => {
  expect(await findEngine()).toBeDefined();
});

test('a Dockerfile becomes an image once per content, under the same tags as any other', async () => {
  const first = await build('c1');
  expect(first).toMatchObject({ ok: true, image: { changed: true, tag: 'sha-c1' } });
  // Killed before it came to that, the first build would have left no such tag.
  expect(await registry.client.deleteManifest('app/files', 'bootstrap')).toBe(true);
  const again = await build('c2');
  if (!first?.ok || !again?.ok) throw new Error(JSON.stringify([first, again]));
  expect(again.image).toMatchObject({ changed: false, bytesPushed: 0, digest: first.image.digest });
  const tags = await registry.client.listTags('app/files');
  // Without those of steps, which some engines leave.
  expect(tags.filter((tag) => !/^[0-9a-f]{64}$/.test(tag))).toEqual([
    'bootstrap',
    `key-${first.image.key}`,
    'sha-c1',
    'sha-c2',
  ]);
  checkout.write('services/files/data.txt', 'other data');
  expect(await build('c2')).toMatchObject({ ok: false, problem: expect.stringContaining('sha-c2 is') });
  expect(await build('c3')).toMatchObject({ ok: true, image: { changed: true } });
});

/** What is attached to the image of commit `c1`, by type. */
async function attached(artifactType: string): Promise<Record<string, unknown>> {
  const { client } = registry;
  const subject = await client.resolveManifest('app/files', 'sha-c1');
  const [found] = await client.referrers('app/files', subject?.digest ?? '', artifactType);
  const manifest = (await client.pullManifest('app/files', found?.digest ?? ''))?.document;
  if (manifest === undefined || isIndex(manifest)) throw new Error(`no ${artifactType}`);
  const [layer] = manifest.layers;
  return JSON.parse((await client.readBlob({ repository: 'app/files', digest: layer?.digest ?? '' })).toString());
}

test('the image says what is inside, as its layers are, and where it comes from; a later build makes up for a killed one', async () => {
  const metadata = (version: string): string => `Metadata-Version: 2.1\nName: example\nVersion: ${version}\n`;
  checkout.write('services/files/one/example-1.dist-info/METADATA', metadata('1'));
  checkout.write('services/files/two/example-2.dist-info/METADATA', metadata('2'));
  checkout.write(
    'services/files/Dockerfile',
    'FROM scratch AS packed\nCOPY one /lib\nFROM packed\nCOPY two /lib\nCOPY data.txt /data.txt\n',
  );
  const result = await build('c1');
  if (!result?.ok) throw new Error(JSON.stringify(result));
  const packages = { components: [{ purl: 'pkg:pypi/example@1' }, { purl: 'pkg:pypi/example@2' }] };
  expect(await attached(ARTIFACT.billOfMaterials)).toMatchObject(packages);
  const origin = {
    subject: [{ name: 'app/files', digest: { sha256: result.image.digest.slice(7) } }],
    predicate: {
      buildDefinition: { buildType: 'urn:slipway:build:dockerfile:v1', externalParameters: { bases: [] } },
    },
  };
  expect(await attached(ARTIFACT.provenance)).toMatchObject(origin);

  const { digest } = result.image;
  for (const one of await registry.client.referrers('app/files', digest)) {
    await registry.client.deleteManifest('app/files', one.digest);
  }
  expect(await build('c2')).toMatchObject({ ok: true, image: { digest, changed: false } });
  expect(await attached(ARTIFACT.billOfMaterials)).toMatchObject(packages);
  expect(await attached(ARTIFACT.provenance)).toMatchObject(origin);
});

test('a secret beside the Dockerfile stops the build before an engine sees it, unless .dockerignore keeps it away', async () => {
  checkout.write('services/files/.env.production', 'PASSWORD=x');
  expect(await build('c1')).toMatchObject({
    ok: false,
    problem: 'services/files/.env.production could become part of the image',
    fix: expect.stringContaining('.dockerignore'),
  });
  checkout.write('services/files/.dockerignore', '.env*\n');
  checkout.write('services/files/notes.txt', `ghp_${'a1B2'.repeat(9)}`);
  expect(await build('c1')).toMatchObject({ ok: false, problem: expect.stringContaining('a GitHub token') });
  expect(await registry.client.listTags('app/files')).toEqual([]);
  checkout.write('services/files/.dockerignore', '.env*\nnotes.txt\n');
  expect(await build('c1')).toMatchObject({ ok: true, image: { changed: true } });
});

test('a Dockerfile that does not build fails with what the engine says', async () => {
  checkout.write('services/files/Dockerfile', 'FROM scratch\nCOPY missing.txt /\n');
  expect(await build('c1')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('missing.txt'),
    fix: expect.any(String),
  });
});
