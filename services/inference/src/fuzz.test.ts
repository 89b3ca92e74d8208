import * as fc from 'fast-check';
import { createApp } from '../../kit/http/app.ts';
import { identity, memoryLog, memoryReporter } from '../../kit/test-support.ts';
import { fuzzedRequest } from './fuzz-requests.ts';
import { inferenceRoutes } from './routes/routes.ts';
import { startTestServer } from './test-server.ts';

test('whatever is sent to any route is answered without an error of ours', async () => {
  const { server } = await startTestServer();
  const { reporter, captured } = memoryReporter();
  const app = createApp({ routes: inferenceRoutes(server, identity), identity, log: memoryLog().log, reporter });
  await fc.assert(
    fc.asyncProperty(fuzzedRequest, async (request) => {
      const { status } = await app(request);
      expect(captured).toEqual([]);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 500 },
  );
});
