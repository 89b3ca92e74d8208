import { ARTIFACT } from '../../pipeline/image/build/attestations.ts';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
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
  const [found] = await scene.registry.client.referrers('app/web', second?.digest ?? '', ARTIFACT.billOfMaterials);
  const pulled = await scene.registry.client.pullManifest('app/web', found?.digest ?? '');
  const layer = pulled && !isIndex(pulled.document) ? pulled.document.layers[0] : undefined;
  const bill = await scene.registry.client.readBlob({ repository: 'app/web', digest: layer?.digest ?? '' });
  expect(JSON.parse(bill.toString()).components).toContainEqual(
    expect.objectContaining({ name: 'plain', version: '1.0.0' }),
  );
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
