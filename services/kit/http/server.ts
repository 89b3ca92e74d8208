/** Serves an application over HTTP/1.1, and stops without dropping a request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, refuse } from './answer.ts';
import type { App } from './app.ts';
import type { HttpRequest } from './request.ts';

export interface ServerOptions {
  readonly app: App;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly maximumBodyBytes: number;
}

export interface WebServer {
  readonly port: number;
  /** From now on every answer closes its connection, so that clients move elsewhere by themselves. */
  startDraining(): void;
  /** Accepts nothing more and waits for the requests in flight; after `milliseconds` they are cut off. */
  stop(milliseconds: number): Promise<void>;
}

/** Longer than the 60 s after which an Application Load Balancer gives an idle connection up, or it meets closed ones. */
const KEEP_ALIVE_MILLISECONDS = 65_000;
const HEADERS_MILLISECONDS = 10_000;
const REQUEST_MILLISECONDS = 30_000;

/** @throws when the port cannot be had */
export async function startServer({ app, host, port, maximumBodyBytes }: ServerOptions): Promise<WebServer> {
  let draining = false;
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      headersTimeout: HEADERS_MILLISECONDS,
      requestTimeout: REQUEST_MILLISECONDS,
    },
    async (incoming, response) => {
      const body = await readBody(incoming, maximumBodyBytes);
      if (body === 'aborted') return;
      const answer =
        body === 'too-large'
          ? refuse(413, `the body is larger than ${maximumBodyBytes} bytes`)
          : await app(toRequest(incoming, body));
      if (draining) response.setHeader('connection', 'close');
      send(response, incoming.method, answer);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    startDraining() {
      draining = true;
    },
    async stop(milliseconds) {
      draining = true;
      const cutOff = setTimeout(() => server.closeAllConnections(), milliseconds);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(cutOff);
    },
  };
}

function toRequest({ method = 'GET', url = '/', headers }: IncomingMessage, body: Uint8Array): HttpRequest {
  const single = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return { method, target: url, headers: Object.fromEntries(single), body };
}

/**
 * A body that is too large is read to its end and thrown away: to answer while the client still sends would reset the
 * connection, and a load balancer turns that into a 502 instead of the 413. `requestTimeout` bounds how long it lasts.
 */
async function readBody(incoming: IncomingMessage, maximum: number): Promise<Buffer | 'too-large' | 'aborted'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= maximum) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch {
    return 'aborted';
  }
  return size > maximum ? 'too-large' : Buffer.concat(chunks);
}

function send(response: ServerResponse, method: string | undefined, { status, headers, body }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}
