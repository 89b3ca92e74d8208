import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildRequest, BuildResult } from '../../pipeline/image/build.ts';
import { imageProgram } from './program.ts';
import { type Scene, startScene } from './scene.ts';

const SCRIPT = join(import.meta.dirname, 'build-once.ts');
const MAIN = 'services/web/main.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.close());

test('settings of the compiler are no sources, and change the image all the same', async () => {
  const { checkout, built } = scene;
  const settings = (useDefineForClassFields: boolean): string =>
    JSON.stringify({ compilerOptions: { target: 'ES2022', useDefineForClassFields } });
  checkout.write('tsconfig.json', settings(true));
  checkout.write(MAIN, 'class A { set x(v: number) { console.log(v); } }\nclass B extends A { x = 1; }\nnew B();\n');
  const first = await built();
  checkout.write('tsconfig.json', settings(false));
  const second = await built({ commit: 'c2' });
  expect(second['web']).toMatchObject({ changed: true });
  expect(second['web']?.digest).not.toBe(first['web']?.digest);
  expect(second['scorer']).toMatchObject({ changed: false });
});

test('another entry into the same modules is another image', async () => {
  const { checkout, built } = scene;
  checkout.write(MAIN, "import './other.ts';\nconsole.log('main');\n");
  checkout.write('services/web/other.ts', "import './main.ts';\nconsole.log('other');\n");
  const first = await built();
  const [web] = checkout.manifests;
  const second = await built({ manifests: [{ ...web, entry: 'other.ts' }], commit: 'c2' });
  expect(second['web']).toMatchObject({ changed: true });
  expect(second['web']?.digest).not.toBe(first['web']?.digest);
});

test.each([
  ['own code', MAIN, "import stray from 'stray';\nconsole.log(stray);\n"],
  ['a package', 'node_modules/plain/index.js', "export { default as plain } from 'stray';\n"],
])(
  'a package that the lock file does not have is refused when %s imports it: nothing would tell its change',
  async (_who, file, code) => {
    const { checkout, failure } = scene;
    checkout.write('node_modules/stray/package.json', '{"name":"stray","version":"1.0.0","main":"index.js"}');
    checkout.write('node_modules/stray/index.js', "module.exports = 'stray';\n");
    checkout.write(file, code);
    expect((await failure()).problem).toContain('takes in node_modules/stray, which package-lock.json does not have');
  },
);

test('a package that is patched after it was installed is another package, whatever the lock file says', async () => {
  const { checkout, built } = scene;
  const changed = async (commit: string): Promise<string[]> => {
    const images = await built({ commit });
    return Object.keys(images).filter((name) => images[name]?.changed);
  };
  await built();
  checkout.write('patches/plain+1.0.0.patch', 'one');
  checkout.write('node_modules/plain/index.js', "export const plain = 'patched';\n");
  expect(await changed('c2')).toEqual(['web']);
  checkout.write('patches/native+2.0.0.patch', 'one');
  expect(await changed('c3')).toEqual(['scorer']);
  checkout.write('patches/elsewhere+1.0.0.patch', 'one');
  expect(await changed('c4')).toEqual([]);
  const found = await scene.registry.client.resolveManifest('app/web', 'sha-c4');
  expect((await imageProgram(scene, 'app/web', found?.digest)).run()).toBe('hello patched\n');
});

test('when a service has its turn changes nothing about its image', async () => {
  const { checkout, built } = scene;
  const [web, scorer] = checkout.manifests;
  const inTurn = await built({ app: 'one', concurrency: 1, manifests: [web, scorer] });
  const reversed = await built({ app: 'two', concurrency: 1, manifests: [scorer, web] });
  const atOnce = await built({ app: 'three', concurrency: 2 });
  for (const name of ['web', 'scorer'] as const) {
    expect(reversed[name]?.digest).toBe(inTurn[name]?.digest);
    expect(atOnce[name]?.digest).toBe(inTurn[name]?.digest);
  }
});

test('the same key and digest in another time zone, language, umask and order of files', async () => {
  const { checkout, registry } = scene;
  const [, scorer] = checkout.manifests;
  for (const name of ['z', 'ä', 'Z', 'a', 'I', 'ı']) checkout.write(`services/scorer/model/${name}.onnx`, name);
  const run = async (app: string, umask: string, environment: Record<string, string>): Promise<unknown> => {
    const request: BuildRequest = {
      ...{ root: checkout.root, manifests: [scorer], commit: 'c1', app },
      ...{ registry: { host: registry.host }, base: `${registry.host}/base/node:24` },
    };
    const command = ['-c', 'umask "$0" && exec "$@"', umask, process.execPath, SCRIPT, JSON.stringify(request)];
    const { stdout } = await promisify(execFile)('sh', command, { env: { ...process.env, ...environment } });
    const [result] = JSON.parse(stdout) as BuildResult[];
    if (!result?.ok) throw new Error(stdout);
    return { key: result.image.key, digest: result.image.digest };
  };
  const here = await run('app/here', '022', { TZ: 'UTC', LANG: 'C.UTF-8' });
  expect(await run('app/there', '077', { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toEqual(
    here,
  );
});
