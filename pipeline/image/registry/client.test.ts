import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CredentialsProvider, createRegistryClient } from './client.ts';
import { sha256 } from './digest.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const servers: Server[] = [];

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const waits: number[] = [];
beforeEach(() => waits.splice(0));
const retry = { sleep: async (milliseconds: number) => void waits.push(milliseconds) };
const credentials: CredentialsProvider = async () => ({ username: 'u', password: 'p' });
const BLOB = Buffer.from('content of a blob');
const address = { repository: 'a/b', digest: sha256(BLOB) };

describe('retries', () => {
  /** Answers with these, then with the blob. */
  const failing = (...answers: [status: number, headers?: Record<string, string>][]) =>
    serve((_request, response) => {
      const [status, headers = {}] = answers.shift() ?? [200];
      response.writeHead(status, headers).end(status === 200 ? BLOB : '');
    });

  test('what may succeed later is tried again, with growing waits', async () => {
    const host = await failing([500], [502], [503], [429]);
    expect((await createRegistryClient({ host, retry }).readBlob(address)).equals(BLOB)).toBe(true);
    expect(waits).toHaveLength(4);
    waits.forEach((wait, index) => {
      expect(wait).toBeGreaterThanOrEqual(125 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(250 * 2 ** index);
    });
  });

  test('Retry-After is honoured, in seconds and as a date, up to a limit', async () => {
    const date = new Date(Date.now() + 20_000).toUTCString();
    const host = await failing(
      [429, { 'retry-after': '7' }],
      [503, { 'retry-after': date }],
      [429, { 'retry-after': '86400' }],
    );
    await createRegistryClient({ host, retry }).readBlob(address);
    expect(waits[0]).toBe(7000);
    expect(waits[1]).toBeGreaterThan(17_000);
    expect(waits[2]).toBe(60_000);
  });

  test('what fails for good is not tried again', async () => {
    const host = await failing([403], [403]);
    await expect(createRegistryClient({ host, retry }).readBlob(address)).rejects.toMatchObject({ status: 403 });
    expect(waits).toEqual([]);
  });

  test('after the last attempt the registry is given up, and the reason says why', async () => {
    const host = await failing([500], [500], [500]);
    const client = createRegistryClient({ host, retry: { ...retry, attempts: 3 } });
    await expect(client.readBlob(address)).rejects.toThrow(
      /GET 127.0.0.1:\d+\/v2\/a\/b\/blobs\/sha256:\w+: status 500/,
    );
    expect(waits).toHaveLength(2);
  });

  test('a registry that is not there', async () => {
    const client = createRegistryClient({ host: '127.0.0.1:1', retry: { ...retry, attempts: 2 } });
    await expect(client.readBlob(address)).rejects.toMatchObject({
      status: 0,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a registry that does not know ranges is read again from the beginning', async () => {
    let requests = 0;
    const host = await serve((_request, response) => {
      requests += 1;
      response.writeHead(200, { 'content-length': BLOB.length });
      if (requests > 1) response.end(BLOB);
      else response.write(BLOB.subarray(0, 5), () => response.destroy());
    });
    expect((await createRegistryClient({ host, retry }).readBlob(address)).equals(BLOB)).toBe(true);
    expect(requests).toBe(2);
  });
});

describe('redirects', () => {
  test('credentials stay at home', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end(BLOB);
    });
    const host = await serve((request, response) => {
      if (!request.headers.authorization) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://${elsewhere}/signed` }).end();
    });
    await createRegistryClient({ host, credentials, retry }).readBlob(address);
    expect(seen).toEqual([undefined]);
  });

  test('an endless one ends', async () => {
    const host = await serve((_request, response) => response.writeHead(302, { location: '/v2/again' }).end());
    await expect(createRegistryClient({ host, retry }).readBlob(address)).rejects.toMatchObject({ status: 302 });
  });
});

