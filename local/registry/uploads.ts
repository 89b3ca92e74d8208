import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { DistributionError } from './errors.ts';
import { exists, type RegistryFiles, read, remove, sizeOfFile } from './files.ts';

/** Unfinished uploads. They are files, so an upload goes on where it stopped even after a restart. */
export class Uploads {
  readonly #files: RegistryFiles;
  /** Requests for one upload run one after another: a client that resumes may be faster than the end of its broken request. */
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(files: RegistryFiles) {
    this.#files = files;
  }

  start(repository: string): string {
    const id = randomUUID();
    this.#files.write(this.#files.upload(id), '');
    this.#files.write(`${this.#files.upload(id)}.repository`, repository);
    return id;
  }

  /** Bytes that have arrived. */
  size(repository: string, id: string): Promise<number> {
    return this.#alone(id, () => sizeOfFile(this.#find(repository, id)));
  }

  /** Appends the body; `start` is where the client believes that it goes on. Returns the new size. */
  append(
    address: { repository: string; id: string; start?: number },
    body: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    return this.#alone(address.id, async () => {
      const file = this.#find(address.repository, address.id);
      const size = sizeOfFile(file);
      if (address.start !== undefined && address.start !== size) {
        throw new DistributionError(416, 'BLOB_UPLOAD_INVALID', `the upload goes on at byte ${size}`);
      }
      const handle = await open(file, 'a');
      try {
        for await (const chunk of body) await handle.write(chunk);
      } finally {
        await handle.close();
      }
      return sizeOfFile(file);
    });
  }

  /** Makes the upload a blob if its bytes are what `digest` says; otherwise it is thrown away. */
  finish(repository: string, id: string, digest: string): Promise<void> {
    return this.#alone(id, async () => {
      const file = this.#find(repository, id);
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
      const actual = `sha256:${hash.digest('hex')}`;
      if (actual !== digest) {
        this.#forget(id);
        throw new DistributionError(400, 'DIGEST_INVALID', `the content is ${actual}`);
      }
      renameSync(file, this.#files.blob(digest));
      this.#files.write(this.#files.record(repository, 'blobs', digest.slice(7)), '');
      this.#forget(id);
    });
  }

  cancel(repository: string, id: string): Promise<void> {
    return this.#alone(id, () => {
      this.#find(repository, id);
      this.#forget(id);
    });
  }

  #find(repository: string, id: string): string {
    const file = this.#files.upload(id);
    const owner = read(`${file}.repository`)?.toString();
    if (owner === repository && exists(file)) return file;
    throw new DistributionError(404, 'BLOB_UPLOAD_UNKNOWN', `${repository} has no upload ${id}; start a new one`);
  }

  #forget(id: string): void {
    remove(this.#files.upload(id));
    remove(`${this.#files.upload(id)}.repository`);
  }

  async #alone<Value>(id: string, work: () => Value | Promise<Value>): Promise<Value> {
    const before = this.#running.get(id);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return work();
    })();
    this.#running.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#running.get(id) === mine) this.#running.delete(id);
    }
  }
}
