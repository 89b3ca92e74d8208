import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildRequest, type BuildResult, buildServices, builtImages } from '../../pipeline/image/build.ts';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import {
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndex,
  MEDIA,
} from '../../pipeline/image/registry/oci.ts';
import { type Checkout, createCheckout, FILES } from './checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from './cloud.ts';

let checkout: Checkout;
let registry: TestRegistry;
let base: string;

beforeEach(async () => {
  [checkout, registry] = await Promise.all([createCheckout(), startRegistry()]);
  base = await pushBase(registry);
});
afterEach(async () => {
  await registry.close();
  checkout.remove();
});

const build = (more: Partial<BuildRequest> = {}): Promise<BuildResult[]> =>
  buildServices({
    root: checkout.root,
    manifests: checkout.manifests,
    commit: 'c1',
    registry: { host: registry.host },
    app: 'app',
    base,
    ...more,
  });

async function built(more: Partial<BuildRequest> = {}) {
  const results = await build(more);
  expect(results).toEqual(results.map(({ service }) => expect.objectContaining({ ok: true, service })));
  return builtImages(results);
}

async function failure(more: Partial<BuildRequest> = {}, service = 'web') {
  const result = (await build(more)).find((one) => one.service === service);
  if (result === undefined || result.ok) throw new Error(`${service} was built: ${JSON.stringify(result)}`);
  return result;
}

async function pull(repository: string, digest: string) {
  const pulled = await registry.client.pullManifest(repository, digest);
  if (pulled === undefined) throw new Error(`no ${digest}`);
  return pulled.document;
}

async function inspect(repository: string, manifest: ImageManifest | ImageIndex) {
  if (isIndex(manifest)) throw new Error('an index');
  const config = JSON.parse(
    (await registry.client.readBlob({ repository, ...manifest.config })).toString(),
  ) as ImageConfig;
  const files: string[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const source = registry.client.openBlob({ repository, ...layer });
    const diffId = config.rootfs.diff_ids[index] ?? '';
    for await (const entry of readLayer(source, { mediaType: layer.mediaType, diffId })) {
      if (entry.type === 'file') files.push(entry.path);
    }
  }
  return { config, files };
}

test('an image holds the bundle, the assets and the native files of its platform, and nothing else', async () => {
  const { web, scorer } = await built();
  const webImage = await inspect('app/web', await pull('app/web', web?.digest ?? ''));
  expect(webImage.files).toEqual(['usr/local/bin/node', 'app/main.mjs']);
  const scorerImage = await inspect('app/scorer', await pull('app/scorer', scorer?.digest ?? ''));
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
  const { config } = await inspect('app/web', await pull('app/web', web?.digest ?? ''));
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
  const second = builtImages(results);
  await other.close();
  elsewhere.remove();
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
  const { files } = await inspect('app/web', await pull('app/web', web?.digest ?? ''));
  expect(files).toContain('app/node_modules/native/prebuilds/linux-x64/native.node');
});

test('a cached layer whose blob a lifecycle rule took is packed again', async () => {
  const first = await built();
  const manifest = await pull('app/scorer', first['scorer']?.digest ?? '');
  const native = isIndex(manifest) ? undefined : manifest.layers[1];
  registry.registry.storage.deleteBlob('app/scorer', native?.digest ?? '');
  checkout.write('services/scorer/main.ts', "import native from 'native';\nconsole.log('other', native.answer);\n");
  const { scorer } = await built({ commit: 'c2' });
  await inspect('app/scorer', await pull('app/scorer', scorer?.digest ?? ''));
});

