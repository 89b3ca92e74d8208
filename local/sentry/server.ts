import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Store } from '../state/store.ts';
import { parseEnvelope } from './envelope.ts';
import { type SentryFile, type SentryRecords, sentryRecords } from './records.ts';

/** The running Sentry stand-in and a view of what it received. */
export interface SentryServer extends SentryRecords {
  readonly port: number;
  close(): Promise<void>;
}

const MAXIMUM_BODY_BYTES = 20 * 1024 * 1024;

type Route = {
  readonly method: string;
  readonly pattern: RegExp;
  handle(match: RegExpMatchArray, body: Buffer, type: string): unknown;
};

/**
 * Receives what the services' SDK and the pipeline send to Sentry: envelopes, releases, their files and deploys
 * (https://develop.sentry.dev/sdk/data-model/envelopes/, https://docs.sentry.io/api/releases/). Everything else is refused by name.
 */
export async function startSentry(options: { store: Store; port: number; now(): number }): Promise<SentryServer> {
  const records = sentryRecords(options.store, options.now);
  const routes: readonly Route[] = [
    {
      method: 'POST',
      pattern: /^\/api\/(\d+)\/envelope\/$/,
      handle: (match, body) => records.receive(String(match[1]), parseEnvelope(body)),
    },
    {
      method: 'POST',
      pattern: /^\/api\/0\/organizations\/([^/]+)\/releases\/$/,
      handle: (_match, body) => records.createRelease(parseJson(body)),
    },
    {
      method: 'GET',
      pattern: /^\/api\/0\/organizations\/([^/]+)\/releases\/$/,
      handle: () => records.releases(),
    },
    {
      method: 'POST',
      pattern: /^\/api\/0\/organizations\/([^/]+)\/releases\/([^/]+)\/deploys\/$/,
      handle: (match, body) => records.createDeploy(decodeURIComponent(String(match[2])), parseJson(body)),
    },
    {
      method: 'POST',
      pattern: /^\/api\/0\/organizations\/([^/]+)\/releases\/([^/]+)\/files\/$/,
      handle: async (match, body, type) =>
        records.addFile(await readFile(decodeURIComponent(String(match[2])), body, type)),
    },
    {
      method: 'GET',
      pattern: /^\/api\/0\/organizations\/([^/]+)\/releases\/([^/]+)\/files\/$/,
      handle: (match) => records.files().filter(({ release }) => release === decodeURIComponent(String(match[2]))),
    },
    {
      method: 'GET',
      pattern: /^\/api\/0\/organizations\/([^/]+)\/releases\/([^/]+)\/deploys\/$/,
      handle: (match) => records.deploys().filter((deploy) => deploy.release === decodeURIComponent(String(match[2]))),
    },
  ];
  const server = createServer((request, response) => void answer(routes, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return { ...records, port: portOf(server), close: () => closeServer(server) };
}

async function answer(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://sentry').pathname;
  const candidates = routes.flatMap((route) => {
    const match = path.match(route.pattern);
    return match ? [{ route, match }] : [];
  });
  const found = candidates.find(({ route }) => route.method === request.method);
  if (!found) {
    request.resume();
    send(response, candidates.length > 0 ? 405 : 501, {
      detail: `The local Sentry does not support ${request.method} ${path}`,
    });
    return;
  }
  try {
    const type = request.headers['content-type'] ?? '';
    const answer = await found.route.handle(found.match, await readBody(request), type);
    send(response, found.route.method === 'POST' ? 201 : 200, answer);
  } catch (error) {
    send(response, 400, { detail: error instanceof Error ? error.message : String(error) });
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAXIMUM_BODY_BYTES) throw new Error(`The body is larger than ${MAXIMUM_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/** A multipart form with `name`, `dist` and `file`. */
async function readFile(release: string, body: Buffer, type: string): Promise<SentryFile> {
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  const file = form.get('file');
  const [name, dist] = [form.get('name'), form.get('dist')].map((text) => (typeof text === 'string' ? text : ''));
  if (!(file instanceof Blob) || !name) throw new Error('The form needs a file and its name');
  return { release, name, dist: dist ?? '', bytes: file.size };
}

function parseJson(body: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('The body has to be a JSON object');
  return value as Record<string, unknown>;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Sentry stand-in has no port');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
