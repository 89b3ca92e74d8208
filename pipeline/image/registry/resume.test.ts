import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CredentialsProvider } from './authorization.ts';
import { bytesBlob } from './blobs.ts';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { sha256 } from './digest.ts';

const BYTES = randomBytes(200_000);
const BLOB = bytesBlob({ digest: sha256(BYTES), bytes: BYTES });
const LOCATION = '/v2/a/b/blobs/uploads/1';

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function clientOf(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  credentials?: CredentialsProvider,
): Promise<RegistryClient> {
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const retry = { attempts: 4, sleep: async () => undefined };
  return createRegistryClient({ host, retry, ...(credentials && { credentials }) });
}

test.each([400, 404, 405, 501])(
  'an upload that breaks starts anew where the registry does not tell how far it got (%d)',
  async (status) => {
    const calls: string[] = [];
    const client = await clientOf((request, response) => {
      const { method = '' } = request;
      calls.push(method);
      if (method === 'HEAD') return response.writeHead(404).end();
      if (method === 'POST') return response.writeHead(202, { location: LOCATION }).end();
      if (method === 'GET') return response.writeHead(status).end();
      if (method === 'PATCH' && !calls.includes('GET')) return request.once('data', () => request.destroy());
      request.resume();
      return request.on('end', () => response.writeHead(method === 'PUT' ? 201 : 202, { location: LOCATION }).end());
    });
    expect(await client.ensureBlob('a/b', BLOB)).toBe('uploaded');
    expect(calls).toEqual(['HEAD', 'POST', 'PATCH', 'GET', 'HEAD', 'POST', 'PATCH', 'PUT']);
  },
);

test('a download that breaks after its last byte is whole', async () => {
  const ranges: (string | undefined)[] = [];
  const client = await clientOf((request, response) => {
    ranges.push(request.headers.range);
    if (request.headers.range !== undefined) return response.writeHead(416).end();
    // Without a length the client cannot know that this was all.
    return response.writeHead(200).write(BYTES, () => response.destroy());
  });
  expect(await client.readBlob({ repository: 'a/b', digest: BLOB.digest })).toEqual(BYTES);
  expect(ranges).toEqual([undefined]);
});

/** How ECR and its public sibling refuse a token that has run out: without a challenge, where 401 would be right. */
const EXPIRED = [
  ['ECR', 403, 'Your authorization token has expired. Reauthenticate and try again.'],
  ['ECR Public', 400, 'Your Authorization Token is invalid.'],
] as const;

test.each(EXPIRED)(
  'a token of %s that ends in the middle of a push is renewed, and the push goes on',
  async (_who, status, message) => {
    let valid = 'first';
    const given: string[] = [];
    const bodies: number[] = [];
    const credentials: CredentialsProvider = async ({ refresh }) => {
      const password = refresh ? 'second' : 'first';
      given.push(password);
      return { username: 'AWS', password };
    };
    const client = await clientOf(async (request, response) => {
      const { method, headers } = request;
      const [, password] = Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64')
        .toString()
        .split(':');
      let body = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.length;
      if (password === undefined) return response.writeHead(401, { 'www-authenticate': 'Basic realm="ecr"' }).end();
      if (password !== valid) {
        const errors = JSON.stringify({ errors: [{ code: 'DENIED', message }] });
        return response.writeHead(status).end(method === 'HEAD' ? undefined : errors);
      }
      if (method === 'HEAD') return response.writeHead(404).end();
      // The twelve hours are over while the upload runs.
      if (method === 'POST') valid = 'second';
      if (method === 'PATCH' || method === 'PUT') bodies.push(body);
      return response.writeHead(method === 'PUT' ? 201 : 202, { location: LOCATION }).end();
    }, credentials);
    expect(await client.ensureBlob('a/b', BLOB)).toBe('uploaded');
    expect(given).toEqual(['first', 'second']);
    expect(bodies).toEqual([BYTES.length, 0]);
    valid = 'neither';
    await expect(client.hasBlob('a/b', BLOB.digest)).rejects.toMatchObject({ status });
  },
);

test('who may not do something is told after one look for newer credentials', async () => {
  let asked = 0;
  const credentials: CredentialsProvider = async () => ({ username: 'AWS', password: 'p' });
  const client = await clientOf((request, response) => {
    if (request.headers.authorization === undefined)
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="ecr"' }).end();
    asked += 1;
    return response
      .writeHead(403)
      .end('{"errors":[{"code":"DENIED","message":"User is not authorized to perform it"}]}');
  }, credentials);
  await expect(client.readBlob({ repository: 'a/b', digest: BLOB.digest })).rejects.toThrow('not authorized');
  expect(asked).toBe(1);
});
