import { buildServices } from '../../pipeline/image/build.ts';
import { exportsCache, findEngine } from '../../pipeline/image/dockerfile/engine.ts';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { HOW_TO_GET_IT, hasNewerDocker } from '../../tools/newer-docker.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from '../images/cloud.ts';
import { type BuildEngine, startBuildEngine } from './build-engine.ts';

/** The first stage is no part of the image: an image's own cache does not hold it. */
const DOCKERFILE = `FROM scratch AS prepared
COPY slow.txt /prepared/slow.txt
COPY input.txt /prepared/input.txt
FROM scratch
COPY --from=prepared /prepared/input.txt /input.txt
COPY data.txt /data.txt
USER 1000
ENTRYPOINT ["/data.txt"]
`;

let checkout: Checkout;
let registry: TestRegistry;
let engine: BuildEngine;
let base: string;
const before = { ...process.env };

const described = hasNewerDocker() ? describe : describe.skip;
if (!hasNewerDocker()) console.warn(`The dockerfile builder was not tested with buildx. ${HOW_TO_GET_IT}`);

described('buildx with a cache in the registry', () => {
  beforeAll(async () => {
    [checkout, registry, engine] = await Promise.all([
      createCheckout(),
      startRegistry({ isImmutable: () => true }),
      startBuildEngine({ newer: true }),
    ]);
    Object.assign(process.env, engine.environment);
    delete process.env['ACTIONS_RUNTIME_TOKEN'];
    base = await pushBase(registry);
    checkout.write('services/files/Dockerfile', DOCKERFILE);
    for (const name of ['slow', 'input', 'data']) checkout.write(`services/files/${name}.txt`, name);
  }, 60_000);
  afterAll(async () => {
    await engine.close();
    await registry.close();
    checkout.remove();
    for (const name of [...Object.keys(engine.environment), 'ACTIONS_RUNTIME_TOKEN']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  async function build(commit: string) {
    const files: Manifest = { ...checkout.manifests[0], name: 'files', builder: 'dockerfile' };
    const common = { root: checkout.root, registry: { host: registry.host }, app: 'app', base, commit };
    const [result] = await buildServices({ ...common, manifests: [files] });
    if (!result?.ok) throw new Error(JSON.stringify(result));
    return result.image;
  }

  const cacheTags = async (): Promise<string[]> =>
    (await registry.client.listTags('app/files')).filter((tag) => tag.startsWith('cache-'));

  test('it is the engine that is found, and it can leave its cache in a registry', async () => {
    expect(await findEngine()).toBe('buildx');
    expect(await exportsCache()).toBe(true);
  });

  test('the first build leaves its steps, stages that are no part of the image included', async () => {
    expect(await build('c1')).toMatchObject({ changed: true, tag: 'sha-c1' });
    const [tag = '', ...others] = await cacheTags();
    expect(others).toEqual([]);
    const cache = (await registry.client.pullManifest('app/files', tag))?.document;
    const image = (await registry.client.pullManifest('app/files', 'sha-c1'))?.document;
    if (!cache || !image || isIndex(cache) || isIndex(image)) throw new Error('an index');
    expect(cache.layers.length).toBeGreaterThan(image.layers.length);
  }, 60_000);

  test('a fresh engine takes the steps that did not change from there; the cache stays as it is', async () => {
    const [tag = ''] = await cacheTags();
    const old = await registry.client.resolveManifest('app/files', tag);
    const first = (await registry.client.pullManifest('app/files', 'sha-c1'))?.document;
    await engine.docker('buildx', 'prune', '--all', '--force');
    await engine.docker('system', 'prune', '--all', '--force');
    checkout.write('services/files/data.txt', 'changed');
    expect(await build('c2')).toMatchObject({ changed: true });
    const second = (await registry.client.pullManifest('app/files', 'sha-c2'))?.document;
    if (!first || !second || isIndex(first) || isIndex(second)) throw new Error('an index');
    expect(second.layers[0]?.digest).toBe(first.layers[0]?.digest);
    expect(second.layers[1]?.digest).not.toBe(first.layers[1]?.digest);
    expect(await cacheTags()).toEqual([tag]);
    expect(await registry.client.resolveManifest('app/files', tag)).toEqual(old);
  }, 60_000);

  test('nothing changed: nothing is built', async () => {
    expect(await build('c3')).toMatchObject({ changed: false, bytesPushed: 0 });
  });
});
