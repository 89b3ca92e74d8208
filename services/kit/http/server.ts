/** Serves an application over HTTP/1.1, and stops without dropping a request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, refuse } from './answer.ts';
import type { App } from './app.ts';
import { createBodyReader, type ReadBody } from './read-body.ts';
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

/** Bytes leave by a call of their own, behind the head; that costs more than making a text of a few, a character for each. */
const LARGEST_AS_TEXT = 8 * 1024;

/** Bodies in memory at the same time; parsed, they take several times as much. */
const HELD_BYTES = 64 * 1024 * 1024;

/** @throws when the port cannot be had */
export async function startServer({ app, host, port, maximumBodyBytes }: ServerOptions): Promise<WebServer> {
  let draining = false;
  const readBody = createBodyReader({
    maximumBytes: maximumBodyBytes,
    maximumHeldBytes: Math.max(HELD_BYTES, 2 * maximumBodyBytes),
  });
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      headersTimeout: HEADERS_MILLISECONDS,
      requestTimeout: REQUEST_MILLISECONDS,
    },
    (incoming, response) => {
      readBody(incoming, response, async (body) => {
        const answer =
          typeof body === 'string' ? refuseBody(body, maximumBodyBytes) : await app(toRequest(incoming, body));
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

function refuseBody(why: Exclude<ReadBody, Buffer>, maximum: number): Answer {
  if (why === 'too-large') return refuse(413, `the body is larger than ${maximum} bytes`);
  return refuse(503, 'too many large requests at the same time; try again', { 'retry-after': '1' });
}

/** Node joins headers that come twice; of those that it keeps apart, `set-cookie`, a request has none. */
function toRequest({ method = 'GET', url = '/', headers }: IncomingMessage, body: Uint8Array): HttpRequest {
  return { method, target: url, headers: headers as HttpRequest['headers'], body };
}

const toBuffer = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength);

function send(response: ServerResponse, method: string | undefined, { status, headers, body }: Answer): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, { ...headers, 'content-length': length });
  if (method === 'HEAD') response.end();
  // Where each character is one byte, head and body leave together without being encoded.
  else if (typeof body === 'string') response.end(body, length === body.length ? 'latin1' : 'utf8');
  else if (length <= LARGEST_AS_TEXT) response.end(toBuffer(body).toString('latin1'), 'latin1');
  else response.end(body);
}
