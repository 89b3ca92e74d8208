import { basename, dirname } from 'node:path/posix';
import type { Component } from '../build/bill-of-materials.ts';
import type { ServiceBuild } from '../build/types.ts';
import { readLayer } from '../layer/layer.ts';
import type { TarEntry } from '../layer/tar-read.ts';
import { type Descriptor, type ImageConfig, type ImageManifest, isIndex } from '../registry/oci.ts';
import { componentsIn, isDatabase } from './package-databases.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** What is larger is no list of packages. */
const DATABASE_BYTES = 64 << 20;

type Place = Pick<ServiceBuild, 'client' | 'repository'>;

/** The packages in an image, of all its platforms: read from its layers, because only the Dockerfile knows how they came there. */
export async function inventoryOf(place: Place, digest: string): Promise<Component[]> {
  const document = (await place.client.pullManifest(place.repository, digest))?.document;
  if (document === undefined) return [];
  if (!isIndex(document)) return componentsIn(await databasesIn(place, document));
  const parts = await Promise.all(document.manifests.map((one) => inventoryOf(place, one.digest)));
  return parts.flat();
}

async function databasesIn({ client, repository }: Place, manifest: ImageManifest): Promise<Map<string, string>> {
  const { digest, size } = manifest.config;
  const config = JSON.parse((await client.readBlob({ repository, digest, size })).toString()) as ImageConfig;
  const files = new Map<string, string>();
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[index] ?? '';
    await applyTo(files, readLayer(client.openBlob(addressOf(repository, layer)), { ...layer, diffId }));
  }
  return files;
}

const addressOf = (repository: string, { digest, size }: Descriptor) => ({ repository, digest, size });

/** As when a layer is unpacked, for the few files that count: the upper one wins, and whiteouts remove what is below. */
async function applyTo(files: Map<string, string>, entries: AsyncIterable<TarEntry>): Promise<void> {
  const below = new Set(files.keys());
  for await (const entry of entries) {
    const { path } = entry;
    const [name, folder] = [basename(path), dirname(path)];
    if (name === OPAQUE) remove(files, below, folder);
    else if (name.startsWith(WHITEOUT))
      remove(files, below, folder === '.' ? name.slice(4) : `${folder}/${name.slice(4)}`);
    else if (entry.type === 'file' && entry.size <= DATABASE_BYTES && isDatabase(path)) {
      files.set(path, await textOf(entry));
      below.delete(path);
    }
  }
}

function remove(files: Map<string, string>, below: ReadonlySet<string>, path: string): void {
  for (const one of below) if (path === '.' || one === path || one.startsWith(`${path}/`)) files.delete(one);
}

async function textOf(entry: TarEntry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry.content()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
