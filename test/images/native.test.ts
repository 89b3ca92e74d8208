import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformName } from '../../pipeline/image/build.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.close());

const MAIN = 'services/scorer/main.ts';
const [X64, ARM64, GRAPHICS_CARD] = [62, 183, 190];

/** The head of a native library for a processor. */
function elf(machine: number): Buffer {
  const head = Buffer.alloc(64);
  head.write('\x7fELF\x02\x01', 'latin1');
  head.writeUInt16LE(machine, 18);
  return head;
}
const MACOS_LIBRARY = Buffer.concat([Buffer.of(0xcf, 0xfa, 0xed, 0xfe), Buffer.alloc(60)]);
const WINDOWS_LIBRARY = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(62)]);

/** A native package that the scorer imports beside the other one. */
function addSecond(files: Readonly<Record<string, string | Buffer>>): void {
  const { checkout } = scene;
  checkout.write('node_modules/second/package.json', '{"name":"second","version":"1.0.0","main":"index.js"}');
  checkout.write('node_modules/second/index.js', 'exports.second = 2;\n');
  for (const [path, content] of Object.entries(files)) checkout.write(`node_modules/second/${path}`, content);
  const lockfile = JSON.parse(readFileSync(join(checkout.root, 'package-lock.json'), 'utf8'));
  lockfile.packages['node_modules/second'] = { version: '1.0.0', integrity: 'sha512-x', hasInstallScript: true };
  checkout.write('package-lock.json', JSON.stringify(lockfile));
  checkout.write(
    MAIN,
    "import native from 'native';\nimport { second } from 'second';\nconsole.log(native, second);\n",
  );
}

const only = (platform: PlatformName) => ({ manifests: [scene.checkout.manifests[1]], platforms: [platform] });

test('each native package needs a binary of its own: another one’s does not count', async () => {
  addSecond({ 'prebuilds/linux-x64/second.node': elf(X64) });
  const { problem } = await scene.failure(only('linux/arm64'), 'scorer');
  expect(problem).toBe('second has no binary for linux/arm64');
  expect(await scene.built(only('linux/amd64'))).toMatchObject({ scorer: { changed: true } });
});

test('what was compiled for the machine that installed it is part of no image for another', async () => {
  addSecond({ 'binding.gyp': '', 'build/Release/second.node': elf(X64) });
  const { problem } = await scene.failure(only('linux/arm64'), 'scorer');
  expect(problem).toBe('second has no binary for linux/arm64');
});

test.each([
  ['linux/amd64', ['one.node', 'short.txt']],
  ['linux/arm64', ['short.txt', 'two.node']],
] as const)(
  'an image for %s holds native files for that processor only, whatever their names',
  async (platform, own) => {
    const libraries = { 'one.node': elf(X64), 'two.node': elf(ARM64), 'three.node': MACOS_LIBRARY };
    addSecond({
      ...Object.fromEntries(Object.entries(libraries).map(([name, bytes]) => [`lib/${name}`, bytes])),
      'lib/four.node': WINDOWS_LIBRARY,
      'lib/kernels': elf(GRAPHICS_CARD),
      'lib/short.txt': 'MZ',
    });
    const { scorer } = await scene.built(only(platform));
    const { files } = await scene.inspect('app/scorer', scorer?.digest);
    expect(files.filter((path) => path.includes('second/lib/'))).toEqual(
      ['kernels', ...own].map((name) => `app/node_modules/second/lib/${name}`),
    );
  },
);

test('links inside a package come along, one that leads outside is refused by name', async () => {
  const { checkout } = scene;
  const folder = join(checkout.root, 'node_modules/native/prebuilds/linux-x64');
  symlinkSync('native.node', join(folder, 'inside.node'));
  expect(await scene.built(only('linux/amd64'))).toMatchObject({ scorer: { changed: true } });
  symlinkSync(join(checkout.root, 'package.json'), join(folder, 'outside'));
  checkout.write(
    'package-lock.json',
    readFileSync(join(checkout.root, 'package-lock.json'), 'utf8').replaceAll('sha512-2.0.0', 'sha512-other'),
  );
  const { problem } = await scene.failure({ ...only('linux/amd64'), commit: 'c2' }, 'scorer');
  expect(problem).toBe('native holds a link that leads outside the package: prebuilds/linux-x64/outside');
});
