import { randomUUID } from 'node:crypto';
import { createDocumentClient } from '../kit/aws/documents.ts';
import { createObjectStore } from '../kit/aws/objects.ts';
import { optionalText, readConfig, text } from '../kit/config.ts';
import { run } from '../kit/run.ts';
import { createDynamoJobs } from './src/dynamo-jobs.ts';
import { work } from './src/work.ts';

await run('batch', async (context) => {
  const { environment, log } = context;
  const config = readConfig(
    {
      table: text('TABLE_JOBS'),
      results: text('BUCKET_RESULTS'),
      models: text('BUCKET_MODELS'),
      prefix: optionalText('PREFIX_RESULTS'),
    },
    environment,
  );
  const summary = await work({
    ...context,
    owner: randomUUID(),
    jobs: createDynamoJobs(createDocumentClient(), config.table),
    results: createObjectStore(config.results),
    // A preview writes below its own prefix of staging's bucket.
    prefix: config.prefix,
    models: createObjectStore(config.models),
    now: Date.now,
  });
  log.info('no job is left', { ...summary });
});
