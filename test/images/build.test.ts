import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { builtImages } from '../../pipeline/image/build.ts';
import { isIndex, MEDIA } from '../../pipeline/image/registry/oci.ts';
import { type Checkout, createCheckout, FILES } from './checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from './cloud.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
let checkout: Checkout;
let registry: TestRegistry;
let build: Scene['build'];
let built: Scene['built'];
let pull: Scene['pull'];
let inspect: Scene['inspect'];

beforeEach(async () => {
  scene = await startScene();
  ({ checkout, registry, build, built, pull, inspect } = scene);
});
afterEach(() => scene.close());

test('an image holds the bundle, the assets and the native files of its platform, and nothing else', async () => {
  const { web, scorer } = await built();
  const webImage = await inspect('app/web', web?.digest);
  expect(webImage.files).toEqual(['usr/local/bin/node', 'app/packages.mjs', 'app/main.mjs']);
  const scorerImage = await inspect('app/scorer', scorer?.digest);
  expect(scorerImage.files).toEqual([
    'usr/local/bin/node',
    'app/node_modules/native/index.js',
    'app/node_modules/native/package.json',
    'app/node_modules/native/prebuilds/linux-x64/native.node',
    'app/main.mjs',
    'app/model/weights with spaces é.onnx',
  ]);
});

test('the container runs as user 1000 in /app and takes over what the base says', async () => {
  const { web } = await built({ source: 'https://example.org/repository' });
  const { config } = await inspect('app/web', web?.digest);
  expect(config).toMatchObject({
    architecture: 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      User: '1000',
      WorkingDir: '/app',
      Entrypoint: ['/usr/local/bin/node', 'main.mjs'],
      Cmd: [],
      Env: ['PATH=/usr/local/bin', 'NODE_VERSION=24', 'NODE_ENV=production'],
      ExposedPorts: { '8080/tcp': {} },
      Labels: {
        'org.opencontainers.image.title': 'web',
        'org.opencontainers.image.source': 'https://example.org/repository',
        'org.opencontainers.image.version': web?.key,
        'org.opencontainers.image.revision': 'c1',
        'org.opencontainers.image.base.digest': (await registry.client.resolveManifest('base/node', '24'))?.digest,
      },
    },
  });
});

test('building again does nothing and yields the same digest; another commit with the same content too', async () => {
  const first = await built();
  expect(first['web']).toMatchObject({ changed: true, tag: 'sha-c1' });
  const again = await built();
  const other = await built({ commit: 'c2' });
  for (const name of ['web', 'scorer']) {
    expect(again[name]).toMatchObject({
      changed: false,
      bytesPushed: 0,
      digest: first[name]?.digest,
      key: first[name]?.key,
    });
    expect(other[name]).toMatchObject({ changed: false, digest: first[name]?.digest, tag: 'sha-c2' });
    const tags = [`key-${first[name]?.key}`, 'bootstrap', 'sha-c1', 'sha-c2'];
    expect((await registry.client.listTags(`app/${name}`)).filter((tag) => !tag.startsWith('layer-'))).toEqual(
      tags.sort(),
    );
  }
});

test('another machine, another folder, linked node_modules: the same digests', async () => {
  const first = await built();
  const [elsewhere, other] = await Promise.all([createCheckout({ modulesElsewhere: true }), startRegistry()]);
  const otherBase = await pushBase(other);
  const results = await build({ root: elsewhere.root, registry: { host: other.host }, base: otherBase });
  await other.close();
  elsewhere.remove();
  expect(results).toEqual(results.map(({ service }) => expect.objectContaining({ ok: true, service })));
  const second = builtImages(results);
  for (const name of ['web', 'scorer'])
    expect(second[name]).toMatchObject({ digest: first[name]?.digest, key: first[name]?.key });
});

test('a change rebuilds exactly the services that it concerns', async () => {
  await built();
  const change = async (path: string, content: string, commit: string) => {
    checkout.write(path, content);
    const images = await built({ commit });
    return Object.keys(images).filter((name) => images[name]?.changed);
  };
  expect(await change('services/kit/shared.ts', "export const greeting = 'good morning';\n", 'c2')).toEqual(['web']);
  expect(await change('services/scorer/model/weights with spaces é.onnx', 'other weights', 'c3')).toEqual(['scorer']);
  expect(await change('services/kit/nobody-imports-this.ts', 'export {};\n', 'c4')).toEqual([]);
  expect(await change('README.md', 'text', 'c5')).toEqual([]);
  const lockfile = (FILES['package-lock.json'] ?? '').replaceAll('2.0.0', '2.0.1');
  checkout.write('node_modules/native/package.json', '{"name":"native","version":"2.0.1","main":"index.js"}');
  expect(await change('package-lock.json', lockfile, 'c6')).toEqual(['scorer']);
});

