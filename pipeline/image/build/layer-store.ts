import type { Compression } from '../layer/compression.ts';
import type { Entry } from '../layer/entries.ts';
import { fitsInMemory, packInMemory, packLayer } from '../layer/layer.ts';
import type { Arrival, Blob } from '../registry/blob-write.ts';
import { bytesBlob, fileBlob, remoteBlob } from '../registry/blobs.ts';
import type { RegistryClient } from '../registry/client.ts';
import { DIGEST } from '../registry/digest.ts';
import type { Descriptor } from '../registry/oci.ts';
import { isIndex } from '../registry/oci.ts';
import { ANNOTATION } from './annotations.ts';
import type { LayerHoldings, NamedLayer } from './document.ts';

export type { LayerHoldings } from './document.ts';

/** What a layer is packed of. */
export interface LayerContent {
  readonly entries: readonly Entry[];
  readonly holds?: LayerHoldings;
}

export interface LayerPlan {
  readonly name: string;
  readonly key: string;
  /** Large and seldom changed: looked for in the registry before it is packed. */
  readonly shared: boolean;
  /** Finds the files; only called when the layer has to be packed. */
  content(): LayerContent | Promise<LayerContent>;
}

export interface StoredLayer {
  readonly layer: NamedLayer;
  readonly blob: Blob;
  /** Repository in which it was found; undefined when it was packed. */
  readonly foundIn: string | undefined;
}

export interface LayerStoreOptions {
  readonly client: RegistryClient;
  /** For packed layers. */
  readonly folder: string;
  /** Repositories of the other services. */
  readonly siblings: readonly string[];
}

export interface Delivery {
  readonly from?: readonly string[];
  readonly unseen?: boolean;
}

/** Tag under which the first image with a shared layer can be found again. */
export const layerTag = (key: string): string => `layer-${key}`;

/**
 * Layers of one run: each is found in the registry or packed once, however many services have it, and uploaded once, then mounted.
 * A fresh machine needs no cache of its own.
 */
export class LayerStore {
  readonly #options: LayerStoreOptions;
  readonly #layers = new Map<string, Promise<StoredLayer>>();
  readonly #found = new Map<string, Promise<StoredLayer | undefined>>();
  /** Digest -> repositories that hold the blob. */
  readonly #holders = new Map<string, Set<string>>();
  readonly #uploads = new Map<string, Promise<unknown>>();

  constructor(options: LayerStoreOptions) {
    this.#options = options;
  }

  obtain(plan: LayerPlan, repository: string, compression: Compression): Promise<StoredLayer> {
    const known = this.#layers.get(plan.key) ?? this.#findOrPack(plan, repository, compression);
    this.#layers.set(plan.key, known);
    return known;
  }

  /** Looks for a layer in the registry; undefined when it has to be packed. */
  find(plan: LayerPlan, repository: string): Promise<StoredLayer | undefined> {
    const known = this.#found.get(plan.key) ?? this.#findAnywhere(plan, repository);
    this.#found.set(plan.key, known);
    return known;
  }

  /** Finds out which of the blobs the repository holds: they need not be delivered. */
  async notice(repository: string, digests: readonly string[]): Promise<void> {
    const look = async (digest: string): Promise<void> => {
      if (await this.#options.client.hasBlob(repository, digest)) this.#holdersOf(digest).add(repository);
    };
    await Promise.all(digests.map(look));
  }

  /** Makes sure that the repository holds the blob; `from` are repositories that may have it. `unseen`: it was made just now. */
  async deliver(repository: string, blob: Blob, { from = [], unseen = false }: Delivery = {}): Promise<Arrival> {
    const holders = this.#holdersOf(blob.digest, from);
    if (holders.has(repository)) return 'present';
    const before = this.#uploads.get(blob.digest);
    const upload = (async () => {
      // Who comes second mounts what the first has uploaded.
      await before?.catch(() => undefined);
      return this.#options.client.ensureBlob(repository, blob, { from: [...holders].slice(-1), unseen });
    })();
    this.#uploads.set(blob.digest, upload);
    const arrival = await upload;
    holders.add(repository);
    return arrival;
  }

  #holdersOf(digest: string, before: readonly string[] = []): Set<string> {
    const holders = this.#holders.get(digest) ?? new Set(before);
    this.#holders.set(digest, holders);
    return holders;
  }

  async #findOrPack(plan: LayerPlan, repository: string, compression: Compression): Promise<StoredLayer> {
    const found = plan.shared ? await this.find(plan, repository) : undefined;
    if (found !== undefined) return found;
    const { folder } = this.#options;
    const { entries, holds } = await plan.content();
    const packed = fitsInMemory(entries)
      ? await packInMemory(entries, { compression })
      : await packLayer(entries, { folder, compression });
    const layer = { ...packed, name: plan.name, key: plan.key, ...(holds && { holds }) };
    return { layer, blob: 'bytes' in packed ? bytesBlob(packed) : fileBlob(packed), foundIn: undefined };
  }

  async #findAnywhere(plan: LayerPlan, repository: string): Promise<StoredLayer | undefined> {
    const own = await this.#find(plan, repository);
    if (own !== undefined) return own;
    const others = this.#options.siblings.filter((one) => one !== repository);
    return (await Promise.all(others.map((place) => this.#find(plan, place)))).find((one) => one !== undefined);
  }

  async #find({ name, key }: LayerPlan, repository: string): Promise<StoredLayer | undefined> {
    const { client } = this.#options;
    const pulled = await client.pullManifest(repository, layerTag(key));
    if (pulled === undefined || isIndex(pulled.document)) return undefined;
    const descriptor = pulled.document.layers.find((one) => one.annotations?.[ANNOTATION.layerKey] === key);
    const layer = descriptor && toLayer(descriptor, name, key);
    // A lifecycle rule may have taken the blob and left the manifest.
    if (layer === undefined || !(await client.hasBlob(repository, layer.digest))) return undefined;
    const blob = remoteBlob(client, { repository, digest: layer.digest, size: layer.size });
    this.#holdersOf(layer.digest).add(repository);
    return { layer, blob, foundIn: repository };
  }
}

/** Undefined when the annotations are not ours. */
function toLayer(
  { mediaType, digest, size, annotations = {} }: Descriptor,
  name: string,
  key: string,
): NamedLayer | undefined {
  const diffId = annotations[ANNOTATION.diffId] ?? '';
  const unpackedSize = Number(annotations[ANNOTATION.unpackedSize] ?? Number.NaN);
  if (!DIGEST.test(diffId) || !Number.isSafeInteger(unpackedSize)) return undefined;
  const text = annotations[ANNOTATION.holds];
  const holds = text === undefined ? undefined : parseHoldings(text);
  if (text !== undefined && holds === undefined) return undefined;
  return { mediaType, digest, size, diffId, unpackedSize, name, key, ...(holds && { holds }) };
}

/** Undefined when it is not what a build has written. */
function parseHoldings(text: string): LayerHoldings | undefined {
  try {
    const { packages, native } = JSON.parse(text) as Partial<LayerHoldings>;
    const areSizes = packages !== undefined && Object.values(packages).every(Number.isSafeInteger);
    return areSizes && Array.isArray(native) ? { packages, native } : undefined;
  } catch {
    return undefined;
  }
}
