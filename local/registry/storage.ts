import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isIndex } from '../../pipeline/image/registry/oci.ts';
import { exists, hex, list, RegistryFiles, remove, sizeOfFile } from './files.ts';
import { Images, type Immutability, type StoredManifest } from './images.ts';
import { Uploads } from './uploads.ts';

export interface StoredImage extends StoredManifest {
  readonly tags: readonly string[];
  /** Compressed bytes of the manifest and what it names; of an index with all its images. */
  readonly size: number;
}

export interface StorageOptions {
  readonly folder: string;
  readonly isImmutable?: Immutability;
}

const HOUR = 3_600_000;

/** What a registry holds, for the registry's own server and for whoever plays ECR in the same process. */
export class RegistryStorage {
  readonly files: RegistryFiles;
  readonly images: Images;
  readonly uploads: Uploads;

  constructor({ folder, isImmutable = () => false }: StorageOptions) {
    this.files = new RegistryFiles(folder);
    this.images = new Images(this.files, isImmutable);
    this.uploads = new Uploads(this.files);
  }

  repositories(): string[] {
    return this.files.repositories();
  }

  hasBlob(repository: string, digest: string): boolean {
    return exists(this.files.record(repository, 'blobs', hex(digest))) && exists(this.files.blob(digest));
  }

  /** Makes a blob of one repository one of another, too. False when there is none to share. */
  mountBlob(repository: string, digest: string, from: string): boolean {
    if (!this.hasBlob(from, digest)) return false;
    this.files.write(this.files.record(repository, 'blobs', hex(digest)), '');
    return true;
  }

  deleteBlob(repository: string, digest: string): boolean {
    if (!this.hasBlob(repository, digest)) return false;
    remove(this.files.record(repository, 'blobs', hex(digest)));
    return true;
  }

  /** By tag or digest. */
  describe(repository: string, target: string): StoredImage | undefined {
    const found = this.images.find(repository, target);
    return found && this.#describe(repository, found, this.images.tagged(repository));
  }

  /** All images of a repository, oldest first. */
  describeAll(repository: string): StoredImage[] {
    const tagged = this.images.tagged(repository);
    return this.images.all(repository).map((manifest) => this.#describe(repository, manifest, tagged));
  }

  deleteRepository(repository: string): void {
    for (const kind of ['tags', 'manifests', 'blobs'] as const)
      remove(join(this.files.repository(repository), `_${kind}`));
  }

  /**
   * Removes what nothing refers to any more and what is left of uploads that nobody went on with. Only touches what is older than
   * `age` milliseconds: younger blobs may belong to an image that is being pushed. Returns the number of bytes that became free.
   */
  collectGarbage(age: number = 24 * HOUR): number {
    const needed = this.#referenced();
    for (const repository of this.repositories()) {
      for (const key of this.files.keys(repository, 'blobs')) {
        const record = this.files.record(repository, 'blobs', key);
        if (!needed.has(key) && isOlder(record, age)) remove(record);
        else needed.add(key);
      }
    }
    const { blobs, uploads, temporary } = this.files.folders();
    const unneeded = list(blobs)
      .filter((key) => !needed.has(key))
      .map((key) => join(blobs, key));
    const left = [uploads, temporary].flatMap((folder) => list(folder).map((name) => join(folder, name)));
    const garbage = [...unneeded, ...left].filter((file) => isOlder(file, age));
    const bytes = garbage.reduce((sum, file) => sum + sizeOfFile(file), 0);
    for (const file of garbage) remove(file);
    return bytes;
  }

  /** Keys of all manifests and of the blobs that they name. */
  #referenced(): Set<string> {
    const manifests = this.repositories().flatMap((repository) => this.images.all(repository));
    return new Set(
      manifests.flatMap(({ digest, document }) => {
        const blobs = isIndex(document) ? [] : [document.config, ...document.layers];
        return [digest, ...blobs.map((blob) => blob.digest)].map(hex);
      }),
    );
  }

  #describe(repository: string, manifest: StoredManifest, tagged: ReadonlyMap<string, string>): StoredImage {
    const tags = [...tagged].filter(([, digest]) => digest === manifest.digest).map(([tag]) => tag);
    return { ...manifest, tags, size: this.#sizeOf(repository, manifest) };
  }

  #sizeOf(repository: string, { document, bytes }: StoredManifest): number {
    if (!isIndex(document))
      return [document.config, ...document.layers].reduce((sum, { size }) => sum + size, bytes.length);
    const children = document.manifests.flatMap(({ digest }) => this.images.find(repository, digest) ?? []);
    return children.reduce((sum, child) => sum + this.#sizeOf(repository, child), bytes.length);
  }
}

const isOlder = (file: string, age: number): boolean => statSync(file).mtimeMs <= Date.now() - age;
