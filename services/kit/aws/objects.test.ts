import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObjectStore } from './objects.ts';

const before = { ...process.env };
afterEach(() => {
  process.env = before;
});

test.each([
  ['before its answer', () => undefined],
  [
    'within its answer',
    (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': 1000, etag: '"x"' });
      response.write('half');
    },
  ],
])('when S3 falls silent %s, that is an error and not an endless wait', async (_when, answer) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  await expect(createObjectStore('models', 50).read('a')).rejects.toThrow(/exceeded|timed out/);
  expect(asked).toBeGreaterThan(0);
  server.closeAllConnections();
  server.close();
});
