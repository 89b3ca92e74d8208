import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { answer } from './answers.ts';
import { type Balancer, hostOf } from './balancer.ts';
import type { Entrance } from './routing.ts';

export interface FrontDoorOptions {
  readonly balancer: Balancer;
  /** 0 takes a free port. */
  readonly port: number;
  /** What DNS would say: the name behind a host name (a load balancer's DNS name), where records of the local cloud name one. */
  readonly resolve?: (host: string) => string | undefined;
}

export interface FrontDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** An ALB keeps idle connections for 60 s; a little more avoids closing just as a client sends. */
const KEEP_ALIVE = 65_000;
/** How long requests may take to end once the door closes. */
const CLOSING = 1000;

/**
 * One port on 127.0.0.1 that stands for DNS and the listeners of all load balancers. The Host header says which load balancer is meant: its DNS name
 * or a host that one of its rules names; the rules of its HTTPS listener then apply (HTTP where it has none). TLS is not emulated: requests arrive, and
 * are passed on, as `http`.
 */
export async function createFrontDoor({ balancer, port, resolve }: FrontDoorOptions): Promise<FrontDoor> {
  const find = (request: IncomingMessage): Entrance | undefined => {
    const host = hostOf(request);
    const alias = resolve?.(host);
    return balancer.find(host) ?? (alias === undefined ? undefined : balancer.find(alias));
  };
  const server = createServer((request, response) => {
    const entrance = find(request);
    if (entrance) balancer.handle(entrance, request, response);
    else answer(response, 404, { 'content-type': 'text/plain; charset=utf-8' }, unknownHost(request, balancer));
  });
  server.keepAliveTimeout = KEEP_ALIVE;
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    const entrance = find(request);
    if (!entrance) return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    balancer.upgrade(entrance, request, socket, head);
  });
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, close: () => close(server, sockets) };
}

function unknownHost(request: IncomingMessage, balancer: Balancer): string {
  const hosts = balancer.hosts().toSorted();
  const known =
    hosts.length > 0
      ? `Known hosts:\n${hosts.map((host) => `  ${host}\n`).join('')}`
      : 'There is no load balancer yet.\n';
  return `No load balancer answers for the host '${hostOf(request)}'.\n${known}`;
}

async function close(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  for (const socket of sockets) socket.destroy();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING);
  await closed;
  clearTimeout(timer);
}
