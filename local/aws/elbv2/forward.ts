import { type ClientRequest, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { answerError } from './answers.ts';
import { requestHeaders, responseHeaders } from './forwarded-headers.ts';
import type { Target } from './target.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** A target that has not been tried; undefined when none is left. */
  readonly choose: (tried: ReadonlySet<Target>) => Target | undefined;
  /** Milliseconds without a byte after which the exchange ends, with 504 if no answer has begun. */
  readonly idleTimeout: number;
  /** Port that the client connected to. */
  readonly port: number;
}

const IDEMPOTENT: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];
const MAXIMUM_ATTEMPTS = 3;

/**
 * Passes a request to a target and its answer back, both as streams. A target that cannot be reached, or that closed a kept-alive
 * connection just as the request went out, is no reason to fail: where nothing can have happened yet, another connection is tried.
 */
export function forward(exchange: Exchange): void {
  attempt(exchange, new Set(), 1);
}

function attempt(exchange: Exchange, tried: Set<Target>, count: number): void {
  const { request, response } = exchange;
  const target = exchange.choose(tried);
  if (!target) {
    answerError(response, tried.size > 0 ? 502 : 503);
    return;
  }
  const release = target.hold();
  const upstream = open(exchange, target);
  const state = { sentBody: false, answered: false, timedOut: false };

  const clientGone = () => {
    if (!response.writableFinished) upstream.destroy();
  };
  response.once('close', clientGone);
  upstream.setTimeout(exchange.idleTimeout, () => {
    state.timedOut = true;
    upstream.destroy();
  });
  upstream.once('response', (incoming) => {
    state.answered = true;
    passBack(incoming, response, release);
  });
  upstream.on('error', () => {
    release();
    response.off('close', clientGone);
    if (state.answered || response.destroyed) return void response.destroy();
    if (state.timedOut) return answerError(response, 504);
    if (count >= MAXIMUM_ATTEMPTS || !repeatable(request, upstream, state.sentBody)) return answerError(response, 502);
    if (!upstream.reusedSocket) tried.add(target);
    attempt(exchange, tried, count + 1);
  });
  upstream.once('close', release);
  whenConnected(upstream, () => {
    if (!hasBody(request)) return void upstream.end();
    state.sentBody = true;
    request.pipe(upstream);
  });
}

function open({ request, port }: Exchange, target: Target): ClientRequest {
  return openRequest({
    agent: target.agent,
    host: target.id,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, { port }),
    setHost: false,
  });
}

/** Keeps the body untouched until there is a connection, so that a refused one costs nothing. */
function whenConnected(upstream: ClientRequest, ready: () => void): void {
  upstream.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', ready);
    else ready();
  });
}

function passBack(incoming: IncomingMessage, response: ServerResponse, release: () => void): void {
  response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, responseHeaders(incoming));
  incoming.once('end', release);
  incoming.once('error', () => response.destroy());
  incoming.pipe(response);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Whether sending the request again is safe: its body is still here, and the target cannot have acted or may act twice. */
function repeatable(request: IncomingMessage, upstream: ClientRequest, sentBody: boolean): boolean {
  if (sentBody) return false;
  const connected = upstream.socket !== null && !upstream.socket.connecting && upstream.socket.bytesWritten > 0;
  return !connected || (upstream.reusedSocket && IDEMPOTENT.includes(request.method));
}