test('several platforms make an index for services and one manifest for functions, without emulation', async () => {
  const { web, scorer } = await built({ platforms: ['linux/arm64', 'linux/amd64'] });
  const index = await pull('app/web', web?.digest ?? '');
  expect(index.mediaType).toBe(MEDIA.index);
  const platforms = isIndex(index) ? index.manifests.map((one) => one.platform) : [];
  expect(platforms).toEqual([
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'amd64' },
  ]);
  const single = await inspect('app/scorer', await pull('app/scorer', scorer?.digest ?? ''));
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

test('a commit that was built with other content is refused, in words', async () => {
  const first = await built();
  checkout.write('services/kit/shared.ts', "export const greeting = 'not committed';\n");
  const { problem, fix } = await failure();
  expect(problem).toContain(`app/web:sha-c1 is ${first['web']?.digest} with other content`);
  expect(fix).toContain('commit your changes');
  expect((await registry.client.resolveManifest('app/web', 'sha-c1'))?.digest).toBe(first['web']?.digest);
});

test('two builds of the same commit at once agree on one image', async () => {
  const [one, two] = await Promise.all([built(), built()]);
  for (const name of ['web', 'scorer']) {
    expect(one[name]?.digest).toBe(two[name]?.digest);
    expect((await registry.client.resolveManifest(`app/${name}`, 'sha-c1'))?.digest).toBe(one[name]?.digest);
  }
});

test('one service that does not build stops no other', async () => {
  checkout.write('services/web/main.ts', "import { missing } from './nowhere.ts';\nmissing();\n");
  const results = await build();
  expect(results).toEqual([
    {
      ok: false,
      service: 'web',
      problem: expect.stringMatching(/services\/web\/main\.ts:1:25: .*nowhere/),
      fix: expect.any(String),
    },
    expect.objectContaining({ ok: true, service: 'scorer' }),
  ]);
});

test('source maps are written beside the image, never into it', async () => {
  const folder = join(checkout.root, 'maps');
  const withMaps = await built({ sourceMaps: folder });
  expect(existsSync(join(folder, 'web/main.mjs.map'))).toBe(true);
  const { files } = await inspect('app/web', await pull('app/web', withMaps['web']?.digest ?? ''));
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
});

test('a package that is not what the lock file says is refused', async () => {
  checkout.write('node_modules/plain/package.json', '{"name":"plain","version":"9.9.9","main":"index.js"}');
  expect(await failure()).toMatchObject({
    problem: 'plain 9.9.9 is installed, package-lock.json says 1.0.0',
    fix: 'Run "npm ci"',
  });
});

test('a package that takes in what it did not declare is refused: the content key would not know it', async () => {
  checkout.write('node_modules/plain/index.js', "import 'native';\nexport const plain = 1;\n");
  expect((await failure()).problem).toContain('takes in native, which no package that imports it has declared');
});

test('an asset that leads outside the service, or a pattern without a file, is refused', async () => {
  const [, scorer] = checkout.manifests;
  symlinkSync(join(checkout.root, 'package.json'), join(checkout.root, 'services/scorer/model/link'));
  expect(await failure({}, 'scorer')).toMatchObject({
    problem: expect.stringContaining("outside the service's folder"),
  });
  const wrong = (pattern: string) => failure({ manifests: [{ ...scorer, assets: [pattern] }] }, 'scorer');
  expect((await wrong('../web/*.ts')).problem).toContain("outside the service's folder");
  expect((await wrong('modle/*')).problem).toContain('assets.0 = "modle/*" matches no file');
});

test('a platform that a native package has no binary for is refused by name', async () => {
  rmSync(join(checkout.root, 'node_modules/native/prebuilds/linux-arm64'), { recursive: true });
  const { problem, fix } = await failure({ platforms: ['linux/arm64'] }, 'scorer');
  expect(problem).toBe('native has no binary for linux/arm64');
  expect(fix).toContain('--os=linux --cpu=arm64');
});

test.each<[string, { base: string }, string]>([
  ['a base that does not exist', { base: 'base/node:25' }, 'there is no base image'],
  ['a base that is no reference', { base: 'Not A Reference' }, 'is no image reference'],
])('%s fails every service with the reason', async (_name, more, problem) => {
  const results = await build({ base: `${registry.host}/${more.base}` });
  expect(results.map(({ ok }) => ok)).toEqual([false, false]);
  expect(results[0]).toMatchObject({ problem: expect.stringContaining(problem) });
});

test('a repository that does not exist is told with the way out', async () => {
  const strict = await startRegistry({ acceptsPush: (repository) => repository === 'base/node' });
  const strictBase = await pushBase(strict);
  const results = await build({ registry: { host: strict.host }, base: strictBase });
  await strict.close();
  expect(results[0]).toMatchObject({ ok: false, fix: expect.stringContaining('provision') });
});
