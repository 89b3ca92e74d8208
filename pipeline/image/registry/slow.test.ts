import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { bytesBlob } from './blobs.ts';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { sha256 } from './digest.ts';
import { createTransport } from './transport.ts';

/** Stands for the minute after which a connection is dead. */
const IDLE = 1000;
const BLOB = randomBytes(40);
const address = { repository: 'a/b', digest: sha256(BLOB) };

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function clientOf(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<RegistryClient> {
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const retry = { attempts: 3, sleep: async () => undefined };
  return createRegistryClient({ host, transport: createTransport(IDLE), retry });
}

test('a registry that sends byte after byte is waited for, as long as something moves', async () => {
  const client = await clientOf(async (_request, response) => {
    for (const byte of BLOB) {
      response.write(Buffer.of(byte));
      await delay(10);
    }
    response.end();
  });
  expect(await client.readBlob(address)).toEqual(BLOB);
});

test('a download that stands still is given up and goes on where it stood', async () => {
  const ranges: (string | undefined)[] = [];
  const client = await clientOf(({ headers: { range } }, response) => {
    ranges.push(range);
    if (range === undefined) response.write(BLOB.subarray(0, 10));
    else response.writeHead(206).end(BLOB.subarray(10));
  });
  expect(await client.readBlob(address)).toEqual(BLOB);
  expect(ranges).toEqual([undefined, 'bytes=10-']);
});

test('an upload that nobody takes is given up and goes on where it stood', async () => {
  const bytes = randomBytes(20_000_000);
  const had = 65_536;
  const location = '/v2/a/b/blobs/uploads/1';
  const sent: string[] = [];
  const client = await clientOf((request, response) => {
    const { method, headers } = request;
    if (method === 'PATCH') sent.push(headers['content-range'] ?? 'all');
    if (method === 'HEAD') response.writeHead(404).end();
    if (method === 'POST') response.writeHead(202, { location }).end();
    if (method === 'GET') response.writeHead(204, { location, range: `0-${had - 1}` }).end();
    if (method === 'PUT') response.writeHead(201).end();
    // The first time nothing is read: the sockets fill up, and then nothing moves.
    if (method === 'PATCH' && sent.length > 1) {
      request.resume().on('end', () => {
        response.writeHead(202, { location, range: `0-${bytes.length - 1}` }).end();
      });
    }
  });
  expect(await client.ensureBlob('a/b', bytesBlob({ digest: sha256(bytes), bytes }))).toBe('uploaded');
  const [first, ...others] = sent;
  expect(first).toBe('all');
  // A machine that has no time for this may make it one more.
  expect(new Set(others)).toEqual(new Set([`${had}-${bytes.length - 1}`]));
});

test('a registry that takes the request and says nothing is given up, in words', async () => {
  const client = await clientOf(() => undefined);
  await expect(client.resolveManifest('a/b', 'latest')).rejects.toThrow('nothing arrived for 1 s');
});
