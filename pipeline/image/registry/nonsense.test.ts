import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { sha256 } from './digest.ts';

const SIZE = 100_000;
const BLOB = { digest: sha256('x'), size: SIZE, open: (start: number, end: number) => Buffer.alloc(end - start) };

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

type Answer = readonly [status: number, headers: Readonly<Record<string, string>>, body?: string];

/** A registry that answers each method in one way. */
async function clientOf(answers: Readonly<Record<string, Answer>>): Promise<RegistryClient> {
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [status, headers, body] = answers[request.method ?? ''] ?? [404, {}];
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createRegistryClient({ host, retry: { attempts: 2, sleep: async () => undefined } });
}

test.each(['http://[', 'file:///etc/passwd'])('a location that is no address (%s) is told as one', async (location) => {
  const reading = await clientOf({ GET: [302, { location }] });
  const told = { name: 'RegistryError', message: expect.stringContaining('which is no address') };
  await expect(reading.pullManifest('a', 't')).rejects.toMatchObject(told);
  await expect(reading.readBlob({ repository: 'a', digest: BLOB.digest })).rejects.toMatchObject(told);
  server.close();
  const writing = await clientOf({ POST: [202, { location }] });
  await expect(writing.ensureBlob('a', BLOB)).rejects.toMatchObject(told);
});

test('a registry that claims to have more than was sent is not believed', async () => {
  const location = '/v2/a/blobs/uploads/1';
  const client = await clientOf({
    POST: [202, { location }],
    PATCH: [202, { location, range: `0-${SIZE}` }],
    PUT: [201, {}],
  });
  await expect(client.ensureBlob('a', BLOB)).rejects.toThrow('has more bytes of');
});

test('a list without an end ends', async () => {
  const link = '</v2/a/tags/list?n=1>; rel="next"';
  const client = await clientOf({ GET: [200, { link }, '{"tags":["a"]}'] });
  await expect(client.listTags('a')).rejects.toThrow('lists the same page for ever');
});
