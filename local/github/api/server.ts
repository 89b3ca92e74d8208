import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { LevelByScope } from '../../workflow/plan/permissions.ts';
import { createDispatcher, type Reply } from './dispatch.ts';
import { Refusal } from './refusal.ts';

/** Who calls, by token. */
export interface Caller {
  readonly login: string;
  readonly permissions: LevelByScope;
  /** Set for the GITHUB_TOKEN of a job. */
  readonly run?: number;
}

export interface ApiRequest {
  /** Path and query parameters, with types and defaults. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export type Handler = (request: ApiRequest) => Answer | Promise<Answer>;
/** Handlers by `operationId`. */
export type Handlers = Readonly<Record<string, Handler>>;

export interface ApiOptions {
  readonly port: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly callerOf: (token: string) => Caller | undefined;
  /** Paths outside of the REST API (OIDC); nothing when the path is none of them. */
  readonly other: (request: { path: string; query: URLSearchParams; token: string }) => Answer | undefined;
  readonly onRequest: (operation: string, status: number) => void;
  readonly onBug: (operation: string, error: unknown) => void;
}

export interface Api {
  readonly url: string;
  /** Handlers need the address, so they come after it. */
  serve(handlers: Handlers): void;
  close(): Promise<void>;
}

const LARGEST_BODY = 10 * 1024 * 1024;

/** Starts GitHub's REST API on 127.0.0.1. */
export async function startApi(options: ApiOptions): Promise<Api> {
  let handlers: Handlers = {};
  const answerOf = createDispatcher(options, () => handlers);
  const server = createServer((request, response) => void handle(request, response));
  await listen(server, options.port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = URL.parse(request.url ?? '/', url);
    if (!target) return send(response, { status: 400, body: { message: 'Malformed URL' }, headers: {} });
    const token = (request.headers.authorization ?? '').replace(/^(token|bearer) /i, '');
    const other = options.other({ path: target.pathname, query: target.searchParams, token });
    if (other) return send(response, { body: undefined, ...other, headers: {} });
    const body = () => readBody(request);
    return send(response, await answerOf({ method: request.method ?? 'GET', target, token, body }));
  }

  return {
    url,
    serve(all) {
      handlers = all;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`Port ${port} of the local GitHub is already in use`) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) throw new Refusal(413, 'Payload too large');
  const raw = await text(request);
  if (raw === '') return undefined;
  try {
    return JSON.parse(raw);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-github-request-id': 'LOCAL',
    'x-ratelimit-remaining': '4999',
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
