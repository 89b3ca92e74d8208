import { fileURLToPath } from 'node:url';
import { createDocumentClient } from '../kit/aws/documents.ts';
import { listenSettings, readConfig, text } from '../kit/config.ts';
import { run } from '../kit/run.ts';
import { serve } from '../kit/serve.ts';
import { readAssets } from './src/assets.ts';
import { createDynamoFeedback } from './src/dynamo-feedback.ts';
import { webRoutes } from './src/routes.ts';

const MAXIMUM_BODY_BYTES = 16 * 1024;

await run('web', async (context) => {
  const { host, port, table } = readConfig({ ...listenSettings, table: text('TABLE_FEEDBACK') }, context.environment);
  const routes = webRoutes({
    identity: context.identity,
    assets: await readAssets(fileURLToPath(new URL('./public/', import.meta.url))),
    feedback: createDynamoFeedback(createDocumentClient(), table),
    now: Date.now,
  });
  await serve(context, { host, port, maximumBodyBytes: MAXIMUM_BODY_BYTES, routes });
});
