/** A bucket in memory with uploads in parts, for tests only. */
import { createHash } from 'node:crypto';
import type { Files } from '../aws/files.ts';

interface Stored {
  readonly body: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

const tagOf = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

export interface MemoryFiles extends Files {
  readonly objects: Map<string, Stored>;
  put(key: string, body: string | Uint8Array): void;
  text(key: string): string;
}

/** @param before called before each operation; what it throws is what the operation throws */
export function memoryFiles(before: (operation: string, key: string) => void = () => undefined): MemoryFiles {
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, Map<number, Uint8Array>>();
  const put = (key: string, body: string | Uint8Array, metadata = {}): void =>
    void objects.set(key, { body: typeof body === 'string' ? Buffer.from(body) : Buffer.from(body), metadata });
  const files: Files = {
    async describe(key) {
      const found = objects.get(key);
      return found && { bytes: found.body.length, tag: tagOf(found.body), metadata: found.metadata };
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    async readRange(key, { start, tag }, target) {
      const body = objects.get(key)?.body;
      if (!body || tagOf(body) !== tag) return false;
      target.set(body.subarray(start, start + target.length));
      return true;
    },
    async readTagged(key) {
      const body = objects.get(key)?.body;
      return body && { bytes: body, tag: tagOf(body) };
    },
    async create(key, body, { metadata }) {
      if (objects.has(key)) return false;
      put(key, body, metadata);
      return true;
    },
    async replace(key, body, tag) {
      const there = objects.get(key)?.body;
      if ((there && tagOf(there)) !== tag) return undefined;
      put(key, body);
      return tagOf(body);
    },
    async beginUpload(key) {
      const id = `upload ${uploads.size}`;
      uploads.set(id, new Map());
      return { key, id };
    },
    async uploadPart({ id }, part, body) {
      uploads.get(id)?.set(part, Buffer.from(body));
      return uploads.has(id) ? tagOf(body) : undefined;
    },
    async completeUpload({ key, id }, tags) {
      const parts = uploads.get(id);
      if (!parts || objects.has(key)) return false;
      const bodies = tags.map((tag, index) => {
        const body = parts.get(index + 1);
        if (!body || tagOf(body) !== tag) throw new Error(`InvalidPart ${index + 1}`);
        return body;
      });
      put(key, Buffer.concat(bodies));
      uploads.delete(id);
      return true;
    },
    async abortUpload({ id }) {
      uploads.delete(id);
    },
    async remove(key) {
      objects.delete(key);
    },
  };
  const guarded = Object.fromEntries(
    Object.entries(files).map(([name, work]: [string, (...given: never[]) => unknown]) => [
      name,
      async (...given: [string | { key: string }]) => {
        const [first] = given;
        before(name, typeof first === 'string' ? first : first.key);
        return work(...(given as unknown as never[]));
      },
    ]),
  ) as unknown as Files;
  return { ...guarded, objects, put, text: (key) => Buffer.from(objects.get(key)?.body ?? []).toString() };
}
