import { appendFileSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkout } from './checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from './cloud.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
let checkout: Checkout;
let registry: TestRegistry;
let build: Scene['build'];
let built: Scene['built'];
let failure: Scene['failure'];
let inspect: Scene['inspect'];

beforeEach(async () => {
  scene = await startScene();
  ({ checkout, registry, build, built, failure, inspect } = scene);
});
afterEach(() => scene.close());

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

test('two commits with the same content that are built at once agree on one image, whole for every platform', async () => {
  const platforms = ['linux/amd64', 'linux/arm64'] as const;
  const [one, two] = await Promise.all([built({ platforms }), built({ platforms, commit: 'c2' })]);
  for (const name of ['web', 'scorer']) {
    expect(one[name]?.digest).toBe(two[name]?.digest);
    for (const tag of ['sha-c1', 'sha-c2', `key-${one[name]?.key}`])
      expect((await registry.client.resolveManifest(`app/${name}`, tag))?.digest).toBe(one[name]?.digest);
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
  const { files } = await inspect('app/web', withMaps['web']?.digest);
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
  // A preview has built the image: the release of main finds it, and its source map is the very same.
  const again = join(checkout.root, 'maps-again');
  expect(await built({ sourceMaps: again, commit: 'b'.repeat(40) })).toMatchObject({ web: { changed: false } });
  expect(readFileSync(join(again, 'web/main.mjs.map'))).toEqual(readFileSync(join(folder, 'web/main.mjs.map')));
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

test.each([
  ['nothing', 'nowhere'],
  ['itself', 'link'],
])('an asset that is a link to %s is refused by name, and stops no other service', async (what, target) => {
  symlinkSync(target, join(checkout.root, 'services/scorer/model/link'));
  const [web, scorer] = await build();
  expect(web).toMatchObject({ ok: true });
  expect(scorer).toMatchObject({ ok: false, problem: expect.stringContaining(`leads to link, a link to ${what}`) });
});

test('an asset that is written to while it is packed is told, and stops no other service', async () => {
  const file = join(checkout.root, 'services/scorer/model/growing.onnx');
  checkout.write('services/scorer/model/growing.onnx', Buffer.alloc(30_000_000));
  const growing = setInterval(() => appendFileSync(file, 'more'), 1);
  const [web, scorer] = await build().finally(() => clearInterval(growing));
  expect(web).toMatchObject({ ok: true });
  expect(scorer).toMatchObject({ ok: false, problem: expect.stringContaining('growing.onnx changed while') });
  expect(await registry.client.listTags('app/scorer')).toEqual([]);
});

test('a package that is damaged is not what the lock file says', async () => {
  checkout.write('node_modules/native/package.json', '{"name":');
  expect(await failure({}, 'scorer')).toMatchObject({ problem: expect.stringContaining('native without a version') });
});

test('a platform that is named twice counts once', async () => {
  const once = await built({ platforms: ['linux/amd64'] });
  expect(await built({ platforms: ['linux/amd64', 'linux/amd64'] })).toMatchObject({
    web: { changed: false, digest: once['web']?.digest },
  });
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
