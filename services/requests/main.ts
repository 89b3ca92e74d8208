import { createDocumentClient } from '../kit/aws/documents.ts';
import { createFiles } from '../kit/aws/files.ts';
import { createObjectStore } from '../kit/aws/objects.ts';
import { createPresigner } from '../kit/aws/presign.ts';
import { createQueue } from '../kit/aws/queue.ts';
import { createSecretSource, readSecrets } from '../kit/aws/secrets.ts';
import { type Environment, listenSettings, optionalText, readConfig, text } from '../kit/config.ts';
import { createApp } from '../kit/http/app.ts';
import type { Route } from '../kit/http/router.ts';
import { serveLoadBalancer } from '../kit/lambda/serve.ts';
import { createDynamoRequests } from '../kit/predictions/dynamo.ts';
import { run } from '../kit/run.ts';
import { serve } from '../kit/serve.ts';
import { requestRoutes } from './src/routes.ts';

/** What Lambda can be sent by a load balancer; more is uploaded. */
const MAXIMUM_BODY_BYTES = 2 ** 20;

await run(
  'requests',
  async (context) => {
    const { environment } = context;
    const api = environment['AWS_LAMBDA_RUNTIME_API'];
    if (api)
      return serveLoadBalancer(context, {
        api,
        start: async () => createApp({ ...context, routes: createRoutes(environment) }),
      });
    // Outside Lambda the same routes answer over HTTP.
    const { host, port } = readConfig(listenSettings, environment);
    const routes = createRoutes(environment);
    return serve(context, { host, port, maximumBodyBytes: MAXIMUM_BODY_BYTES, routes });
  },
  readSecrets(createSecretSource),
);

function createRoutes(environment: Environment): Route[] {
  const config = readConfig(
    {
      table: text('TABLE_PREDICTIONS'),
      bucket: text('BUCKET_PREDICTIONS'),
      prefix: optionalText('PREFIX_PREDICTIONS'),
      models: text('BUCKET_MODELS'),
      modelPrefix: optionalText('PREFIX_MODELS'),
      queue: text('QUEUE_PREDICTIONS'),
    },
    environment,
  );
  return requestRoutes({
    requests: createDynamoRequests(createDocumentClient(), config.table),
    queue: createQueue(config.queue),
    files: createFiles(config.bucket, config.prefix),
    presigner: createPresigner(config.bucket),
    models: createObjectStore(config.models),
    modelPrefix: config.modelPrefix,
    bucket: config.bucket,
    prefix: config.prefix,
    now: Date.now,
  });
}
