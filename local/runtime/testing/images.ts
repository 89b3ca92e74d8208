import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { composeImage } from '../../../pipeline/image/build/document.ts';
import type { Entry } from '../../../pipeline/image/layer/entries.ts';
import { packLayer } from '../../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../../pipeline/image/registry/blobs.ts';
import { createRegistryClient } from '../../../pipeline/image/registry/client.ts';
import { type ContainerConfig, type ImageConfig, isIndex } from '../../../pipeline/image/registry/oci.ts';
import { createRegistry } from '../../registry/registry.ts';
import { assembleStandInBase, STANDIN_BASE_REPOSITORY } from '../../registry/standin-base.ts';

export interface TestImages {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Folder in which the registry keeps its blobs. */
  readonly folder: string;
  /** Pushes an image on the stand-in base, one layer per list of entries, and names it by digest. */
  push(layers: readonly (readonly Entry[])[], container?: ContainerConfig): Promise<string>;
  close(): Promise<void>;
}

/** A registry with the stand-in base image, for tests that run real images. */
export async function createTestImages(): Promise<TestImages> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-images-'));
  const registry = await createRegistry({ folder, port: 0 });
  const host = `127.0.0.1:${registry.port}`;
  const root = resolve(import.meta.dirname, '../../..');
  const base = await assembleStandInBase({ registry: { host }, root });
  const client = createRegistryClient({ host });
  const repository = STANDIN_BASE_REPOSITORY;
  const pulled = await client.pullManifest(repository, base.digest);
  if (!pulled || isIndex(pulled.document)) throw new Error('the stand-in base is not one image');
  const manifest = pulled.document;
  const config = JSON.parse(
    (await client.readBlob({ repository, digest: manifest.config.digest })).toString(),
  ) as ImageConfig;
  return {
    host,
    folder,
    async push(layers, container = {}) {
      const packed = await Promise.all(layers.map((entries) => packLayer(entries, { folder, level: 1 })));
      const image = composeImage({
        platform: { os: config.os, architecture: config.architecture },
        base: { manifest, config },
        layers: packed.map((layer) => ({ ...layer, name: 'test', key: layer.diffId })),
        container: { ...config.config, User: '1000', WorkingDir: '/app', ...container },
        annotations: {},
      });
      await Promise.all(packed.map((layer) => client.ensureBlob(repository, fileBlob(layer))));
      await client.ensureBlob(repository, bytesBlob(image.config));
      const { digest } = await client.pushManifest({ repository, target: image.manifest.digest }, image.manifest);
      return `${host}/${repository}@${digest}`;
    },
    async close() {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A file of an image. */
export const textFile = (path: string, text: string): Entry => ({ type: 'file', path, content: Buffer.from(text) });
