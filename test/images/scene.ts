import { type BuildRequest, type BuildResult, buildServices, builtImages } from '../../pipeline/image/build.ts';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import { type ImageConfig, type ImageIndex, type ImageManifest, isIndex } from '../../pipeline/image/registry/oci.ts';
import type { BuiltImages } from '../../pipeline/release/types.ts';
import { type Checkout, createCheckout } from './checkout.ts';
import { pushBase, startRegistry, type TestRegistry } from './cloud.ts';

/** A checkout, a registry with a base, and what tests do with them. */
export interface Scene {
  readonly checkout: Checkout;
  readonly registry: TestRegistry;
  /** Commit `c1` unless `more` says otherwise. */
  build(more?: Partial<BuildRequest>): Promise<BuildResult[]>;
  /** All services, which must succeed. */
  built(more?: Partial<BuildRequest>): Promise<BuiltImages>;
  /** One service, which must fail. */
  failure(more?: Partial<BuildRequest>, service?: string): Promise<BuildResult & { ok: false }>;
  pull(repository: string, digest: string | undefined): Promise<ImageManifest | ImageIndex>;
  /** Configuration and files of an image of one platform. */
  inspect(repository: string, digest: string | undefined): Promise<{ config: ImageConfig; files: string[] }>;
  close(): Promise<void>;
}

export async function startScene(): Promise<Scene> {
  const [checkout, registry] = await Promise.all([createCheckout(), startRegistry()]);
  const base = await pushBase(registry);
  const { root, manifests } = checkout;
  const common = { root, manifests, commit: 'c1', registry: { host: registry.host }, app: 'app', base };
  const build: Scene['build'] = (more = {}) => buildServices({ ...common, ...more });
  const pull: Scene['pull'] = (repository, digest = '') => pullDocument(registry, repository, digest);
  return {
    checkout,
    registry,
    build,
    pull,
    built: async (more) => {
      const results = await build(more);
      expect(results).toEqual(results.map(({ service }) => expect.objectContaining({ ok: true, service })));
      return builtImages(results);
    },
    failure: async (more, service = 'web') => {
      const result = (await build(more)).find((one) => one.service === service);
      if (result === undefined || result.ok) throw new Error(`${service} was built: ${JSON.stringify(result)}`);
      return result;
    },
    inspect: async (repository, digest) => inspect(registry, repository, await pull(repository, digest)),
    close: async () => {
      await registry.close();
      checkout.remove();
    },
  };
}

async function pullDocument(
  { client }: TestRegistry,
  repository: string,
  digest: string,
): Promise<ImageManifest | ImageIndex> {
  const pulled = await client.pullManifest(repository, digest);
  if (pulled === undefined) throw new Error(`no ${repository}@${digest}`);
  return pulled.document;
}

async function inspect({ client }: TestRegistry, repository: string, manifest: ImageManifest | ImageIndex) {
  if (isIndex(manifest)) throw new Error('an index');
  const config = JSON.parse((await client.readBlob({ repository, ...manifest.config })).toString()) as ImageConfig;
  const files: string[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[index] ?? '';
    const source = client.openBlob({ repository, ...layer });
    for await (const entry of readLayer(source, { mediaType: layer.mediaType, diffId })) {
      if (entry.type === 'file') files.push(entry.path);
    }
  }
  return { config, files };
}
