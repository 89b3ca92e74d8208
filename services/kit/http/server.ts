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
    (incoming, response) => {
      readBody(incoming, maximumBodyBytes, async (body) => {
        const answer =
          body === 'too-large'
            ? refuse(413, `the body is larger than ${maximumBodyBytes} bytes`)
            : await app(toRequest(incoming, body));
        if (draining) response.setHeader('connection', 'close');
        send(response, incoming.method, answer);
      });
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

/** Node joins headers that come twice; of those that it keeps apart, `set-cookie`, a request has none. */
function toRequest({ method = 'GET', url = '/', headers }: IncomingMessage, body: Uint8Array): HttpRequest {
  return { method, target: url, headers: headers as HttpRequest['headers'], body };
}

/**
 * A body that is too large is read to its end and thrown away: to answer while the client still sends would reset the
 * connection, and a load balancer turns that into a 502 instead of the 413. `requestTimeout` bounds how long it lasts. Who hangs up
 * gets no answer.
 */
function readBody(
  incoming: IncomingMessage,
  maximum: number,
  done: (body: Buffer | 'too-large') => Promise<void>,
): void {
  let first: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maximum) first = chunks = undefined;
    else if (first === undefined) first = chunk;
    else if (chunks === undefined) chunks = [first, chunk];
    else chunks.push(chunk);
  });
  incoming.on('end', () => {
    if (size > maximum) void done('too-large');
    else void done(chunks ? Buffer.concat(chunks, size) : (first ?? EMPTY));
  });
  incoming.on('error', () => undefined);
}

const EMPTY = Buffer.alloc(0);

function send(response: ServerResponse, method: string | undefined, { status, headers, body }: Answer): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, { ...headers, 'content-length': length });
  if (method === 'HEAD') response.end();
  // Where each character is one byte, head and body leave together without being encoded.
  else if (typeof body === 'string') response.end(body, length === body.length ? 'latin1' : 'utf8');
  else response.end(body);
}
