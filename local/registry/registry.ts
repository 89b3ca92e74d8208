import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { serveBlob, serveUpload, startUpload } from './blob-routes.ts';
import { DistributionError } from './errors.ts';
import { answerError, answerJson, type Exchange, unsupported } from './exchange.ts';
import type { Immutability } from './images.ts';
import { serveManifest, serveReferrers, serveTags } from './manifest-routes.ts';
import { parseRoute, type Route } from './routes.ts';
import { RegistryStorage } from './storage.ts';

export { DistributionError } from './errors.ts';
export type { StoredManifest } from './images.ts';
export { RegistryStorage, type StoredImage } from './storage.ts';

export interface RegistryOptions {
  /** Where everything is kept; created when missing. */
  readonly folder: string;
  /** 0: any free one. */
  readonly port: number;
  /** Asked for each request when given; without it everybody may do everything. */
  readonly authenticate?: (username: string, password: string) => boolean;
  /** Repositories in which a tag, once set, cannot point elsewhere. */
  readonly isImmutable?: Immutability;
  /** Whether the repository may be pushed to; without it any name may. */
  readonly acceptsPush?: (repository: string) => boolean;
  /** Told what should not happen. */
  readonly log?: (message: string) => void;
}

export interface Registry {
  readonly port: number;
  readonly storage: RegistryStorage;
  /** Bytes that clients have sent since the start. */
  received(): number;
  close(): Promise<void>;
}

/**
 * Starts an OCI registry on 127.0.0.1: pull, push, tags, deletion and referrers of the distribution specification 1.1. What was pushed
 * survives a restart. Rejects when the port is taken.
 */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const storage = new RegistryStorage(options);
  storage.collectGarbage();
  const server = createServer((request, response) => {
    void handle({ request, response, storage, query: new URLSearchParams() }, options);
  });
  const received = countReceived(server);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    storage,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function countReceived(server: Server): () => number {
  const open = new Set<Socket>();
  let before = 0;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => {
      before += socket.bytesRead;
      open.delete(socket);
    });
  });
  return () => [...open].reduce((sum, { bytesRead }) => sum + bytesRead, before);
}

async function handle(exchange: Exchange, options: RegistryOptions): Promise<void> {
  const { request, response } = exchange;
  try {
    const url = new URL(request.url ?? '/', 'http://registry');
    authenticate(request, options);
    await serve({ ...exchange, query: url.searchParams }, findRoute(url.pathname), options);
  } catch (error) {
    if (error instanceof DistributionError && !response.headersSent) return answerError(exchange, error);
    // A client that has seen enough hangs up; nobody is left to answer.
    if (!isHangUp(error)) options.log?.(`${request.method} ${request.url}: ${String(error)}`);
    fail(exchange);
  }
}

function fail(exchange: Exchange): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) response.destroy();
  else answerError(exchange, new DistributionError(500, 'UNKNOWN', 'the registry could not do that; see its log'));
}

const isHangUp = (error: unknown): boolean =>
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String((error as NodeJS.ErrnoException).code));

function findRoute(path: string): Route {
  const route = parseRoute(path);
  if (route !== undefined) return route;
  throw new DistributionError(404, 'NAME_INVALID', `${path} names no repository, manifest or blob`);
}

function authenticate(request: IncomingMessage, options: RegistryOptions): void {
  if (options.authenticate === undefined) return;
  const encoded = /^basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [, username = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (encoded !== '' && options.authenticate(username, password)) return;
  const headers = { 'www-authenticate': 'Basic realm="registry"' };
  throw new DistributionError(401, 'UNAUTHORIZED', 'user name or password is missing or wrong', headers);
}

async function serve(exchange: Exchange, route: Route, options: RegistryOptions): Promise<void> {
  const { request, storage } = exchange;
  if ('repository' in route && request.method !== 'GET' && request.method !== 'HEAD')
    requirePush(route.repository, options);
  switch (route.kind) {
    case 'version':
      return answerJson(exchange, {});
    case 'catalog':
      if (request.method !== 'GET') throw unsupported(exchange);
      return answerJson(exchange, { repositories: storage.repositories() });
    case 'blob':
      return serveBlob(exchange, route.repository, route.digest);
    case 'start-upload':
      return startUpload(exchange, route.repository);
    case 'upload':
      return serveUpload(exchange, route.repository, route.id);
    case 'manifest':
      return serveManifest(exchange, route.repository, route.target);
    case 'tags':
      return serveTags(exchange, route.repository);
    case 'referrers':
      return serveReferrers(exchange, route.repository, route.digest);
  }
}

function requirePush(repository: string, { acceptsPush }: RegistryOptions): void {
  if (acceptsPush === undefined || acceptsPush(repository)) return;
  throw new DistributionError(404, 'NAME_UNKNOWN', `there is no repository ${repository}; create it first`);
}
