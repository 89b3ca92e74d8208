import { setTimeout as sleep } from 'node:timers/promises';
import { createObjectStore } from '../kit/aws/objects.ts';
import { listenSettings, optionalText, readConfig, text, wholeNumber } from '../kit/config.ts';
import { run } from '../kit/run.ts';
import { serve } from '../kit/serve.ts';
import { createRepository } from './src/repository.ts';
import { inferenceRoutes } from './src/routes.ts';

/** SageMaker's limit of a request, which clients of hosted models are used to. */
const MAXIMUM_BODY_BYTES = 6 * 1024 * 1024;
const RETRY_MILLISECONDS = 1_000;

await run('inference', async (context) => {
  const { environment, log, identity, stopping } = context;
  const config = readConfig(
    {
      ...listenSettings,
      bucket: text('BUCKET_MODELS'),
      // Set in a preview, whose own models lie there.
      prefix: optionalText('PREFIX_MODELS'),
      maximumBatch: wholeNumber('MAXIMUM_BATCH_ROWS', { fallback: 64, minimum: 1, maximum: 4096 }),
      maximumWaiting: wholeNumber('MAXIMUM_WAITING_ROWS', { fallback: 4096, minimum: 1, maximum: 1_000_000 }),
    },
    environment,
  );
  const repository = createRepository({ ...context, objects: createObjectStore(config.bucket), ...config });

  // The port opens first: a task that still loads says "not ready" instead of refusing connections.
  const loading = loadUntilThereAreModels();
  await serve(context, {
    ...config,
    maximumBodyBytes: MAXIMUM_BODY_BYTES,
    routes: inferenceRoutes(repository, identity),
  });
  await loading;

  async function loadUntilThereAreModels(): Promise<void> {
    while (!stopping.aborted && !repository.ready()) {
      await repository.load().catch((error: unknown) => log.error('models cannot be read', { error }));
      if (repository.ready()) return;
      log.warn('no model could be loaded; trying again', { bucket: config.bucket, prefix: config.prefix });
      await sleep(RETRY_MILLISECONDS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
});