describe('authentication', () => {
  /** Gives tokens for scopes; the registry takes only the newest. */
  async function bearer(options: { expiresIn?: number; tokenStatus?: number } = {}) {
    const scopes: string[] = [];
    const basics: (string | undefined)[] = [];
    const tokens = await serve((request, response) => {
      basics.push(request.headers.authorization);
      const scope = new URL(request.url ?? '', 'http://x').searchParams.getAll('scope').join(' ');
      scopes.push(scope);
      response.writeHead(options.tokenStatus ?? 200);
      response.end(JSON.stringify({ token: `t${scopes.length} ${scope}`, expires_in: options.expiresIn ?? 300 }));
    });
    const challenge = `Bearer realm="http://${tokens}/token",service="registry",scope="repository:a/b:pull"`;
    let revoked = '';
    const host = await serve((request, response) => {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      if (!token || token.startsWith(`${revoked} `)) response.writeHead(401, { 'www-authenticate': challenge }).end();
      else response.end(BLOB);
    });
    return { host, scopes, basics, revoke: (token: string) => (revoked = token) };
  }

  test('a token is asked for once and used again', async () => {
    const { host, scopes, basics } = await bearer();
    const client = createRegistryClient({ host, credentials, retry });
    await Promise.all([client.readBlob(address), client.readBlob(address)]);
    await client.readBlob(address);
    expect(new Set(scopes)).toEqual(new Set(['repository:a/b:pull']));
    expect(scopes.length).toBeLessThanOrEqual(2);
    expect(basics[0]).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
  });

  test('a token that the registry no longer takes is replaced', async () => {
    const { host, scopes, revoke } = await bearer();
    const client = createRegistryClient({ host, credentials, retry });
    await client.readBlob(address);
    revoke('t1');
    await client.readBlob(address);
    expect(scopes).toHaveLength(2);
  });

  test('a token that has run out is replaced before the registry says so', async () => {
    const { host, scopes } = await bearer({ expiresIn: 0 });
    const client = createRegistryClient({ host, retry });
    await client.readBlob(address);
    const before = scopes.length;
    await client.readBlob(address);
    expect(scopes).toHaveLength(before + 1);
  });

  test('pushing asks for the scope that it needs', async () => {
    const { host, scopes } = await bearer();
    const client = createRegistryClient({ host, credentials, retry });
    const blob = { digest: address.digest, size: BLOB.length, open: () => BLOB };
    await expect(client.ensureBlob('a/b', blob)).resolves.toBe('present');
    expect(scopes).toEqual(['repository:a/b:pull,push']);
  });

  test('anonymous pulls get a token, too', async () => {
    const { host, basics } = await bearer();
    await createRegistryClient({ host, retry }).readBlob(address);
    expect(basics).toEqual([undefined]);
  });

  test('a refusal of the token service is told', async () => {
    const { host } = await bearer({ tokenStatus: 403 });
    await expect(createRegistryClient({ host, credentials, retry }).readBlob(address)).rejects.toThrow(
      'gives no token for repository:a/b:pull: status 403',
    );
  });

  test('refused credentials are renewed once (ECR tokens end), then told', async () => {
    const given: boolean[] = [];
    const provider: CredentialsProvider = async ({ refresh }) => {
      given.push(refresh);
      return { username: 'AWS', password: refresh ? 'new' : 'old' };
    };
    const accept =
      (password: string): Handler =>
      (request, response) => {
        const basic = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
        if (request.headers.authorization === basic) response.end(BLOB);
        else response.writeHead(401, { 'www-authenticate': 'Basic realm="ecr"' }).end();
      };
    const renewed = createRegistryClient({ host: await serve(accept('new')), credentials: provider, retry });
    expect((await renewed.readBlob(address)).equals(BLOB)).toBe(true);
    expect(given).toEqual([false, true]);
    const refused = createRegistryClient({ host: await serve(accept('never')), credentials: provider, retry });
    await expect(refused.readBlob(address)).rejects.toMatchObject({ status: 401 });
  });
});

describe('answers that are not what was asked for', () => {
  test.each([
    ['a blob with other content', 'tampered', 'other content than its digest says'],
    ['a blob that is truncated, and by its own account whole', 'content of', 'other content than its digest says'],
  ])('%s', async (_name, body, problem) => {
    const host = await serve((_request, response) => response.end(body));
    await expect(createRegistryClient({ host, retry }).readBlob(address)).rejects.toThrow(problem);
    expect(waits).toEqual([]);
  });

  test('a manifest with another digest, a page instead of a manifest, an endless manifest', async () => {
    const answer = async (body: string) =>
      createRegistryClient({ host: await serve((_request, response) => response.end(body)), retry });
    await expect((await answer('{"config":{},"layers":[]}')).pullManifest('a', address.digest)).rejects.toThrow(
      'it was not used',
    );
    await expect((await answer('<html>')).pullManifest('a', 't')).rejects.toThrow('a:t is not JSON as it should be');
    await expect((await answer('{"hello":1}')).pullManifest('a', 't')).rejects.toThrow(
      'neither an image manifest nor an index',
    );
    await expect((await answer('x'.repeat(5 << 20))).pullManifest('a', 't')).rejects.toThrow('larger than');
  });

  test('a registry that stores something else is noticed', async () => {
    const host = await serve((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(201, { 'docker-content-digest': sha256('other') }).end());
    });
    const manifest = { bytes: Buffer.from('{}'), mediaType: 'x' };
    await expect(
      createRegistryClient({ host, retry }).pushManifest({ repository: 'a', target: 't' }, manifest),
    ).rejects.toThrow(`stored ${sha256('other')} instead of ${sha256('{}')}`);
  });
});

test('a registry that does not mount (ECR by default) gets the blob in the upload that it offers', async () => {
  const requests: string[] = [];
  const host = await serve((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => {
      if (request.method === 'HEAD') response.writeHead(404).end();
      else if (request.method === 'POST')
        response.writeHead(202, { location: '/v2/a/b/blobs/uploads/1?state=x' }).end();
      else response.writeHead(request.method === 'PUT' ? 201 : 202).end();
    });
  });
  const blob = {
    digest: address.digest,
    size: BLOB.length,
    open: (from: number, to: number) => BLOB.subarray(from, to),
  };
  const arrival = await createRegistryClient({ host, retry }).ensureBlob('a/b', blob, { from: ['c/d'] });
  expect(arrival).toBe('uploaded');
  const digest = encodeURIComponent(address.digest);
  expect(requests).toEqual([
    `HEAD /v2/a/b/blobs/${address.digest}`,
    `POST /v2/a/b/blobs/uploads/?mount=${address.digest}&from=c%2Fd`,
    `PUT /v2/a/b/blobs/uploads/1?state=x&digest=${digest}`,
  ]);
});
