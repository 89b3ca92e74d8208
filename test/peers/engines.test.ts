import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildServices, builtImages } from '../../pipeline/image/build.ts';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import { type ImageConfig, isIndex } from '../../pipeline/image/registry/oci.ts';
import { type Checkout, createCheckout } from '../images/checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from '../images/cloud.ts';
import { startBuildEngine } from './build-engine.ts';

const execute = promisify(execFile);

/** A program that pulls and pushes images by itself. */
interface Client {
  /** Pulls, gives it another name and pushes it there. */
  copy(from: string, to: string): Promise<void>;
  /** The image's configuration as the program understands it. */
  inspect(reference: string): Promise<unknown>;
  close(): Promise<void>;
}

async function startDocker(): Promise<Client> {
  const { docker, close } = await startBuildEngine();
  return {
    async copy(from, to) {
      await docker('pull', from);
      await docker('tag', from, to);
      await docker('push', to);
    },
    inspect: async (reference) => JSON.parse(await docker('image', 'inspect', reference))[0].Config,
    close,
  };
}

/** Podman and buildah have the same store and the same words for what is done here. */
async function startStore(program: 'podman' | 'buildah'): Promise<Client> {
  const folder = await mkdtemp(join(tmpdir(), `slipway-${program}-`));
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
  const store = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const run = async (...args: string[]): Promise<string> => (await execute(program, [...store, ...args])).stdout;
  const trust = ['--tls-verify=false', '--signature-policy', policy];
  const inspection = { podman: ['image', 'inspect'], buildah: ['inspect', '--type', 'image'] }[program];
  return {
    async copy(from, to) {
      await run('pull', ...trust, from);
      await run('tag', from, to);
      await run('push', ...trust, to);
    },
    async inspect(reference) {
      const found = JSON.parse(await run(...inspection, reference));
      return program === 'podman' ? found[0].Config : found.OCIv1.config;
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

let checkout: Checkout;
let registry: TestRegistry;
beforeAll(async () => {
  [checkout, registry] = await Promise.all([createCheckout(), startRegistry()]);
});
afterAll(async () => {
  await registry.close();
  checkout.remove();
});

describe.each([
  ['docker', startDocker],
  ['podman', () => startStore('podman')],
  ['buildah', () => startStore('buildah')],
] as const)('%s', (name, start) => {
  let client: Client;
  beforeAll(async () => {
    client = await start();
  }, 60_000);
  afterAll(() => client.close());

  test('pulls what we built, pushes it elsewhere, and our client reads every file of it', async () => {
    const base = await pushBase(registry);
    const common = { root: checkout.root, manifests: checkout.manifests, registry: { host: registry.host }, base };
    const results = await buildServices({ ...common, app: `app/${name}`, commit: 'c1' });
    const { scorer } = builtImages(results);
    const [from, to] = [
      `${registry.host}/app/${name}/scorer:${scorer?.tag}`,
      `${registry.host}/copied/${name}/scorer:1`,
    ];
    await client.copy(from, to);
    expect(await client.inspect(to)).toMatchObject({
      User: '1000',
      WorkingDir: '/app',
      Entrypoint: ['/usr/local/bin/node', 'main.mjs'],
    });
    expect(await filesOf(`copied/${name}/scorer`)).toEqual([
      'usr/local/bin/node',
      'app/node_modules/native/index.js',
      'app/node_modules/native/package.json',
      'app/node_modules/native/prebuilds/linux-x64/native.node',
      'app/main.mjs',
      'app/model/weights with spaces é.onnx',
    ]);
  }, 60_000);
});

async function filesOf(repository: string): Promise<string[]> {
  const pulled = await registry.client.pullManifest(repository, '1');
  if (pulled === undefined || isIndex(pulled.document)) throw new Error(`${repository}:1 is no image`);
  const { config, layers } = pulled.document;
  const { rootfs } = JSON.parse((await registry.client.readBlob({ repository, ...config })).toString()) as ImageConfig;
  const files: string[] = [];
  for (const [index, layer] of layers.entries()) {
    const source = registry.client.openBlob({ repository, ...layer });
    const about = { mediaType: layer.mediaType, diffId: rootfs.diff_ids[index] ?? '' };
    for await (const entry of readLayer(source, about)) if (entry.type === 'file') files.push(entry.path);
  }
  return files;
}
