import type http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DigestError, PROTOCOL, RegistryError } from './errors.ts';

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
}

/** Sends one request and resolves with the head of its answer. Throws `RegistryError` with status 0 when the connection breaks. */
export type Transport = (exchange: Exchange) => Promise<http.IncomingMessage>;

/** A connection on which nothing moves for so long is dead. */
const IDLE_MILLISECONDS = 60_000;
const MOST_CONNECTIONS = 16;

interface Door {
  readonly request: typeof http.request;
  readonly agent: http.Agent;
}

const doors = new Map<string, Door>();

/** Loaded when it is needed, and not by `import`, which reads every export of `node:http`: one of them loads all of fetch (30 ms). */
function doorFor(protocol: string): Door {
  const known = doors.get(protocol);
  if (known !== undefined) return known;
  const { request, Agent } = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http');
  const door = { request, agent: new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS }) };
  doors.set(protocol, door);
  return door;
}

/** `idle`: milliseconds without a byte after which a connection is given up. */
export const createTransport =
  (idle: number): Transport =>
  ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const { request: open, agent } = doorFor(url.protocol);
      const request = open(url, { method, headers, agent, timeout: idle });
      const fail = (cause: unknown): void => {
        // What is sent may itself come from a registry and be refused there.
        const told = cause instanceof DigestError || cause instanceof RegistryError;
        const reason = cause instanceof Error ? cause.message : String(cause);
        reject(told ? cause : new RegistryError(`${method} ${url.host}${url.pathname}: ${reason}`, { cause }));
      };
      request.on('error', fail);
      request.on('timeout', () => request.destroy(new Error(`nothing arrived for ${idle / 1000} s`)));
      request.on('response', resolve);
      // A failure to send after the answer has come (413, 401) is told by the answer.
      if (body instanceof Readable) pipeline(body, request).catch(fail);
      else request.end(body);
    });

export const send: Transport = createTransport(IDLE_MILLISECONDS);

/** Plain HTTP is spoken with this machine only. */
export function baseUrl(host: string): URL {
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
  // Docker Hub answers on another name than the one in its references.
  return new URL(`${loopback ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`);
}

/** The whole body, if it is at most `limit` bytes. Events, because an iterator costs more than the few bytes of most answers. */
export function readAll(response: http.IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const broken = (cause?: unknown): void =>
      reject(new RegistryError('the connection broke in the middle of an answer', { cause }));
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) {
        reject(new RangeError(`the answer is larger than ${limit} bytes`));
        response.destroy();
      } else chunks.push(chunk);
    });
    response.on('end', () => resolve(Buffer.concat(chunks)));
    response.on('error', broken);
    // After the end this changes nothing any more.
    response.on('close', broken);
  });
}

/** Throws `RegistryError` that names `source` when the bytes are no JSON object. */
export function parseJson(bytes: Buffer, source: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, like every other answer that is no object.
  }
  throw new RegistryError(`${source} is not JSON as it should be`, { code: PROTOCOL });
}
