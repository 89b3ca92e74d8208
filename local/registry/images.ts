import { DIGEST, sha256 } from '../../pipeline/image/registry/digest.ts';
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  isIndex,
  MEDIA,
} from '../../pipeline/image/registry/oci.ts';
import { DistributionError } from './errors.ts';
import { exists, hex, type RegistryFiles, read, remove } from './files.ts';

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly document: ImageManifest | ImageIndex;
  /** Milliseconds since the epoch. */
  readonly pushedAt: number;
}

export interface ManifestToStore {
  readonly bytes: Uint8Array;
  readonly mediaType?: string;
}

/** Whether a tag of the repository, once set, stays. */
export type Immutability = (repository: string) => boolean;

interface ManifestRecord {
  readonly mediaType: string;
  readonly pushedAt: number;
}

/** Manifests and the tags that point to them. */
export class Images {
  readonly #files: RegistryFiles;
  readonly #isImmutable: Immutability;

  constructor(files: RegistryFiles, isImmutable: Immutability) {
    this.#files = files;
    this.#isImmutable = isImmutable;
  }

  /** By tag or digest. */
  find(repository: string, target: string): StoredManifest | undefined {
    const digest = DIGEST.test(target) ? target : this.#read(repository, 'tags', target);
    const record = digest === undefined ? undefined : this.#read(repository, 'manifests', hex(digest));
    if (digest === undefined || record === undefined) return undefined;
    const bytes = read(this.#files.blob(digest));
    if (bytes === undefined) return undefined;
    return { ...(JSON.parse(record) as ManifestRecord), digest, bytes, document: JSON.parse(bytes.toString()) };
  }

  /** Everything in the repository, oldest first. */
  all(repository: string): StoredManifest[] {
    const found = this.#files
      .keys(repository, 'manifests')
      .flatMap((key) => this.find(repository, `sha256:${key}`) ?? []);
    return found.sort((a, b) => a.pushedAt - b.pushedAt);
  }

  tags(repository: string): string[] {
    return this.#files.keys(repository, 'tags');
  }

  /** Tag -> digest. */
  tagged(repository: string): ReadonlyMap<string, string> {
    return new Map(this.tags(repository).map((tag) => [tag, this.#read(repository, 'tags', tag) ?? '']));
  }

  /** Stores the manifest and points the tag to it. Throws `DistributionError` when it is not complete or the tag is taken for good. */
  put(repository: string, target: string, manifest: ManifestToStore): StoredManifest {
    const digest = sha256(manifest.bytes);
    const isDigest = DIGEST.test(target);
    if (isDigest && target !== digest) throw new DistributionError(400, 'DIGEST_INVALID', `the content is ${digest}`);
    const document = parseDocument(manifest);
    this.#requireComplete(repository, document);
    if (!isDigest) this.#requireFree(repository, target, digest);
    const mediaType = document.mediaType ?? manifest.mediaType ?? MEDIA.manifest;
    const record = this.#files.record(repository, 'manifests', hex(digest));
    this.#files.write(this.#files.blob(digest), manifest.bytes);
    if (!exists(record)) {
      this.#files.write(record, JSON.stringify({ mediaType, pushedAt: Date.now() } satisfies ManifestRecord));
    }
    if (!isDigest) this.#files.write(this.#files.record(repository, 'tags', target), digest);
    return { digest, mediaType, bytes: Buffer.from(manifest.bytes), document, pushedAt: Date.now() };
  }

  /** By digest with all tags that point to it, or a tag alone. False when there was none. */
  delete(repository: string, target: string): boolean {
    const isDigest = DIGEST.test(target);
    const record = this.#files.record(repository, isDigest ? 'manifests' : 'tags', isDigest ? hex(target) : target);
    if (!exists(record)) return false;
    const tags = isDigest ? [...this.tagged(repository)].filter(([, digest]) => digest === target) : [];
    for (const [tag] of tags) remove(this.#files.record(repository, 'tags', tag));
    remove(record);
    return true;
  }

  referrers(repository: string, subject: string): Descriptor[] {
    return this.all(repository).flatMap(({ digest, mediaType, bytes, document }) => {
      if (document.subject?.digest !== subject) return [];
      const artifactType = document.artifactType ?? (isIndex(document) ? undefined : document.config.mediaType);
      const { annotations } = document;
      return [
        {
          mediaType,
          digest,
          size: bytes.length,
          ...(artifactType && { artifactType }),
          ...(annotations && { annotations }),
        },
      ];
    });
  }

  #requireComplete(repository: string, document: ImageManifest | ImageIndex): void {
    const blobs = isIndex(document) ? [] : [document.config, ...document.layers];
    const manifests = isIndex(document) ? document.manifests : [];
    const has = (kind: 'blobs' | 'manifests', digest: string): boolean =>
      DIGEST.test(digest) &&
      exists(this.#files.record(repository, kind, hex(digest))) &&
      exists(this.#files.blob(digest));
    const missing =
      blobs.find(({ digest }) => !has('blobs', digest)) ?? manifests.find(({ digest }) => !has('manifests', digest));
    if (missing === undefined) return;
    throw new DistributionError(
      400,
      'MANIFEST_BLOB_UNKNOWN',
      `${repository} does not hold ${missing.digest}; push it first`,
    );
  }

  #requireFree(repository: string, tag: string, digest: string): void {
    const taken = this.#read(repository, 'tags', tag);
    if (taken === undefined || taken === digest || !this.#isImmutable(repository)) return;
    const problem = `${repository}:${tag} is ${taken} already and the repository's tags are immutable`;
    throw new DistributionError(400, 'TAG_INVALID', problem);
  }

  #read(repository: string, kind: 'tags' | 'manifests', key: string): string | undefined {
    return read(this.#files.record(repository, kind, key))?.toString();
  }
}

function parseDocument({ bytes, mediaType }: ManifestToStore): ImageManifest | ImageIndex {
  const invalid = (problem: string): DistributionError => new DistributionError(400, 'MANIFEST_INVALID', problem);
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw invalid('the manifest is not JSON');
  }
  if (!isDocument(document)) throw invalid('the manifest has neither config and layers nor manifests');
  if (document.mediaType !== undefined && mediaType !== undefined && document.mediaType !== mediaType) {
    throw invalid(`the manifest says ${document.mediaType}, its Content-Type ${mediaType}`);
  }
  return document;
}

function isDocument(value: unknown): value is ImageManifest | ImageIndex {
  if (typeof value !== 'object' || value === null) return false;
  const { manifests, config, layers } = value as Record<string, unknown>;
  const isDescriptor = (one: unknown): boolean => typeof (one as Partial<Descriptor> | null)?.digest === 'string';
  if (Array.isArray(manifests)) return manifests.every(isDescriptor);
  return Array.isArray(layers) && layers.every(isDescriptor) && isDescriptor(config);
}
