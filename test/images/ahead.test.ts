import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Ahead, bundleAhead } from '../../pipeline/image/build/ahead.ts';
import { ownCodeRequest } from '../../pipeline/image/build/own-code.ts';
import { imageProgram } from './program.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
  for (const { name, entry, builder } of scene.checkout.manifests)
    scene.checkout.write(`services/${name}/service.json`, JSON.stringify({ name, entry, builder }));
});
afterEach(() => scene.close());

const begin = (services: readonly string[] = []): Ahead => bundleAhead({ root: scene.checkout.root, services });
const request = () => ownCodeRequest({ root: scene.checkout.root, manifest: { name: 'web', entry: 'main.ts' } });

test('what has begun ahead is used, and gives the same image', async () => {
  const ahead = begin();
  let taken = 0;
  const take: Ahead['take'] = (wanted) => {
    const run = ahead.take(wanted);
    taken += run === undefined ? 0 : 1;
    return run;
  };
  const first = await scene.built({ ahead: { ...ahead, take } });
  ahead.close();
  const second = await scene.built({ app: 'other' });
  expect(taken).toBe(2);
  expect(first['web']?.digest).toBe(second['web']?.digest);
  expect(first['scorer']?.digest).toBe(second['scorer']?.digest);
});

test('what does not bundle is told by the build', async () => {
  scene.checkout.write('services/web/main.ts', 'import { nothing } from "./nowhere.ts";\nconsole.log(nothing);\n');
  const ahead = begin(['web']);
  const failure = await scene.failure({ ahead });
  ahead.close();
  expect(failure.problem).toMatch(/services\/web\/main\.ts:1:\d+: Could not resolve ".\/nowhere\.ts"/);
});

test('what nobody takes is ended, and leaves nothing behind', () => {
  const ahead = begin(['web']);
  expect(existsSync(ahead.folder ?? '')).toBe(true);
  ahead.close();
  expect(existsSync(ahead.folder ?? '')).toBe(false);
});

test.each([
  ['another service', ['scorer']],
  ['a name that leads elsewhere', ['../services/web']],
  ['a service that is not there', ['nothing']],
])('%s is not taken for it', (_what, services) => {
  const ahead = begin(services);
  expect(ahead.take(request())).toBeUndefined();
  ahead.close();
});

test('a checkout that cannot be read fails in the build only', () => {
  const ahead = bundleAhead({ root: join(scene.checkout.root, 'nowhere'), services: [] });
  expect(ahead.take(request())).toBeUndefined();
  ahead.close();
});

test('a native package that package.json does not declare stays outside all the same', async () => {
  const { scorer: declared } = await scene.built();
  scene.checkout.write('package.json', '{"type":"module"}');
  const { scorer } = await scene.built({ app: 'other' });
  const files = async (app: string, digest?: string) => (await scene.inspect(`${app}/scorer`, digest)).files;
  expect(await files('other', scorer?.digest)).toEqual(await files('app', declared?.digest));
});

test('a package of the repository itself is own code, though package.json declares it', async () => {
  const { checkout } = scene;
  checkout.write('services/kit/package.json', '{"name":"@app/kit","type":"module","exports":"./shared.ts"}');
  symlinkSync(join(checkout.root, 'services/kit'), join(checkout.root, 'node_modules/kit-of-own'));
  const lockfile = JSON.parse(readFileSync(join(checkout.root, 'package-lock.json'), 'utf8'));
  lockfile.packages['node_modules/kit-of-own'] = { resolved: 'services/kit', link: true };
  checkout.write('package-lock.json', JSON.stringify(lockfile));
  checkout.write(
    'package.json',
    '{"type":"module","dependencies":{"kit-of-own":"*","plain":"1.0.0","native":"2.0.0"}}',
  );
  checkout.write('services/web/main.ts', "import { greeting } from 'kit-of-own';\nconsole.log(greeting);\n");
  const { web } = await scene.built();
  expect((await imageProgram(scene, 'app/web', web?.digest)).run()).toBe('hello\n');
});
