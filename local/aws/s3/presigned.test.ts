import type { HttpRequest, RequestPresigner } from '@smithy/types';
import { startTestS3, type TestS3 } from './test-s3.ts';

describe('presigned URLs', () => {
  let s3: TestS3;
  let now: number;
  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00Z');
    s3 = await startTestS3({ now: () => now });
    await s3.put('a b/ü', 'body');
  });
  afterEach(() => s3.aws.remove());

  async function presign(method: string, path: string, query: Record<string, string> = {}): Promise<URL> {
    const endpoint = new URL(s3.aws.client.endpoint);
    const { hostname, host, port } = endpoint;
    const unsigned = {
      method,
      protocol: 'http:',
      hostname,
      port: Number(port),
      path,
      query,
      headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    };
    const signer = (await s3.client.config.signer()) as unknown as RequestPresigner;
    const options = { expiresIn: 60, signingDate: new Date(now) };
    const signed = await signer.presign(unsigned as unknown as HttpRequest, options);
    const url = new URL(path, endpoint);
    for (const [name, value] of Object.entries(signed.query ?? {})) url.searchParams.set(name, String(value));
    return url;
  }
  const path = '/bucket/a%20b/%C3%BC';

  test('open what they were signed for', async () => {
    const url = await presign('GET', path, { 'response-content-type': 'text/x y' });
    const response = await fetch(url);
    expect(await response.text()).toBe('body');
    expect(response.headers.get('content-type')).toBe('text/x y');
    const put = await fetch(await presign('PUT', path), { method: 'PUT', body: 'new' });
    expect(put.status).toBe(200);
    expect(await s3.get('a b/ü')).toBe('new');
  });

  test('expire', async () => {
    const url = await presign('GET', path);
    now += 61_000;
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
  });

  test.each([
    ['another method', () => ({ method: 'DELETE' }), 'SignatureDoesNotMatch'],
    ['another key', (url: URL) => ({ url: `${url}`.replace(path, '/bucket/other') }), 'SignatureDoesNotMatch'],
    [
      'a longer lifetime',
      (url: URL) => ({ url: `${url}`.replace('Expires=60', 'Expires=600') }),
      'SignatureDoesNotMatch',
    ],
    [
      'an endless lifetime',
      (url: URL) => ({ url: `${url}`.replace('Expires=60', 'Expires=9999999') }),
      'AuthorizationQueryParametersError',
    ],
    [
      'another access key',
      (url: URL) => ({ url: `${url}`.replace('Credential=local', 'Credential=other') }),
      'InvalidAccessKeyId',
    ],
  ])('do not open with %s', async (_what, change, code) => {
    const presigned = await presign('GET', path);
    const { url, method } = { url: String(presigned), method: 'GET', ...change(presigned) };
    const response = await fetch(url, { method });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    expect(await s3.get('a b/ü')).toBe('body');
  });
});
