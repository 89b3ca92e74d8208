import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, type Registry, type RegistryOptions } from '../../local/registry/registry.ts';
import { composeImage, composeIndex } from '../../pipeline/image/build/document.ts';
import { packLayer } from '../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../pipeline/image/registry/blobs.ts';
import { createRegistryClient, type RegistryClient } from '../../pipeline/image/registry/client.ts';

export interface TestRegistry {
  readonly host: string;
  readonly registry: Registry;
  readonly client: RegistryClient;
  close(): Promise<void>;
}

/** A registry of its own with immutable tags, on a free port. */
export async function startRegistry(options: Partial<RegistryOptions> = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const isImmutable = (repository: string): boolean => repository.startsWith('app/');
  const registry = await createRegistry({ folder, port: 0, isImmutable, ...options });
  const host = `127.0.0.1:${registry.port}`;
  const close = async (): Promise<void> => {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { host, registry, client: createRegistryClient({ host }), close };
}

/** Pushes a tiny base for both platforms as `base/node:24`; `content` makes it another one. */
export async function pushBase(
  { host, client }: Pick<TestRegistry, 'host' | 'client'>,
  content = 'first',
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-base-'));
  const repository = 'base/node';
  const images = await Promise.all(
    ['amd64', 'arm64'].map(async (architecture) => {
      const text = Buffer.from(`${content} for ${architecture}`);
      const layer = await packLayer([{ type: 'file', path: 'usr/local/bin/node', mode: 0o755, content: text }], {
        folder,
      });
      const image = composeImage({
        platform: { os: 'linux', architecture },
        layers: [{ ...layer, name: 'base', key: content }],
        container: {
          Env: ['PATH=/usr/local/bin', 'NODE_VERSION=24'],
          Cmd: ['node'],
          Entrypoint: ['docker-entrypoint.sh'],
        },
        annotations: {},
      });
      await Promise.all([fileBlob(layer), bytesBlob(image.config)].map((blob) => client.ensureBlob(repository, blob)));
      await client.pushManifest({ repository, target: image.manifest.digest }, image.manifest);
      return image;
    }),
  );
  await client.pushManifest({ repository, target: '24' }, composeIndex(images, {}));
  rmSync(folder, { recursive: true, force: true });
  return `${host}/${repository}:24`;
}
