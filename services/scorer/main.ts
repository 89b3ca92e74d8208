import { fileURLToPath } from 'node:url';
import { createSecretSource, readSecrets } from '../kit/aws/secrets.ts';
import { listenSettings, readConfig } from '../kit/config.ts';
import { createApp } from '../kit/http/app.ts';
import { logColdStart } from '../kit/lambda/cold-start.ts';
import { serveLoadBalancer } from '../kit/lambda/serve.ts';
import { loadModel } from '../kit/model/session.ts';
import { run } from '../kit/run.ts';
import { serve } from '../kit/serve.ts';
import { readModelFolder } from './src/model.ts';
import { scoreRoutes } from './src/routes.ts';

const MAXIMUM_BODY_BYTES = 64 * 1024;

await run(
  'scorer',
  async (context) => {
    const { environment, identity, log } = context;
    const api = environment['AWS_LAMBDA_RUNTIME_API'];
    const start = async () => {
      const started = performance.now();
      const files = await readModelFolder(fileURLToPath(new URL('./model/', import.meta.url)));
      const model = files.ok ? await loadModel(files.value) : files;
      if (!model.ok) throw new Error(model.error);
      logColdStart(log, { init: started, ...model.value.startTimes });
      return scoreRoutes(model.value, identity);
    };
    if (api)
      return serveLoadBalancer(context, { api, start: async () => createApp({ ...context, routes: await start() }) });
    // Outside Lambda the same routes answer over HTTP.
    const { host, port } = readConfig(listenSettings, environment);
    return serve(context, { host, port, maximumBodyBytes: MAXIMUM_BODY_BYTES, routes: await start() });
  },
  readSecrets(createSecretSource),
);
