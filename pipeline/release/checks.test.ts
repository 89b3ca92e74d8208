import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Check } from '../manifest/types.ts';
import { sendHttp } from '../ports/http.ts';
import { compareAnswer, runChecks } from './checks.ts';
import { FakeClock } from './testing-clock.ts';

const check = (expect: Check['expect']): Check => ({ name: 'answers', path: '/', expect });

test.each([
  ['the status', { status: 200 }, { status: 503, body: 'busy' }, 'status 200', 'status 503: busy'],
  ['a text', { status: 200, contains: 'ready' }, { status: 200, body: 'no' }, 'a body that contains "ready"', 'no'],
  ['JSON', { status: 200, json: { a: { equals: 1 } } }, { status: 200, body: '<html>' }, 'a JSON body', '<html>'],
  [
    'a value',
    { status: 200, json: { 'a.0.b': { equals: { c: 1 } } } },
    { status: 200, body: '{"a":[{"b":{"c":2}}]}' },
    'a.0.b equals {"c":1}',
    'a.0.b is {"c":2}',
  ],
  [
    'a value that is there',
    { status: 200, json: { 'a.b': { equals: 1 } } },
    { status: 200, body: '{"a":null}' },
    'a.b equals 1',
    'a.b is missing',
  ],
  [
    'a range',
    { status: 200, json: { mpg: { between: [10, 60] } } },
    { status: 200, body: '{"mpg":-2800}' },
    'mpg is between 10 and 60',
    'mpg is -2800',
  ],
  [
    'a range of numbers',
    { status: 200, json: { mpg: { between: [10, 60] } } },
    { status: 200, body: '{"mpg":"30"}' },
    'mpg is between 10 and 60',
    'mpg is "30"',
  ],
] as const)('names %s that is wrong', (_name, expect_, answer, expected, actual) => {
  expect(compareAnswer(check(expect_), answer)).toEqual({ expected, actual });
});

test('an answer as expected is no difference, whatever the order of its keys', () => {
  const wanted = check({
    status: 201,
    contains: 'x',
    json: { a: { equals: { x: 1, y: [2] } }, 'n.0': { between: [0, 1] } },
  });
  expect(compareAnswer(wanted, { status: 201, body: '{"n":[0.5],"a":{"y":[2],"x":1}}' })).toBeUndefined();
});

test('a check is sent through the host name of the environment, which needs no DNS below localhost', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push(`${request.method} ${request.headers.host} ${request.url} ${body}`);
      // Not ready at first, as a target that was only just registered.
      response.writeHead(seen.length < 3 ? 503 : 200).end('{"answer":42}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const failures = await runChecks({
      baseUrl: `http://pr-1.preview.example.localhost:${port}`,
      checks: [
        {
          service: 'web',
          check: {
            ...check({ status: 200, json: { answer: { equals: 42 } } }),
            method: 'POST',
            path: '/ask',
            body: { q: 1 },
          },
        },
      ],
      send: sendHttp,
      clock: new FakeClock(),
    });
    expect(failures).toEqual([]);
    expect(seen).toEqual(Array(3).fill(`POST pr-1.preview.example.localhost:${port} /ask {"q":1}`));
  } finally {
    server.close();
  }
});

test('a host that does not answer is a failed check with words', async () => {
  const send = async () => Promise.reject(new Error('connect ECONNREFUSED'));
  const checks = [{ service: 'web', check: check({ status: 200 }) }];
  expect(await runChecks({ baseUrl: 'http://x', checks, send, clock: new FakeClock() })).toEqual([
    {
      service: 'web',
      check: 'answers',
      request: 'GET http://x/',
      expected: 'status 200',
      actual: 'no answer: connect ECONNREFUSED',
    },
  ]);
});
