import { createDocumentClient } from '../kit/aws/documents.ts';
import { createSecretSource, readSecrets } from '../kit/aws/secrets.ts';
import { listenSettings, readConfig, text } from '../kit/config.ts';
import { serveLoadBalancer } from '../kit/lambda/serve.ts';
import { run } from '../kit/run.ts';
import { serve } from '../kit/serve.ts';
import { createAccount } from './src/account.ts';
import { answerFor } from './src/answer.ts';
import { wake } from './src/wake.ts';

const MAXIMUM_BODY_BYTES = 1024 * 1024;

await run(
  'waker',
  async (context) => {
    const { environment, log } = context;
    const { ledger } = readConfig({ ledger: text('SLIPWAY_LEDGER') }, environment);
    const account = createAccount({ ledger, documents: createDocumentClient() });
    const app = answerFor({ wake: (number) => wake(number, account, Date.now), log });
    const api = environment['AWS_LAMBDA_RUNTIME_API'];
    if (api) return serveLoadBalancer(context, { api, start: async () => app });
    const { host, port } = readConfig(listenSettings, environment);
    return serve(context, { host, port, maximumBodyBytes: MAXIMUM_BODY_BYTES, routes: [] });
  },
  readSecrets(createSecretSource),
);
