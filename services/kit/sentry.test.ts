import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createErrorReporter } from './sentry.ts';
import { identity, memoryLog } from './test-support.ts';

test('an error reaches Sentry with release, environment and service', async () => {
  const bodies: string[] = [];
  const sentry = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(`${request.url}\n${body}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => sentry.listen(0, '127.0.0.1', resolve));
  const { port } = sentry.address() as AddressInfo;
  const reporter = createErrorReporter(`http://key@127.0.0.1:${port}/42`, identity, memoryLog().log);

  reporter.capture(new Error('boom', { cause: new Error('spark') }), { request: 'r-1' });
  await reporter.flush(5_000);
  sentry.close();

  expect(bodies).toHaveLength(1);
  const [url, , , item] = (bodies[0] ?? '').split('\n');
  expect(url).toMatch(/^\/api\/42\/envelope\//);
  expect(JSON.parse(item ?? '')).toMatchObject({
    release: 'abc123',
    environment: 'pr-1',
    server_name: 'test',
    exception: { values: [{ value: 'spark' }, { value: 'boom' }] },
    extra: { request: 'r-1' },
  });
});

test.each(['', undefined])('without a DSN nothing is sent (%j)', async (dsn) => {
  const { log, lines } = memoryLog();
  const reporter = createErrorReporter(dsn, identity, log);
  reporter.capture(new Error('boom'));
  await reporter.flush(1);
  expect(lines).toEqual([]);
});

test.each(['unset', 'https://example.com', 'ftp://key@example.com/1'])(
  '%j is no DSN: said once, then ignored',
  (dsn) => {
    const { log, lines } = memoryLog();
    createErrorReporter(dsn, identity, log).capture(new Error('boom'));
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', message: expect.stringContaining('SENTRY_DSN') })]);
  },
);
