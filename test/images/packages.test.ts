import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { ARTIFACT } from '../../pipeline/image/build/attestations.ts';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
import { imageProgram } from './program.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
  scene.checkout.write('node_modules/plain/index.js', "export const plain = 'plain';\nexport const other = 'other';\n");
});
afterEach(() => scene.close());

const MAIN = 'services/web/main.ts';

async function packagesLayer(digest = ''): Promise<string | undefined> {
  const manifest = await scene.pull('app/web', digest);
  return isIndex(manifest) ? undefined : manifest.layers[1]?.digest;
}

test('a change of own code takes the packages from the registry: they need not even be there to be read', async () => {
  const { web: first } = await scene.built();
  scene.checkout.write('node_modules/plain/index.js', 'this is no JavaScript');
  scene.checkout.write(MAIN, "import { plain } from 'plain';\nconsole.log('changed', plain);\n");
  const { web: second } = await scene.built({ commit: 'c2' });
  expect(second?.changed).toBe(true);
  expect(await packagesLayer(second?.digest)).toBe(await packagesLayer(first?.digest));
  const digest = await billOfMaterials(second?.digest);
  const bill = await scene.registry.client.readBlob({ repository: 'app/web', digest });
  expect(JSON.parse(bill.toString()).components).toContainEqual(
    expect.objectContaining({ name: 'plain', version: '1.0.0' }),
  );
  // The bill is that of the image before: it need not be sent again.
  expect(digest).toBe(await billOfMaterials(first?.digest));
});

/** Digest of what is said to be in an image. */
async function billOfMaterials(image = ''): Promise<string> {
  const [found] = await scene.registry.client.referrers('app/web', image, ARTIFACT.billOfMaterials);
  const pulled = await scene.registry.client.pullManifest('app/web', found?.digest ?? '');
  const layer = pulled && !isIndex(pulled.document) ? pulled.document.layers[0] : undefined;
  return layer?.digest ?? '';
}

const run = async (digest?: string): Promise<string> => (await imageProgram(scene, 'app/web', digest)).run();

function addPackage(name: string, code: string): void {
  const { checkout } = scene;
  checkout.write(
    `node_modules/${name}/package.json`,
    JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js' }),
  );
  checkout.write(`node_modules/${name}/index.js`, code);
  const lockfile = JSON.parse(readFileSync(join(checkout.root, 'package-lock.json'), 'utf8'));
  lockfile.packages[`node_modules/${name}`] = { version: '1.0.0', integrity: `sha512-${name}` };
  checkout.write('package-lock.json', JSON.stringify(lockfile));
}

test('packages that export the same names stay apart, and the source map tells the line', async () => {
  addPackage('one', "export default 'one'; export const same = 1;\n");
  addPackage('two', "export default 'two'; export const same = 2;\n");
  const imports =
    "import one, { same } from 'one';\nimport two, { same as other } from 'two';\nimport { plain } from 'plain';\n";
  scene.checkout.write(MAIN, `${imports}console.log(one, same, two, other, plain);\n`);
  const maps = join(scene.checkout.root, 'maps');
  const { web } = await scene.built({ sourceMaps: maps });
  const program = await imageProgram(scene, 'app/web', web?.digest);
  expect(program.run()).toBe('one 1 two 2 plain\n');
  expect(program.files).toEqual(['usr/local/bin/node', 'app/packages.mjs', 'app/packages/2.mjs', 'app/main.mjs']);
  const code = program.read('app/main.mjs').split('\n');
  const line = code.findIndex((text) => text.includes('console.log'));
  const map = new SourceMap(JSON.parse(readFileSync(join(maps, 'web/main.mjs.map'), 'utf8')));
  expect(map.findEntry(line, code[line]?.indexOf('console.log') ?? 0)).toMatchObject({
    originalSource: MAIN,
    originalLine: 3,
    originalColumn: 0,
  });
});

test('code that makes a require of its own runs', async () => {
  const source = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n";
  scene.checkout.write(MAIN, `${source}console.log(typeof require('node:fs').readFileSync);\n`);
  const { web } = await scene.built();
  expect(await run(web?.digest)).toBe('function\n');
});

test('JSON of a package and of our own, imported as Node wants it, runs', async () => {
  scene.checkout.write('services/web/own.json', '{"a":1}');
  const json = "with { type: 'json' }";
  const source = `import own from './own.json' ${json};\nimport about from 'plain/package.json' ${json};\n`;
  scene.checkout.write(MAIN, `${source}console.log(own.a, about.version);\n`);
  const { web } = await scene.built();
  expect(await run(web?.digest)).toBe('1 1.0.0\n');
});

test('another name from a package makes another layer', async () => {
  const { web: first } = await scene.built();
  scene.checkout.write(MAIN, "import { other } from 'plain';\nconsole.log(other);\n");
  const { web: second } = await scene.built({ commit: 'c2' });
  expect(await packagesLayer(second?.digest)).not.toBe(await packagesLayer(first?.digest));
});

test.each([
  ['a namespace', "import * as all from 'plain';\nconsole.log(all);\n"],
  ['import()', "console.log(await import('plain'));\n"],
  ['its effect', "import 'plain';\n"],
])('a package that is imported as %s goes into one bundle with the own code', async (_what, source) => {
  scene.checkout.write(MAIN, source);
  const { web } = await scene.built();
  expect((await scene.inspect('app/web', web?.digest)).files).toEqual(['usr/local/bin/node', 'app/main.mjs']);
});

test('a name that a package does not have is told with file and line', async () => {
  scene.checkout.write(MAIN, "import { missing } from 'plain';\nconsole.log(missing);\n");
  const failure = await scene.failure();
  expect(failure.problem).toMatch(/services\/web\/main\.ts:1:\d+: .*"missing"/);
});

test('a layer whose description is damaged is made again', async () => {
  await scene.built();
  const { client } = scene.registry;
  const tag = (await client.listTags('app/web')).find((one) => one.startsWith('layer-')) ?? '';
  const pulled = await client.pullManifest('app/web', tag);
  await client.deleteManifest('app/web', tag);
  const damaged = pulled?.bytes.toString().replace('{\\"packages\\"', '[\\"packages\\"') ?? '';
  expect(damaged).not.toBe(pulled?.bytes.toString());
  const mediaType = pulled?.mediaType ?? '';
  await client.pushManifest({ repository: 'app/web', target: tag }, { bytes: Buffer.from(damaged), mediaType });
  scene.checkout.write(MAIN, "import { plain } from 'plain';\nconsole.log('changed', plain);\n");
  const { web } = await scene.built({ commit: 'c2' });
  expect(await run(web?.digest)).toBe('changed plain\n');
});
