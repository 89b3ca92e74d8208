import { ARTIFACT } from '../../pipeline/image/build/attestations.ts';
import { type BuildRequest, type BuildResult, buildServices } from '../../pipeline/image/build.ts';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
import { type Checkout, createCheckout } from './checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from './cloud.ts';

let checkout: Checkout;
let registry: TestRegistry;
let base: string;

beforeAll(async () => {
  registry = await startRegistry();
  base = await pushBase(registry);
});
afterAll(() => registry.close());
beforeEach(async () => {
  checkout = await createCheckout();
});
afterEach(() => checkout.remove());

let apps = 0;
async function build(more: Partial<BuildRequest> = {}): Promise<{ app: string; results: BuildResult[] }> {
  apps += 1;
  const app = `app/n${apps}`;
  const common = {
    root: checkout.root,
    manifests: checkout.manifests,
    commit: 'c1',
    registry: { host: registry.host },
  };
  return { app, results: await buildServices({ ...common, app, base, ...more }) };
}

/** The one attestation of a type, and what it says. */
async function attestation(repository: string, artifactType: string): Promise<Record<string, unknown>> {
  const subject = await registry.client.resolveManifest(repository, 'sha-c1');
  const [found, ...others] = await registry.client.referrers(repository, subject?.digest ?? '', artifactType);
  expect(others).toEqual([]);
  const manifest = (await registry.client.pullManifest(repository, found?.digest ?? ''))?.document;
  if (manifest === undefined || isIndex(manifest)) throw new Error('no attestation');
  const [layer] = manifest.layers;
  return JSON.parse((await registry.client.readBlob({ repository, digest: layer?.digest ?? '' })).toString());
}

test('a bill of materials names every package with version, licence and hash', async () => {
  const { app } = await build();
  const document = await attestation(`${app}/web`, ARTIFACT.billOfMaterials);
  expect(document).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(document['components']).toEqual([
    expect.objectContaining({ name: 'base image', version: expect.stringMatching(/^sha256:/) }),
    expect.objectContaining({ purl: 'pkg:npm/plain@1.0.0', licenses: [{ license: { id: 'MIT' } }] }),
  ]);
});

test('a provenance statement names image, commit, base and packages', async () => {
  const { app } = await build({
    source: 'https://example.org/r',
    builder: 'https://example.org/builder',
    invocation: 'https://example.org/runs/1',
  });
  const subject = await registry.client.resolveManifest(`${app}/web`, 'sha-c1');
  expect(await attestation(`${app}/web`, ARTIFACT.provenance)).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `${app}/web`, digest: { sha256: subject?.digest.slice(7) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: { externalParameters: { service: 'web', commit: 'c1', source: 'https://example.org/r' } },
      runDetails: {
        builder: { id: 'https://example.org/builder' },
        metadata: { invocationId: 'https://example.org/runs/1' },
      },
    },
  });
});

test('functions have nothing attached, and nobody has when it is switched off', async () => {
  const { app } = await build({ attestations: true });
  const off = await build({ attestations: false });
  for (const repository of [`${app}/scorer`, `${off.app}/web`]) {
    const subject = await registry.client.resolveManifest(repository, 'sha-c1');
    expect(await registry.client.referrers(repository, subject?.digest ?? '')).toEqual([]);
  }
});

test.each([
  [
    'an access key in the code',
    'services/kit/shared.ts',
    `export const greeting = 'AKIA${'Q3EGRIMBO5LPOHWK'}';`,
    'the bundle of web',
    'an AWS access key',
  ],
  [
    'a token in an asset',
    'services/scorer/model/notes.txt',
    `ghp_${'a1B2'.repeat(9)}`,
    'services/scorer/model/notes.txt',
    'a GitHub token',
  ],
  [
    'a key file among the assets',
    'services/scorer/model/server.pem',
    'x',
    'services/scorer/model/server.pem',
    'would become part of the image',
  ],
  [
    'an environment file among the assets',
    'services/scorer/model/.env.production',
    'x',
    'services/scorer/model/.env.production',
    'would become part',
  ],
])('%s stops the build before anything is pushed, and is not shown', async (_name, path, content, place, problem) => {
  checkout.write(path, content);
  const [web, scorer] = checkout.manifests;
  const { app, results } = await build({
    manifests: [web, { ...scorer, assets: ['model/*', 'model/.*'].slice(0, path.includes('.env') ? 2 : 1) }],
  });
  const failed = results.find(({ ok }) => !ok);
  expect(failed).toMatchObject({ ok: false, problem: expect.stringContaining(place) });
  expect(failed).toMatchObject({ problem: expect.stringContaining(problem) });
  if (content.length > 1) expect(JSON.stringify(failed)).not.toContain(content.slice(-20));
  expect(await registry.client.listTags(`${app}/${failed?.service}`)).toEqual([]);
});

test('libraries that do not fit into the memory stop the build and are named', async () => {
  checkout.write('node_modules/native/prebuilds/linux-x64/native.node', Buffer.alloc(80 << 20));
  const [web, scorer] = checkout.manifests;
  const { results } = await build({ manifests: [web, { ...scorer, memory: 128 }] });
  expect(results[1]).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/scorer \(function\) has "memory": 128 and needs 14\d\.\d MiB .*native 80\.0 MiB/),
    fix: expect.stringContaining('services/scorer/service.json to at least 384'),
  });
});
