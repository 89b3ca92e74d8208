import { buildServices } from '../../pipeline/image/build.ts';
import { findEngine } from '../../pipeline/image/dockerfile/engine.ts';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from '../images/cloud.ts';
import { leaveOnly, type OnlyEngine } from './only-engine.ts';

describe.each(['podman', 'buildah'] as const)('%s alone', (name) => {
  let checkout: Checkout;
  let registry: TestRegistry;
  let engine: OnlyEngine;
  let base: string;
  beforeAll(async () => {
    [checkout, registry] = await Promise.all([createCheckout(), startRegistry()]);
    base = await pushBase(registry);
    engine = leaveOnly(name);
    checkout.write(
      'services/files/Dockerfile',
      `FROM ${base}\nCOPY first.txt /first.txt\nCOPY second.txt /second.txt\n`,
    );
    checkout.write('services/files/first.txt', 'first');
    checkout.write('services/files/second.txt', 'second');
  });
  afterAll(async () => {
    engine.close();
    await registry.close();
    checkout.remove();
  });

  /** Layers of the image of the commit. */
  async function build(commit: string): Promise<readonly string[]> {
    const files: Manifest = { ...checkout.manifests[0], name: 'files', builder: 'dockerfile' };
    const common = { root: checkout.root, registry: { host: registry.host }, app: 'app', base, commit };
    const [result] = await buildServices({ ...common, manifests: [files] });
    if (!result?.ok) throw new Error(JSON.stringify(result));
    const document = (await registry.client.pullManifest('app/files', result.image.digest))?.document;
    return document === undefined || isIndex(document) ? [] : document.layers.map(({ digest }) => digest);
  }

  const steps = async (): Promise<string[]> =>
    (await registry.client.listTags('app/files')).filter((tag) => /^[0-9a-f]{64}$/.test(tag));

  test('is what builds', async () => {
    expect(await findEngine()).toBe(name);
  });

  test('a fresh engine takes the steps that did not change from the registry', async () => {
    const first = await build('c1');
    expect(first).toHaveLength(3);
    const before = await steps();
    engine.forget();
    checkout.write('services/files/second.txt', 'changed');
    const second = await build('c2');
    expect(second.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(second[2]).not.toBe(first[2]);
    // Done again, the first step would be another image under the same tag: that is refused, and no step is left at all.
    expect((await steps()).length).toBeGreaterThan(before.length);
  });

  test('a registry that does not take a step fails no build', async () => {
    engine.refuseSteps();
    checkout.write('services/files/second.txt', 'once more');
    const tags = await registry.client.listTags('app/files');
    expect(await build('c3')).toHaveLength(3);
    const added = (await registry.client.listTags('app/files')).filter((tag) => !tags.includes(tag));
    expect(added.map((tag) => tag.slice(0, 4))).toEqual(['key-', 'sha-']);
  });
});
