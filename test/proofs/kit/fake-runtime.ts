import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Container, ContainerSpec, Exit, Runtime } from '../../../local/runtime/runtime.ts';

/** What a fake container answers to `POST|GET path`. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface FakeContainer {
  /** `sha256:...` of its image. */
  readonly digest: string;
  readonly environment: Readonly<Record<string, string>>;
}

export type Program = (path: string, container: FakeContainer) => FakeAnswer | Promise<FakeAnswer>;

/**
 * Containers as HTTP servers of this very process: they listen where ECS says, or answer invocations of the Lambda Runtime API, and start in a
 * millisecond. What is proven with them is how a release moves, not how a container runs.
 */
export function createFakeRuntime(program: Program): Runtime {
  return {
    mode: 'direct',
    limitations: 'containers are fake',
    prepare: async () => undefined,
    start: async (spec) => {
      const container = { digest: spec.image.split('@')[1] ?? '', environment: spec.environment };
      if (spec.environment['AWS_LAMBDA_RUNTIME_API'] !== undefined) return startFunction(spec, container, program);
      return startServer(spec, container, program);
    },
    reap: async () => 0,
  };
}

/** A container that ends when it is told to; `finish` runs first and may take up to the timeout. */
function containerThat(spec: ContainerSpec, finish: (timeout: number) => Promise<void>): Container {
  let end: (exit: Exit) => void;
  const exited = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  return {
    id: spec.id,
    pid: process.pid,
    exited,
    async stop(timeout) {
      await finish(timeout);
      end({ code: timeout === 0 ? null : 0, signal: timeout === 0 ? 'SIGKILL' : null });
      return exited;
    },
  };
}

async function startServer(spec: ContainerSpec, container: FakeContainer, program: Program): Promise<Container> {
  const { PORT: port, HOST: host } = spec.environment;
  if (port === undefined) return containerThat(spec, async () => undefined);
  const server = createServer((incoming, response) => void serve(incoming, response, { container, program }));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(Number(port), host, resolve));
  return containerThat(spec, async (timeout) => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), timeout);
    await closed;
    clearTimeout(timer);
  });
}

interface Served {
  readonly container: FakeContainer;
  readonly program: Program;
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  { container, program }: Served,
): Promise<void> {
  incoming.resume();
  const { status, body } = await program(incoming.url ?? '/', container);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A function behind a load balancer: takes one invocation after the other. */
async function startFunction(spec: ContainerSpec, container: FakeContainer, program: Program): Promise<Container> {
  const api = `http://${spec.environment['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation`;
  const ended = new AbortController();
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const { id, text } = await exchange(`${api}/next`, 'GET', ended.signal);
      const event = JSON.parse(text) as { readonly path?: string };
      const { status, body } = await program(event.path ?? '/', container);
      const answer = {
        statusCode: status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      await exchange(`${api}/${id}/response`, 'POST', ended.signal, JSON.stringify(answer));
    }
  };
  loop().catch(() => undefined);
  return containerThat(spec, async () => ended.abort());
}

function exchange(
  url: string,
  method: string,
  signal: AbortSignal,
  body?: string,
): Promise<{ readonly id: string; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          id: String(response.headers['lambda-runtime-aws-request-id'] ?? ''),
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