test('unchanged layers are found in the registry: neither packed nor sent again', async () => {
  await built();
  checkout.write('services/scorer/main.ts', "import native from 'native';\nconsole.log(native.answer + 1);\n");
  // The files of the native layer are gone: whoever packed it again would fail.
  rmSync(join(checkout.root, 'node_modules/native/prebuilds'), { recursive: true });
  checkout.write('node_modules/native/binding.gyp', '');
  const { scorer } = await built({ commit: 'c2' });
  expect(scorer?.changed).toBe(true);
  expect(scorer?.bytesPushed).toBeLessThan(5000);
});

test('a layer of another service is mounted, not sent', async () => {
  await built();
  checkout.write('services/web/main.ts', FILES['services/scorer/main.ts'] ?? '');
  rmSync(join(checkout.root, 'node_modules/native/prebuilds'), { recursive: true });
  checkout.write('node_modules/native/binding.gyp', '');
  const { web } = await built({ commit: 'c2' });
  const { files } = await inspect('app/web', web?.digest);
  expect(files).toContain('app/node_modules/native/prebuilds/linux-x64/native.node');
});

test('a cached layer whose blob a lifecycle rule took is packed again', async () => {
  const first = await built();
  const manifest = await pull('app/scorer', first['scorer']?.digest);
  const native = isIndex(manifest) ? undefined : manifest.layers[1];
  registry.registry.storage.deleteBlob('app/scorer', native?.digest ?? '');
  checkout.write('services/scorer/main.ts', "import native from 'native';\nconsole.log('other', native.answer);\n");
  const { scorer } = await built({ commit: 'c2' });
  await inspect('app/scorer', scorer?.digest);
});

test('several platforms make an index for services and one manifest for functions, without emulation', async () => {
  const { web, scorer } = await built({ platforms: ['linux/arm64', 'linux/amd64'] });
  const index = await pull('app/web', web?.digest);
  expect(index.mediaType).toBe(MEDIA.index);
  expect(index.annotations).toMatchObject({
    'org.opencontainers.image.revision': 'c1',
    'org.opencontainers.image.base.digest': expect.stringMatching(/^sha256:/),
  });
  const platforms = isIndex(index) ? index.manifests.map((one) => one.platform) : [];
  expect(platforms).toEqual([
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'amd64' },
  ]);
  const single = await inspect('app/scorer', scorer?.digest);
  expect(single.config.architecture).toBe('arm64');
  expect(single.files).toContain('app/node_modules/native/prebuilds/linux-arm64/native.node');
  expect(single.files).not.toContain('app/node_modules/native/prebuilds/linux-x64/native.node');
});

test('no platform named means the default', async () => {
  const named = await built({ platforms: ['linux/amd64'] });
  expect((await built({ platforms: [] }))['web']).toMatchObject({ changed: false, digest: named['web']?.digest });
});

test('zstd is for services only', async () => {
  const { web, scorer } = await built({ compression: 'zstd' });
  const types = async (name: string, digest = '') => {
    const manifest = await pull(`app/${name}`, digest);
    return isIndex(manifest) ? [] : manifest.layers.slice(1).map(({ mediaType }) => mediaType.split('+')[1]);
  };
  expect(new Set(await types('web', web?.digest))).toEqual(new Set(['zstd']));
  expect(new Set(await types('scorer', scorer?.digest))).toEqual(new Set(['gzip']));
});

test('a base that moved: the commit that was built keeps its image, the next one gets the new base', async () => {
  const first = await built();
  await pushBase(registry, 'second');
  const [again] = await build();
  expect(again).toMatchObject({
    ok: true,
    image: { changed: false, digest: first['web']?.digest, key: first['web']?.key },
    notes: [expect.stringContaining('the base image has moved')],
  });
  const next = await built({ commit: 'c2' });
  expect(next['web']).toMatchObject({ changed: true });
  expect(next['web']?.digest).not.toBe(first['web']?.digest);
});
