import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readLayer } from '../../pipeline/image/layer/layer.ts';
import type { CredentialsProvider } from '../../pipeline/image/registry/client.ts';
import { createRegistryClient, type RegistryClient } from '../../pipeline/image/registry/client.ts';
import { type ContainerConfig, type Descriptor, type ImageConfig, isIndex } from '../../pipeline/image/registry/oci.ts';
import { type ImageReference, parseReference, targetOf } from '../../pipeline/image/registry/reference.ts';
import { resolveInside, statusOf } from './inside.ts';
import { ImageError } from './runtime.ts';
import { applyLayer } from './unpack.ts';

/** An image that is ready to run. */
export interface UnpackedImage {
  /** Folder with its root file system; shared by all containers, never written to. Relative to the store's home. */
  readonly rootfs: string;
  readonly config: ContainerConfig;
}

export interface ImageStore {
  /** The image, pulled, verified and unpacked on first use; concurrent calls share the work. */
  open(image: string): Promise<UnpackedImage>;
}

interface Layer extends Descriptor {
  readonly diffId: string;
}

const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';

/**
 * Unpacked images under `<home>/images`. Each stack of layers is unpacked once (`rootfs/<chain id>`) and the next layer starts from hard links to it,
 * so ten images on one base hold the base once. Folders appear by renaming, complete or not at all.
 */
export function createImageStore(home: string, credentials?: CredentialsProvider): ImageStore {
  const folder = join(home, 'images');
  mkdirSync(join(folder, 'rootfs'), { recursive: true });
  const running = new Map<string, Promise<unknown>>();
  const once = <Value>(key: string, work: () => Promise<Value>): Promise<Value> => {
    const present = running.get(key) as Promise<Value> | undefined;
    if (present) return present;
    const started = work().finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
  const pull = async (reference: ImageReference): Promise<UnpackedImage> => {
    const client = createRegistryClient({ host: reference.host, ...(credentials ? { credentials } : {}) });
    const { config, layers } = await readImage(client, reference);
    const chains = chainIds(layers);
    for (const [index, layer] of layers.entries()) {
      const chain = chains[index] ?? '';
      const below = index === 0 ? undefined : join(folder, 'rootfs', chains[index - 1] ?? '');
      await once(chain, () => unpackLayer({ client, reference, layer, below, into: join(folder, 'rootfs', chain) }));
    }
    const rootfs = join('images', 'rootfs', chains.at(-1) ?? '');
    prepareMountPoints(join(home, rootfs), config);
    return { rootfs, config };
  };
  return {
    open: (image) =>
      once(image, async () => {
        const reference = parseReference(image);
        if (!reference.digest) throw new ImageError(`${image} is not named by digest`);
        const record = join(folder, `${reference.digest.slice('sha256:'.length)}.json`);
        const known = readRecord(record);
        if (known && existsSync(join(home, known.rootfs))) return known;
        const unpacked = await explain(image, () => pull(reference));
        writeFileSync(`${record}.new`, JSON.stringify(unpacked));
        renameSync(`${record}.new`, record);
        return unpacked;
      }),
  };
}

function readRecord(file: string): UnpackedImage | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as UnpackedImage;
  } catch {
    return undefined;
  }
}

async function explain<Value>(image: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(`${image}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function readImage(
  client: RegistryClient,
  reference: ImageReference,
): Promise<{ config: ContainerConfig; layers: readonly Layer[] }> {
  const { repository } = reference;
  const name = `${repository}@${reference.digest}`;
  const pulled = await client.pullManifest(repository, targetOf(reference));
  if (!pulled) throw new ImageError(`${name}: not found`);
  if (isIndex(pulled.document)) {
    const own = pulled.document.manifests.find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === ARCHITECTURE,
    );
    if (!own) throw new ImageError(`${name} has no image for linux/${ARCHITECTURE}`);
    return readImage(client, { ...reference, digest: own.digest });
  }
  const { config: descriptor, layers } = pulled.document;
  const bytes = await client.readBlob({ repository, digest: descriptor.digest, size: descriptor.size });
  const config = JSON.parse(bytes.toString()) as ImageConfig;
  if (config.architecture !== ARCHITECTURE) {
    throw new ImageError(`${name} is for ${config.os}/${config.architecture}, this machine is linux/${ARCHITECTURE}`);
  }
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== layers.length)
    throw new ImageError(`${name} names ${diffIds.length} of ${layers.length} layers`);
  return {
    config: config.config ?? {},
    layers: layers.map((layer, index) => ({ ...layer, diffId: diffIds[index] ?? '' })),
  };
}

/** Names of the stacks of layers, as https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid has them, in hexadecimal. */
function chainIds(layers: readonly Layer[]): readonly string[] {
  const chains: string[] = [];
  for (const { diffId } of layers) {
    const below = chains.at(-1);
    const text = below === undefined ? diffId : `sha256:${below} ${diffId}`;
    chains.push(below === undefined ? diffId.slice('sha256:'.length) : createHash('sha256').update(text).digest('hex'));
  }
  return chains;
}

async function unpackLayer(work: {
  client: RegistryClient;
  reference: ImageReference;
  layer: Layer;
  below: string | undefined;
  into: string;
}): Promise<void> {
  const { client, reference, layer, below, into } = work;
  if (existsSync(into)) return;
  const partial = `${into}.${randomUUID()}.partial`;
  try {
    if (below === undefined) mkdirSync(partial);
    else await promisify(execFile)('cp', ['-al', below, partial]);
    const blob = client.openBlob({ repository: reference.repository, digest: layer.digest, size: layer.size });
    await applyLayer(partial, readLayer(blob, layer));
    renameSync(partial, into);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** What a container finds mounted has to exist in the shared root file system, which nobody writes to later. */
function prepareMountPoints(rootfs: string, config: ContainerConfig): void {
  for (const name of ['proc', 'dev', 'tmp', 'etc']) {
    const folder = join(rootfs, name);
    if (!statusOf(folder)) mkdirSync(folder);
    else if (!statusOf(folder)?.isDirectory()) throw new ImageError(`/${name} of the image is not a folder`);
  }
  for (const name of ['etc/resolv.conf', 'etc/hosts']) {
    const file = join(rootfs, name);
    if (!statusOf(file)?.isFile()) {
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, '');
    }
  }
  mkdirSync(resolveInside(rootfs, config.WorkingDir || '/'), { recursive: true });
}
