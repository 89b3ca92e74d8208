import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildRequest, BuildResult } from '../../pipeline/image/build.ts';
import { type Scene, startScene } from '../images/scene.ts';

const SCRIPT = join(import.meta.dirname, '../images/build-once.ts');

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.close());

/** Mounting a small disk takes root, or namespaces that everybody may make. */
test.each([
  ['as soon as it is written to', '4k'],
  ['while the bundler writes', '8k'],
  ['when it has written', '24k'],
  ['while a layer is compressed', '1m'],
])('a disk that is full %s is told, and nothing is tagged', async (_when, size) => {
  const { registry, checkout } = scene;
  const { host } = registry;
  checkout.write('services/scorer/model/large.onnx', randomBytes(4_000_000));
  const folder = join(checkout.root, 'small-disk');
  mkdirSync(folder);
  const request: BuildRequest = {
    root: checkout.root,
    manifests: [checkout.manifests[1]],
    commit: 'c1',
    registry: { host },
    app: 'app',
    base: `${host}/base/node:24`,
  };
  const mount = `mount -t tmpfs -o size=${size} tmpfs '${folder}' && TMPDIR='${folder}' exec "$@"`;
  const build = [process.execPath, '--disable-warning=ExperimentalWarning', SCRIPT, JSON.stringify(request)];
  const isolated = ['--map-root-user', '--mount', 'sh', '-c', mount, 'sh', ...build];
  const { stdout } = await promisify(execFile)('unshare', isolated);
  expect(JSON.parse(stdout) as BuildResult[]).toEqual([
    expect.objectContaining({
      ok: false,
      problem: expect.stringMatching(/^the disk is full$|^esbuild did not write all/),
      fix: expect.stringContaining('TMPDIR'),
    }),
  ]);
  expect(await registry.client.listTags('app/scorer')).toEqual([]);
});
