import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What an engine answered other than success. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface EngineRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Gives up after so many milliseconds; without it, when the engine ends the connection. */
  readonly timeout?: number;
}

/** The Docker Engine API (https://docs.docker.com/reference/api/engine/) over a unix socket; Podman speaks it too. */
export interface EngineClient {
  /** The answer's text. Throws `EngineError` for any status from 300 on except 304 (already so). */
  call(request: EngineRequest): Promise<string>;
  /** Like `call`, read as JSON. */
  json<Value>(request: EngineRequest): Promise<Value>;
  /** Connects to a container's output: the stream as the engine sends it, in frames. */
  attach(request: EngineRequest): Promise<Readable>;
}

/** Every call opens a connection of its own: on a unix socket that costs nothing, and no stale connection can fail a call. */
export function createEngineClient(socketPath: string): EngineClient {
  const call = async (request: EngineRequest): Promise<string> => succeeded(await receive(open(socketPath, request)));
  return {
    call,
    json: async <Value>(request: EngineRequest) => JSON.parse(await call(request)) as Value,
    attach: (request) => attach(open(socketPath, { ...request, headers: UPGRADE })),
  };
}

const UPGRADE = { connection: 'Upgrade', upgrade: 'tcp' };

function open(socketPath: string, request: EngineRequest): ReturnType<typeof httpRequest> {
  const { method = 'GET', path, query = {}, headers = {}, body, timeout } = request;
  const search = new URLSearchParams(query).toString();
  const outgoing = httpRequest({
    socketPath,
    agent: false,
    method,
    path: search ? `${path}?${search}` : path,
    headers: { host: 'engine', ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }),
  });
  outgoing.end(body ? JSON.stringify(body) : undefined);
  return outgoing;
}

function receive(outgoing: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
}

async function succeeded(answer: IncomingMessage): Promise<string> {
  const body = await text(answer);
  const status = answer.statusCode ?? 0;
  if (status < 300 || status === 304) return body;
  throw new EngineError(status, messageOf(body) || `the engine answered ${status}`);
}

function messageOf(body: string): string {
  try {
    const { message, cause } = JSON.parse(body) as { message?: string; cause?: string };
    return message ?? cause ?? body.trim();
  } catch {
    return body.trim();
  }
}

/** Engines answer 101 and hand the connection over; some send the stream as the body of a 200. */
function attach(outgoing: ReturnType<typeof httpRequest>): Promise<Readable> {
  return new Promise((resolve, reject) => {
    outgoing.once('upgrade', (_answer: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.once('response', (answer: IncomingMessage) => {
      if (answer.statusCode === 200) resolve(answer);
      else succeeded(answer).then(() => reject(new EngineError(answer.statusCode ?? 0, 'no stream')), reject);
    });
    outgoing.on('error', reject);
  });
}
