import { buildServices } from '../../pipeline/image/build.ts';
import { findEngine } from '../../pipeline/image/dockerfile/engine.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from '../images/cloud.ts';

let checkout: Checkout;
let registry: TestRegistry;
let base: string;
beforeEach(async () => {
  [checkout, registry] = await Promise.all([createCheckout(), startRegistry()]);
  base = await pushBase(registry);
  checkout.write(
    'services/files/Dockerfile',
    'FROM scratch\nCOPY data.txt /data.txt\nUSER 1000\nENTRYPOINT ["/data.txt"]\n',
  );
  checkout.write('services/files/data.txt', 'data');
});
afterEach(async () => {
  await registry.close();
  checkout.remove();
});

async function build(commit: string) {
  const files: Manifest = { ...checkout.manifests[0], name: 'files', builder: 'dockerfile' };
  const common = { root: checkout.root, registry: { host: registry.host }, app: 'app', base, commit };
  const [result] = await buildServices({ ...common, manifests: [files] });
  return result;
}

test('an engine is here; otherwise install docker.io and start it, or buildah', async () => {
  expect(await findEngine()).toBeDefined();
});

test('a Dockerfile becomes an image once per content, under the same tags as any other', async () => {
  const first = await build('c1');
  expect(first).toMatchObject({ ok: true, image: { changed: true, tag: 'sha-c1' } });
  const again = await build('c2');
  if (!first?.ok || !again?.ok) throw new Error(JSON.stringify([first, again]));
  expect(again.image).toMatchObject({ changed: false, bytesPushed: 0, digest: first.image.digest });
  expect(await registry.client.listTags('app/files')).toEqual([
    'bootstrap',
    `key-${first.image.key}`,
    'sha-c1',
    'sha-c2',
  ]);
  checkout.write('services/files/data.txt', 'other data');
  expect(await build('c2')).toMatchObject({ ok: false, problem: expect.stringContaining('sha-c2 is') });
  expect(await build('c3')).toMatchObject({ ok: true, image: { changed: true } });
});

test('a Dockerfile that does not build fails with what the engine says', async () => {
  checkout.write('services/files/Dockerfile', 'FROM scratch\nCOPY missing.txt /\n');
  expect(await build('c1')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('missing.txt'),
    fix: expect.any(String),
  });
});
