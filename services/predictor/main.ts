import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createDocumentClient } from '../kit/aws/documents.ts';
import { createFiles } from '../kit/aws/files.ts';
import { createQueue } from '../kit/aws/queue.ts';
import { createTopic } from '../kit/aws/topic.ts';
import { optionalText, readConfig, text, wholeNumber } from '../kit/config.ts';
import type { PredictionLog } from '../kit/prediction-log/log.ts';
import { openPredictionLog } from '../kit/prediction-log/open.ts';
import { createDynamoRequests } from '../kit/predictions/dynamo.ts';
import { type Context, run } from '../kit/run.ts';
import { computeForParent } from '../kit/transform/child.ts';
import { createComputer } from '../kit/transform/computer.ts';
import { forgetProgress } from '../kit/transform/transform.ts';
import { type Worker, workOn } from './src/work.ts';

/** What this program is started with to compute: see kit/transform/child.ts. */
const COMPUTE = 'compute';
const RETRY_MILLISECONDS = 2_000;
const MIB = 2 ** 20;

if (process.argv[2] === COMPUTE) await computeForParent();
else await run('predictor', predict);

async function predict(context: Context): Promise<void> {
  const { stopping, log, reporter } = context;
  const predictions = openPredictionLog(context.environment, log);
  const { worker, computer } = createWorker(context, predictions);
  stopping.addEventListener('abort', () => computer.stop());
  log.info('waiting for requests');
  while (!stopping.aborted) {
    try {
      const message = await worker.queue.receive(stopping);
      if (message) await workOn(message, worker);
    } catch (error) {
      // The message, if there was one, comes back by itself.
      log.error('the queue, the table or the store does not answer', { error });
      reporter.capture(error);
      await sleep(RETRY_MILLISECONDS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  await Promise.all([computer.close(), predictions.stop()]);
}

function createWorker({ environment, log, reporter }: Context, predictions: PredictionLog) {
  const config = readConfig(
    {
      queue: text('QUEUE_PREDICTIONS'),
      table: text('TABLE_PREDICTIONS'),
      files: text('BUCKET_PREDICTIONS'),
      prefix: optionalText('PREFIX_PREDICTIONS'),
      models: text('BUCKET_MODELS'),
      modelPrefix: optionalText('PREFIX_MODELS'),
      done: text('TOPIC_PREDICTIONS_DONE'),
      failed: text('TOPIC_PREDICTIONS_FAILED'),
      visibilitySeconds: wholeNumber('VISIBILITY_SECONDS', { fallback: 120, minimum: 1, maximum: 43_200 }),
      patience: wholeNumber('RUN_MILLISECONDS', { fallback: 120_000, minimum: 100, maximum: 3_600_000 }),
      memory: wholeNumber('COMPUTER_MEGABYTES', { fallback: 700, minimum: 64, maximum: 100_000 }),
      saveEvery: wholeNumber('SAVE_MILLISECONDS', { fallback: 5_000, minimum: 1, maximum: 600_000 }),
      rowsPerRun: wholeNumber('ROWS_PER_RUN', { fallback: 256, minimum: 1, maximum: 65_536 }),
    },
    environment,
  );
  const computer = createComputer({
    program: fileURLToPath(import.meta.url),
    argument: COMPUTE,
    patience: config.patience,
    memoryBytes: config.memory * MIB,
    files: config.files,
    filesPrefix: config.prefix,
    models: config.models,
    prefix: config.modelPrefix,
    saveEvery: config.saveEvery,
    rowsPerRun: config.rowsPerRun,
  });
  const files = createFiles(config.files, config.prefix);
  const worker: Worker = {
    queue: createQueue(config.queue),
    requests: createDynamoRequests(createDocumentClient(), config.table),
    computer,
    publishDone: createTopic(config.done),
    publishFailed: createTopic(config.failed),
    predictions,
    forget: (output) => forgetProgress(files, output),
    location: `s3://${config.files}/`,
    visibilitySeconds: config.visibilitySeconds,
    log,
    reporter,
    now: Date.now,
  };
  return { worker, computer };
}
