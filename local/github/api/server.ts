import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { LevelByScope } from '../../workflow/plan/permissions.ts';
import { GitHubError } from '../types.ts';
import { type Route, readDescription } from './description.ts';
import { paginate } from './pagination.ts';
import { isPermitted } from './permissions.ts';
import { Refusal } from './refusal.ts';
import { createValidation } from './validation.ts';

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
const DOCUMENTATION = 'https://docs.github.com/rest';

/** Starts GitHub's REST API on 127.0.0.1. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const description = readDescription();
  const validation = createValidation(description);
  let handlers: Handlers = {};
  const server = createServer((request, response) => void handle(request, response));
  await listen(server, options.port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = URL.parse(request.url ?? '/', url);
    if (!target) return send(response, 400, { message: 'Malformed URL' });
    const token = (request.headers.authorization ?? '').replace(/^(token|bearer) /i, '');
    const other = options.other({ path: target.pathname, query: target.searchParams, token });
    if (other) return send(response, other.status, other.body);
    const route = description.routes.find(
      ({ method, pattern }) => method === request.method && pattern.test(target.pathname),
    );
    const name = route?.operation.operationId ?? `${request.method} ${target.pathname}`;
    try {
      if (!route) throw new Refusal(501, `${name} is not answered by the local GitHub`);
      const body = await readBody(request);
      const { status, body: answer } = await call(route, { target, token, body });
      const page = paginate(answer, target);
      const fault = validation.responseFault(route.operation, status, page.body);
      if (fault) throw new Error(`The answer to ${name} has not GitHub's shape: ${fault}`);
      options.onRequest(name, status);
      send(response, status, page.body, page.headers);
    } catch (error) {
      const refusal = refusalOf(error, name);
      options.onRequest(name, refusal.status);
      const documentation = route?.operation.externalDocs?.url ?? DOCUMENTATION;
      const details = { ...refusal.details, documentation_url: documentation, status: String(refusal.status) };
      send(response, refusal.status, { message: refusal.message, ...details });
    }
  }

  async function call(route: Route, given: { target: URL; token: string; body: unknown }): Promise<Answer> {
    const { operation, names, pattern } = route;
    const caller = options.callerOf(given.token);
    if (!caller) throw new Refusal(401, 'Bad credentials');
    const [, ...values] = pattern.exec(given.target.pathname) ?? [];
    const path = Object.fromEntries(names.map((name, index) => [name, decode(values[index] ?? '')]));
    const repository = `${path['owner']}/${path['repo']}`;
    if (repository.toLowerCase() !== options.repository.toLowerCase()) throw new Refusal(404, 'Not Found');
    if (!isPermitted(operation.operationId, caller.permissions)) {
      throw new Refusal(403, 'Resource not accessible by integration');
    }
    const query = Object.fromEntries(given.target.searchParams);
    const parameters = validation.parameters(operation, { path, query });
    const handler = handlers[operation.operationId];
    if (!handler) throw new Refusal(501, `${operation.operationId} is not answered by the local GitHub`);
    return handler({ parameters, body: validation.body(operation, given.body), caller });
  }

  function refusalOf(error: unknown, operation: string): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof GitHubError) return new Refusal(error.status, error.message);
    options.onBug(operation, error);
    return new Refusal(500, error instanceof Error ? error.message : String(error));
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

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `Malformed URL: ${part}`);
  }
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

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-github-request-id': 'LOCAL',
    'x-ratelimit-remaining': '4999',
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
