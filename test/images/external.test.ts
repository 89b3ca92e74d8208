import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageProgram } from './program.ts';
import { type Scene, startScene } from './scene.ts';

const MAIN = 'services/web/main.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.close());

function lock(path: string, more: object = {}): void {
  const { checkout } = scene;
  const lockfile = JSON.parse(readFileSync(join(checkout.root, 'package-lock.json'), 'utf8'));
  lockfile.packages[path] = { version: '1.0.0', integrity: `sha512-${path}`, ...more };
  checkout.write('package-lock.json', JSON.stringify(lockfile));
}

function addPackage(path: string, code: string, { locked = {}, type = 'commonjs' } = {}): void {
  const { checkout } = scene;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  checkout.write(`${path}/package.json`, JSON.stringify({ name, version: '1.0.0', type, main: 'index.js' }));
  checkout.write(`${path}/index.js`, code);
  lock(path, locked);
}

const READERS = [
  ['CommonJS', "exports.read = () => require('fs').readFileSync(__dirname + '/data.md', 'utf8');\n", 'commonjs'],
  [
    'an ES module',
    "import fs from 'node:fs';\nexport const read = () => fs.readFileSync(new URL('./data.md', import.meta.url), 'utf8');\n",
    'module',
  ],
] as const;

test.each(READERS)(
  'a package that reads files of its own (%s) is refused in a bundle, and runs beside it',
  async (_what, code, type) => {
    const { checkout, failure, built } = scene;
    addPackage('node_modules/needed', "exports.needed = 'needed';\n");
    addPackage('node_modules/peer', "exports.peer = 'peer';\n");
    const locked = {
      peerDependencies: { peer: '1', absent: '1' },
      peerDependenciesMeta: { absent: { optional: true } },
    };
    addPackage('node_modules/reader', code, { type, locked: { dependencies: { needed: '1' }, ...locked } });
    checkout.write('node_modules/reader/data.md', 'its own data');
    checkout.write('node_modules/reader/index.js.map', '{}');
    checkout.write(
      MAIN,
      "import { read } from 'reader';\nimport { plain } from 'plain';\nconsole.log(read(), plain);\n",
    );
    expect(await failure()).toMatchObject({
      problem:
        'reader looks for files beside its own code (node_modules/reader/index.js), and in a bundle there are none',
      fix: expect.stringContaining('Add "reader" to "external" in services/web/service.json'),
    });
    const [web] = checkout.manifests;
    const images = await built({ manifests: [{ ...web, external: ['reader'] }] });
    const program = await imageProgram(scene, 'app/web', images['web']?.digest);
    expect(program.run()).toBe('its own data plain\n');
    expect(program.files).toEqual([
      'usr/local/bin/node',
      ...['needed', 'peer'].flatMap((name) =>
        ['index.js', 'package.json'].map((file) => `app/node_modules/${name}/${file}`),
      ),
      ...['data.md', 'index.js', 'package.json'].map((file) => `app/node_modules/reader/${file}`),
      'app/packages.mjs',
      'app/main.mjs',
    ]);
  },
);

test('a change of such a package, or naming it, makes another image', async () => {
  const { checkout, built } = scene;
  const [web] = checkout.manifests;
  const keys = new Set<string | undefined>();
  keys.add((await built())['web']?.key);
  keys.add((await built({ manifests: [{ ...web, external: ['plain'] }], commit: 'c2' }))['web']?.key);
  lock('node_modules/plain', { integrity: 'sha512-other' });
  keys.add((await built({ manifests: [{ ...web, external: ['plain'] }], commit: 'c3' }))['web']?.key);
  expect(keys.size).toBe(3);
});

test('a package with a native library that it does not build is told with the way out, and taken as it is', async () => {
  const { checkout, failure, built } = scene;
  addPackage('node_modules/bundled', "module.exports = require('./addon.node');\n");
  checkout.write('node_modules/bundled/addon.node', 'a library');
  checkout.write(MAIN, "import bundled from 'bundled';\nconsole.log(bundled);\n");
  expect(await failure()).toMatchObject({
    problem: expect.stringContaining('node_modules/bundled/index.js:1:26'),
    fix: expect.stringContaining('Add "bundled" to "external"'),
  });
  const images = await built({ manifests: [{ ...checkout.manifests[0], external: ['bundled'] }] });
  const { files } = await scene.inspect('app/web', images['web']?.digest);
  expect(files).toContain('app/node_modules/bundled/addon.node');
});

test('one that is not locked, or in more than one version, is refused', async () => {
  const { checkout, failure } = scene;
  const [web] = checkout.manifests;
  expect((await failure({ manifests: [{ ...web, external: ['nowhere'] }] })).problem).toContain(
    '"external" names nowhere, which package-lock.json does not have',
  );
  addPackage('node_modules/user/node_modules/plain', "exports.plain = 'older';\n");
  addPackage('node_modules/user', "exports.user = require('plain').plain;\n", {
    locked: { dependencies: { plain: '1' } },
  });
  checkout.write(MAIN, "import { user } from 'user';\nimport { plain } from 'plain';\nconsole.log(user, plain);\n");
  expect((await failure({ manifests: [{ ...web, external: ['plain'] }] })).problem).toContain(
    'plain 1.0.0 is installed as node_modules/user/node_modules/plain; outside the bundle there can be one version',
  );
});

test('what own code reads beside itself has to be an asset', async () => {
  const { checkout, failure, built } = scene;
  const [web] = checkout.manifests;
  checkout.write('services/web/data/one.txt', 'data');
  const read = (path: string): string =>
    `import { readFileSync } from 'node:fs';\nconsole.log(readFileSync(new URL('${path}', import.meta.url), 'utf8'));\n`;
  checkout.write(MAIN, read('./data/one.txt'));
  expect(await failure()).toMatchObject({
    problem: expect.stringContaining('services/web asks for ./data/one.txt beside its code'),
    fix: expect.stringContaining('"assets" in services/web/service.json'),
  });
  const images = await built({ manifests: [{ ...web, assets: ['data/*'] }] });
  expect((await imageProgram(scene, 'app/web', images['web']?.digest)).run()).toBe('data\n');
  checkout.write(
    MAIN,
    "console.log(new URL('./data/', import.meta.url).href, new URL('https://example.org', import.meta.url).href);\n",
  );
  await built({ manifests: [{ ...web, assets: ['data/*'] }], commit: 'c2' });
});
