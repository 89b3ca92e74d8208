import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What became of one invocation. */
export type InvocationResult =
  | { readonly kind: 'answered'; readonly payload: Buffer }
  | { readonly kind: 'error'; readonly payload: Buffer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'gone'; readonly reason: string };

export interface Invocation {
  readonly payload: Uint8Array;
  readonly functionArn: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly clientContext?: string;
}

/** The Runtime API of one execution environment: it takes one invocation at a time. */
export interface RuntimeApi {
  /** `host:port` for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** The container ended or never came up: everything that waits is told why. */
  fail(reason: string): void;
  close(): Promise<void>;
}

interface Pending extends Invocation {
  readonly id: string;
  timer: NodeJS.Timeout;
  resolve(result: InvocationResult): void;
}

const PATH = /^\/2018-06-01\/runtime\/(invocation\/next|init\/error|invocation\/([^/]+)\/(response|error))$/;
/** Starting the program is not part of the function's timeout; Lambda gives it 10 s. */
const INIT_LIMIT = 10_000;
const LARGEST_RESPONSE = 6 * 1024 * 1024 + 1024;

/**
 * Serves https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html on a port of its own: `next` waits for an invocation, `response` and `error` end it;
 * what comes late gets 400.
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const state: State = { queue: [], waiting: [], running: undefined, failure: undefined };
  const server = createServer(
    (request, response) => void serve(state, request, response).catch(() => response.destroy()),
  );
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke: (invocation) => enqueue(state, invocation),
    fail(reason) {
      state.failure = reason;
      for (const pending of [state.running, ...state.queue])
        if (pending) finish(state, pending, { kind: 'gone', reason });
      state.queue.length = 0;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface State {
  readonly queue: Pending[];
  /** Open `next` requests. */
  readonly waiting: ServerResponse[];
  running: Pending | undefined;
  failure: string | undefined;
}

function enqueue(state: State, invocation: Invocation): Promise<InvocationResult> {
  const { failure } = state;
  if (failure !== undefined) return Promise.resolve({ kind: 'gone', reason: failure });
  return new Promise((resolve) => {
    const expire = (): void => finish(state, pending, { kind: 'timeout' });
    const timer = setTimeout(expire, INIT_LIMIT + invocation.timeout);
    const pending: Pending = { ...invocation, id: randomUUID(), timer, resolve };
    state.queue.push(pending);
    deliver(state);
  });
}

function finish(state: State, pending: Pending, result: InvocationResult): void {
  clearTimeout(pending.timer);
  if (state.running === pending) state.running = undefined;
  const index = state.queue.indexOf(pending);
  if (index >= 0) state.queue.splice(index, 1);
  pending.resolve(result);
}

function deliver(state: State): void {
  if (state.running || state.queue.length === 0) return;
  const response = state.waiting.shift();
  if (!response) return;
  const next = state.queue.shift();
  if (!next) return;
  state.running = next;
  clearTimeout(next.timer);
  next.timer = setTimeout(() => finish(state, next, { kind: 'timeout' }), next.timeout);
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': next.id,
    'lambda-runtime-deadline-ms': String(Date.now() + next.timeout),
    'lambda-runtime-invoked-function-arn': next.functionArn,
    'lambda-runtime-trace-id': `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${next.id.replaceAll('-', '').slice(0, 24)};Sampled=0`,
    ...(next.clientContext ? { 'lambda-runtime-client-context': next.clientContext } : {}),
  });
  response.end(next.payload);
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const match = PATH.exec((request.url ?? '').split('?')[0] ?? '');
  if (!match)
    return answer(response, 404, { errorType: 'NotFound', errorMessage: `The Runtime API has no ${request.url}` });
  if (match[1] === 'invocation/next') {
    response.once('close', () => {
      const index = state.waiting.indexOf(response);
      if (index >= 0) state.waiting.splice(index, 1);
    });
    state.waiting.push(response);
    deliver(state);
    return;
  }
  const body = await read(request);
  if (match[1] === 'init/error') {
    state.failure = `Init error: ${body.toString('utf8').slice(0, 1000)}`;
    for (const pending of [state.running, ...state.queue])
      if (pending) finish(state, pending, { kind: 'error', payload: body });
    return answer(response, 202, { status: 'OK' });
  }
  const { running } = state;
  if (!running || running.id !== match[2]) {
    return answer(response, 400, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' });
  }
  finish(state, running, { kind: match[3] === 'error' ? 'error' : 'answered', payload: body });
  answer(response, 202, { status: 'OK' });
  deliver(state);
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LARGEST_RESPONSE) throw new Error('The response is larger than 6 MB');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
