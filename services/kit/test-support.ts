/** Stand-ins for what lies behind the seams, for tests only. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ObjectStore } from './aws/objects.ts';
import type { Identity } from './config.ts';
import type { Answer } from './http/answer.ts';
import { createApp } from './http/app.ts';
import type { Route } from './http/router.ts';
import { createLog, type Fields, type Log } from './log.ts';
import type { ErrorReporter } from './sentry.ts';

export const identity: Identity = { service: 'test', environment: 'pr-1', release: 'abc123' };

/** A bucket in memory. */
export function memoryObjects(
  objects: Map<string, Uint8Array> = new Map(),
): ObjectStore & { objects: Map<string, Uint8Array> } {
  const keys = (prefix: string): string[] => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const bytesOf = (body: string | Uint8Array): Uint8Array => (typeof body === 'string' ? Buffer.from(body) : body);
  const tagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
  return {
    objects,
    list: async (prefix) => keys(prefix),
    folders: async (prefix) => [
      ...new Set(
        keys(prefix).flatMap((key) => {
          const end = key.indexOf('/', prefix.length);
          return end < 0 ? [] : [key.slice(0, end + 1)];
        }),
      ),
    ],
    read: async (key) => objects.get(key),
    async open(key) {
      const bytes = objects.get(key);
      return bytes && { bytes: bytes.length, body: Readable.from([bytes]) };
    },
    async readTagged(key) {
      const bytes = objects.get(key);
      return bytes && { bytes, tag: tagOf(bytes) };
    },
    async write(key, body) {
      objects.set(key, bytesOf(body));
    },
    async writeIf(condition, { key, body }) {
      const there = objects.get(key);
      const holds = condition === 'absent' ? !there : there !== undefined && tagOf(there) === condition.tag;
      if (holds) objects.set(key, bytesOf(body));
      return holds;
    },
  };
}

/** A bucket in memory with the files of a folder. */
export function objectsOf(folder: string): ReturnType<typeof memoryObjects> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return memoryObjects(new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)])));
}

/** A log that keeps its lines. */
export function memoryLog(): { readonly log: Log; readonly lines: Fields[] } {
  const lines: Fields[] = [];
  return { log: createLog(identity, (line) => lines.push(JSON.parse(line))), lines };
}

export function memoryReporter(): { readonly reporter: ErrorReporter; readonly captured: unknown[] } {
  const captured: unknown[] = [];
  return { reporter: { capture: (error) => void captured.push(error), flush: async () => undefined }, captured };
}

export interface Asked {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly text: string;
  readonly bytes: Buffer;
  /** The body as JSON, without a type: tests compare it. */
  readonly json: () => unknown;
}

/** Asks routes in process; a body that is no string is sent as JSON. */
export function asker(routes: readonly Route[]) {
  const { log, lines } = memoryLog();
  const { reporter, captured } = memoryReporter();
  const app = createApp({ routes, identity, log, reporter });
  const ask = async (
    method: string,
    target: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Asked> => {
    const sent =
      body instanceof Uint8Array
        ? body
        : Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
    const answer = await app({
      method,
      target,
      headers: { 'content-type': 'application/json', ...headers },
      body: sent,
    });
    const bytes = Buffer.from(answer.body as Uint8Array);
    const text = bytes.toString();
    return { status: answer.status, headers: answer.headers, text, bytes, json: () => JSON.parse(text) };
  };
  return { ask, lines, captured };
}
