/** 50,000 fuzzed requests and 500 connections of garbage: no answer of 500 and above, no crash, memory that stays within bounds. */
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { fuzzedRequest } from '../../../services/inference/src/fuzz-requests.ts';
import { inferenceRoutes } from '../../../services/inference/src/routes/routes.ts';
import { startTestServer } from '../../../services/inference/src/test-server.ts';
import { createApp } from '../../../services/kit/http/app.ts';
import { startServer, type WebServer } from '../../../services/kit/http/server.ts';
import { identity, memoryReporter } from '../../../services/kit/test-support.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MIB = 2 ** 20;

async function start() {
  const { server } = await startTestServer();
  const { reporter, captured } = memoryReporter();
  const app = createApp({ routes: inferenceRoutes(server, identity), identity, log, reporter });
  return { app, captured };
}

test('50,000 requests to every route', async () => {
  const { app, captured } = await start();
  const statuses = new Map<number, number>();
  const run = (numRuns: number) =>
    fc.assert(
      fc.asyncProperty(fuzzedRequest, async (request) => {
        const { status } = await app(request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status).toBeLessThan(500);
      }),
      { numRuns },
    );
  await run(10_000);
  const before = process.memoryUsage.rss();
  await run(40_000);
  const grown = (process.memoryUsage.rss() - before) / MIB;
  console.log(
    `statuses: ${[...statuses].map(([status, count]) => `${status} ${count}`).join(', ')}; memory grew by ${grown.toFixed(0)} MiB`,
  );
  expect(captured).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(100);
  expect(grown).toBeLessThan(200);
});

test('500 connections of garbage leave the server as it was', async () => {
  const { app, captured } = await start();
  const server = await startServer({ app, host: '127.0.0.1', port: 0, maximumBodyBytes: 100_000 });
  const good = () => fetch(`http://127.0.0.1:${server.port}/v2/health/ready`);
  const heads = [
    '',
    'POST /v2/models/fuel-economy/infer HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n',
    'POST /v2/models/fuel-economy/infer HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n',
    'POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\n',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 2_000 }), async (head, bytes) => {
      await sendGarbage(server, Buffer.concat([Buffer.from(head), bytes]));
    }),
    { numRuns: 500 },
  );
  expect((await good()).status).toBe(200);
  expect(captured).toEqual([]);
  await server.stop(0);
});

function sendGarbage({ port }: WebServer, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes, () => socket.end());
    });
    socket.on('data', (chunk) => expect(chunk.toString('latin1')).not.toMatch(/^HTTP\/1.1 5/));
    socket.on('close', () => resolve());
    socket.on('error', () => undefined);
    setTimeout(() => socket.destroy(), 200);
  });
}
