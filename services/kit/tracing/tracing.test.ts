import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { json } from '../http/answer.ts';
import type { App } from '../http/app.ts';
import { identity, memoryLog } from '../test-support.ts';
import { readTraceHeader } from './segment.ts';
import { signedHeaders } from './sign.ts';
import { startTracing } from './start.ts';
import { traced } from './trace.ts';

const ROOT = '1-67891233-abcdef012345678912345678';
const request = (header?: string, target = '/v1/score?key=secret') => ({
  method: 'POST',
  target,
  headers: { authorization: 'Bearer secret', 'x-amzn-trace-id': header },
  body: new Uint8Array(),
});
const answering =
  (status: number): App =>
  async () =>
    json(status, { secret: 'secret' });

describe('which requests are traced', () => {
  const count = async (share: number, drawn: number, header?: string): Promise<number> => {
    const segments: object[] = [];
    const exporter = { add: (segment: object) => segments.push(segment) };
    const app = traced(answering(200), { share, identity, exporter, random: () => drawn });
    expect((await app(request(header))).status).toBe(200);
    return segments.length;
  };

  test.each([
    ['a share of those about which nobody has decided', 0.05, 0.04, undefined, 1],
    ['not the others', 0.05, 0.06, undefined, 0],
    ['what somebody in front traces, too', 0.05, 0.9, `Root=${ROOT};Parent=463ac35c9f6413ad;Sampled=1`, 1],
    ['not what somebody in front does not', 0.05, 0.01, `Root=${ROOT};Sampled=0`, 0],
  ])('%s', async (_what, share, drawn, header, traces) => {
    expect(await count(share, drawn, header)).toBe(traces);
  });
});

test.each<[string | undefined, object]>([
  [undefined, {}],
  ['nonsense', {}],
  [`Root=${ROOT}`, { root: ROOT }],
  [`Root=${ROOT};Parent=nope;Sampled=?`, { root: ROOT }],
])('a header %p says %p', (header, said) => {
  expect(readTraceHeader(header)).toEqual(said);
});

test('requests are signed as the AWS SDK signs them', async () => {
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPx',
    sessionToken: 'token',
  };
  const at = new Date('2026-11-21T12:00:00Z');
  const unsigned = { url: new URL('https://xray.us-east-1.amazonaws.com/TraceSegments'), body: '{"a":1}', at };
  const headers = signedHeaders({ ...unsigned, region: 'us-east-1', service: 'xray' }, credentials);
  const signer = new SignatureV4({
    service: 'xray',
    region: 'us-east-1',
    credentials,
    sha256: Hash.bind(null, 'sha256'),
    applyChecksum: false,
  });
  const { host } = unsigned.url;
  const theirs = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: host,
      path: '/TraceSegments',
      query: {},
      headers: { host, 'content-type': 'application/json' },
      body: unsigned.body,
    },
    { signingDate: at },
  );
  expect(headers).toEqual(theirs.headers);
});

/** X-Ray and the address of the container's credentials in one. */
async function startAws(status = 200) {
  const sent: { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    if (incoming.url === '/credentials')
      return void response.end(
        JSON.stringify({ AccessKeyId: 'A', SecretAccessKey: 'S', Token: 'T', Expiration: '2099-01-01T00:00:00Z' }),
      );
    sent.push({ path: incoming.url ?? '', headers: incoming.headers, body });
    response.writeHead(status).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = {
    TRACING_SHARE: '1',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/credentials`,
  };
  return { sent, environment, close: () => server.close() };
}

test('a segment says what was asked and answered, and none of its secrets', async () => {
  const aws = await startAws();
  const { log } = memoryLog();
  const { app, flush } = startTracing(answering(503), { environment: aws.environment, identity, log });
  await app(request(`Root=${ROOT};Parent=463ac35c9f6413ad`));
  await flush();
  aws.close();
  const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = aws.sent;
  expect([path, headers['x-amz-security-token']]).toEqual(['/TraceSegments', 'T']);
  expect(body).not.toContain('secret');
  const [segment] = JSON.parse(body).TraceSegmentDocuments;
  expect(JSON.parse(segment)).toEqual({
    name: 'test',
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    trace_id: ROOT,
    parent_id: '463ac35c9f6413ad',
    start_time: expect.any(Number),
    end_time: expect.any(Number),
    origin: 'AWS::ECS::Fargate',
    service: { version: 'abc123' },
    annotations: { environment: 'pr-1' },
    http: { request: { method: 'POST', url: '/v1/score' }, response: { status: 503 } },
    fault: true,
  });
});

test('fifty segments go at once; when X-Ray refuses, that is said once and requests go on', async () => {
  const aws = await startAws(500);
  const { log, lines } = memoryLog();
  const { app, flush } = startTracing(answering(200), { environment: aws.environment, identity, log });
  for (let index = 0; index < 120; index++) expect((await app(request())).status).toBe(200);
  await flush();
  await flush();
  aws.close();
  expect(aws.sent.map(({ body }) => JSON.parse(body).TraceSegmentDocuments.length)).toEqual([50, 50]);
  expect(lines.filter(({ message }) => message === 'traces are not sent')).toHaveLength(1);
});

test('an application that nobody wants traced is left alone', () => {
  const app = answering(200);
  const { log } = memoryLog();
  expect(startTracing(app, { environment: {}, identity, log }).app).toBe(app);
  expect(() => startTracing(app, { environment: { TRACING_SHARE: '5', AWS_REGION: 'x' }, identity, log })).toThrow(
    'TRACING_SHARE is "5"',
  );
});
