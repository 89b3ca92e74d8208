import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { identity, memoryLog, memoryReporter } from '../test-support.ts';
import { json } from './answer.ts';
import { createApp } from './app.ts';
import type { Route } from './router.ts';
import { startServer, type WebServer } from './server.ts';

const { log, lines } = memoryLog();
const { reporter, captured } = memoryReporter();
let release: (() => void) | undefined;
let entered: (() => void) | undefined;
let server: WebServer;

const routes: Route[] = [
  {
    method: 'POST',
    path: '/echo/:name',
    body: 'json',
    handle: ({ body, parameters }) => json(200, { ...parameters, body }),
  },
  { method: 'GET', path: '/echo/:name', handle: ({ query }) => json(200, Object.fromEntries(query)) },
  { method: 'GET', path: '/quiet', quiet: true, handle: () => json(200, {}) },
  {
    method: 'GET',
    path: '/broken',
    handle() {
      throw new Error('a bug');
    },
  },
  {
    method: 'GET',
    path: '/slow',
    async handle() {
      entered?.();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return json(200, { slow: true });
    },
  },
];

const start = () =>
  startServer({
    app: createApp({ routes, identity, log, reporter }),
    host: '127.0.0.1',
    port: 0,
    maximumBodyBytes: 1_000,
  });

beforeEach(async () => {
  lines.length = 0;
  captured.length = 0;
  server = await start();
});
afterEach(() => server.stop(0));

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(
  method: string,
  path: string,
  { body, headers = {}, agent }: { body?: string | Buffer; headers?: Record<string, string>; agent?: Agent } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, method, path, headers, ...(agent && { agent }) };
    const outgoing = request(options, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const jsonType = { 'content-type': 'application/json' };

describe('a request that is wrong is refused with a reason', () => {
  test.each([
    ['not JSON', 'POST', '/echo/a', '{"a":', jsonType, 400, /not JSON/],
    ['empty', 'POST', '/echo/a', '', jsonType, 400, /empty/],
    ['not UTF-8', 'POST', '/echo/a', Buffer.from([0x22, 0xff, 0x22]), jsonType, 400, /UTF-8/],
    ['too large', 'POST', '/echo/a', JSON.stringify('x'.repeat(1_000)), jsonType, 413, /1000 bytes/],
    ['far too large', 'POST', '/echo/a', Buffer.alloc(5_000_000), jsonType, 413, /1000 bytes/],
    [
      'a form',
      'POST',
      '/echo/a',
      'a=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      /application\/json/,
    ],
    ['compressed', 'POST', '/echo/a', 'x', { ...jsonType, 'content-encoding': 'gzip' }, 415, /gzip/],
    ['an unknown path', 'GET', '/nothing', undefined, {}, 404, /\/nothing/],
    ['a path that is no encoding', 'GET', '/echo/%zz', undefined, {}, 404, /%zz/],
    ['a missing part of the path', 'GET', '/echo/', undefined, {}, 404, /\/echo\//],
    ['a method that the path does not take', 'DELETE', '/echo/a', undefined, {}, 405, /POST, GET/],
  ] as const)('%s', async (_name, method, path, body, headers, status, reason) => {
    const answer = await ask(method, path, { headers, ...(body !== undefined && { body }) });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).error).toMatch(reason);
    expect(captured).toEqual([]);
  });

  test('what is not HTTP at all', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('hello\r\n\r\n'));
      socket.on('data', (chunk) => resolve(chunk.toString()));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('a request that is right', () => {
  test('finds its route, its parameters and its query; says id and release', async () => {
    const posted = await ask('POST', '/echo/a%2Fb', {
      body: '{"n":1}',
      headers: { ...jsonType, 'x-request-id': 'r-1' },
    });
    expect(JSON.parse(posted.text)).toEqual({ name: 'a/b', body: { n: 1 } });
    expect(posted.headers).toMatchObject({ 'x-request-id': 'r-1', 'x-slipway-release': 'abc123' });
    expect(JSON.parse((await ask('GET', '/echo/a?b=c%20d')).text)).toEqual({ b: 'c d' });
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'request', path: '/echo/a%2Fb', status: 200, request: 'r-1' }),
    );
  });

  test('HEAD is GET without the body', async () => {
    const head = await ask('HEAD', '/echo/a?b=c');
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': '9' } });
  });

  test('health checks leave no line', async () => {
    await ask('GET', '/quiet');
    expect(lines).toEqual([]);
  });

  test('a bug becomes a 500 that tells nothing inside, and a report that tells all', async () => {
    const answer = await ask('GET', '/broken');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('a bug');
    expect(captured).toEqual([expect.objectContaining({ message: 'a bug' })]);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'request failed' }));
  });
});

test('more large bodies at once than there is room for are told to come again', async () => {
  const small = await startServer({
    app: createApp({ routes, identity, log, reporter }),
    host: '127.0.0.1',
    port: 0,
    maximumBodyBytes: 40_000_000,
  });
  const sockets = Array.from({ length: 3 }, () => connect(small.port, '127.0.0.1'));
  const half = Buffer.alloc(30_000_000, ' ');
  const head = 'POST /echo/a HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 30000002\r\n\r\n';
  const answers = sockets.map(
    (socket) =>
      new Promise<string>((resolve) => {
        socket.once('data', (chunk) => resolve(chunk.toString('latin1', 0, 12)));
      }),
  );
  // All are half sent before the first is complete: together they are more than 80 MB.
  await Promise.all(
    sockets.map(
      (socket) => new Promise((resolve) => void socket.write(Buffer.concat([Buffer.from(head), half]), resolve)),
    ),
  );
  for (const socket of sockets) socket.write('{}');
  const statuses = (await Promise.all(answers)).sort();
  // For two there is room, whoever of them comes first.
  expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 503']);
  for (const socket of sockets) socket.destroy();
  await small.stop(0);
});

describe('stopping', () => {
  test('drops no request: one in flight is answered, its connection then closed', async () => {
    const agent = new Agent({ keepAlive: true });
    const reached = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const inFlight = ask('GET', '/slow', { agent });
    await reached;
    server.startDraining();
    // While the load balancer still sends, requests are served.
    expect((await ask('GET', '/quiet', { agent })).headers.connection).toBe('close');
    const stopped = server.stop(10_000);
    release?.();
    const answer = await inFlight;
    expect(answer).toMatchObject({ status: 200, text: '{"slow":true}' });
    expect(answer.headers.connection).toBe('close');
    await stopped;
    await expect(ask('GET', '/quiet')).rejects.toThrow(/ECONNREFUSED/);
    agent.destroy();
  });

  test('does not wait for ever: a request that hangs is cut off', async () => {
    const reached = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const hanging = ask('GET', '/slow').catch((error: Error) => error.message);
    await reached;
    await server.stop(10);
    expect(await hanging).toMatch(/hang up|ECONNRESET/);
  });

  test('a port that is taken is an error', async () => {
    const app = createApp({ routes, identity, log, reporter });
    await expect(startServer({ app, host: '127.0.0.1', port: server.port, maximumBodyBytes: 1 })).rejects.toThrow(
      /EADDRINUSE/,
    );
  });
});
