import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from '../http/answer.ts';
import { createApp } from '../http/app.ts';
import { identity, memoryLog, memoryReporter } from '../test-support.ts';
import { serveLoadBalancer } from './serve.ts';

interface Posted {
  readonly path: string;
  readonly errorType: string | undefined;
  readonly body: Record<string, unknown>;
}

/** The runtime API of Lambda: hands out the given events, keeps what is posted, then has nothing more to do. */
async function fakeRuntimeApi(events: readonly unknown[]) {
  const posted: Posted[] = [];
  const stop = new AbortController();
  const waiting = [...events.entries()];
  const server: Server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace('/2018-06-01/', '');
    if (path === 'runtime/invocation/next') {
      const next = waiting.shift();
      if (!next) return stop.abort();
      response.setHeader('lambda-runtime-aws-request-id', `id-${next[0]}`);
      response.setHeader('lambda-runtime-deadline-ms', '1');
      return void response.end(JSON.stringify(next[1]));
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const errorType = request.headers['lambda-runtime-function-error-type'];
    posted.push({ path, errorType: errorType?.toString(), body: JSON.parse(body) });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { api: `127.0.0.1:${(server.address() as AddressInfo).port}`, posted, stopping: stop.signal, close };
}

const { log } = memoryLog();
const app = (reporter = memoryReporter().reporter) =>
  createApp({
    identity,
    log,
    reporter,
    routes: [
      {
        method: 'POST',
        path: '/v1/echo',
        body: 'json',
        handle: ({ body, query }) => json(200, { body, q: query.get('q') }),
      },
    ],
  });

const albEvent = {
  requestContext: { elb: { targetGroupArn: 'arn' } },
  httpMethod: 'POST',
  path: '/v1/echo',
  queryStringParameters: { q: 'a%20b' },
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"n":1}').toString('base64'),
  isBase64Encoded: true,
};

test('answers one event after the other in the shape of the load balancer', async () => {
  const multiValue = {
    ...albEvent,
    headers: undefined,
    queryStringParameters: undefined,
    multiValueHeaders: { 'Content-Type': ['application/json'] },
    multiValueQueryStringParameters: { q: ['c'] },
    body: '{"n":2}',
    isBase64Encoded: false,
  };
  const { api, posted, stopping, close } = await fakeRuntimeApi([
    albEvent,
    multiValue,
    { ...albEvent, body: '', path: '/none' },
  ]);
  const { reporter } = memoryReporter();
  await serveLoadBalancer({ environment: {}, identity, log, reporter, stopping }, { api, start: async () => app() });
  close();

  expect(posted.map(({ path }) => path)).toEqual([0, 1, 2].map((id) => `runtime/invocation/id-${id}/response`));
  expect(posted[0]?.body).toMatchObject({
    statusCode: 200,
    statusDescription: '200 OK',
    isBase64Encoded: false,
    headers: { 'content-type': 'application/json' },
    body: '{"body":{"n":1},"q":"a b"}',
  });
  expect(posted[1]?.body['body']).toBe('{"body":{"n":2},"q":"c"}');
  expect(posted[2]?.body).toMatchObject({ statusCode: 404, statusDescription: '404 Not Found' });
});

test('what the load balancer would not pass on is refused with the reason', async () => {
  const sent = (length: number) => ({ ...albEvent, isBase64Encoded: false, body: JSON.stringify('"'.repeat(length)) });
  const { api, posted, stopping, close } = await fakeRuntimeApi([sent(100_000), sent(300_000)]);
  const { reporter } = memoryReporter();
  await serveLoadBalancer({ environment: {}, identity, log, reporter, stopping }, { api, start: async () => app() });
  close();
  expect(posted[0]?.body).toMatchObject({ statusCode: 200 });
  expect(posted[1]?.body).toMatchObject({ statusCode: 413, body: expect.stringMatching(/takes \d+ bytes, .* 1 MB/) });
});

test('an event that no load balancer sent is an error of that invocation; the next one is served', async () => {
  const { api, posted, stopping, close } = await fakeRuntimeApi([{ hello: 1 }, albEvent]);
  const { reporter, captured } = memoryReporter();
  await serveLoadBalancer({ environment: {}, identity, log, reporter, stopping }, { api, start: async () => app() });
  close();

  expect(posted[0]).toMatchObject({ path: 'runtime/invocation/id-0/error', errorType: 'Unhandled' });
  expect(posted[0]?.body['errorMessage']).toMatch(/httpMethod and path are missing/);
  expect(posted[1]?.path).toBe('runtime/invocation/id-1/response');
  expect(captured).toHaveLength(1);
});

test('a function that cannot start says so to Lambda', async () => {
  const { api, posted, stopping, close } = await fakeRuntimeApi([]);
  const { reporter } = memoryReporter();
  const start = async () => {
    throw new Error('the model is missing');
  };
  const served = serveLoadBalancer({ environment: {}, identity, log, reporter, stopping }, { api, start });
  await expect(served).rejects.toThrow('the model is missing');
  close();
  expect(posted).toEqual([
    {
      path: 'runtime/init/error',
      errorType: 'Unhandled',
      body: expect.objectContaining({ errorMessage: 'the model is missing' }),
    },
  ]);
});
