import { fileURLToPath } from 'node:url';
import { createFiles } from '../kit/aws/files.ts';
import { optionalText, readConfig, text, wholeNumber } from '../kit/config.ts';
import { type Context, run } from '../kit/run.ts';
import { computeForParent } from '../kit/transform/child.ts';
import { createComputer } from '../kit/transform/computer.ts';
import { runBatch } from './src/work.ts';

/** What this program is started with to compute: see kit/transform/child.ts. */
const COMPUTE = 'compute';
const MIB = 2 ** 20;
const MILLISECONDS = 1000;
/** What saving, and saying goodbye, may take before the time is over. */
const RESERVE_SECONDS = 20;

if (process.argv[2] === COMPUTE) await computeForParent();
else await run('batch', batch);

async function batch({ environment, log, reporter, stopping }: Context): Promise<void> {
  const config = readConfig(
    {
      files: text('BUCKET_BATCHES'),
      // A preview works below its own prefix of staging's bucket.
      prefix: optionalText('PREFIX_BATCHES'),
      models: text('BUCKET_MODELS'),
      modelPrefix: optionalText('PREFIX_MODELS'),
      seconds: wholeNumber('SLIPWAY_TIMEOUT', { fallback: 3600, minimum: 1, maximum: 86_400 }),
      patience: wholeNumber('RUN_MILLISECONDS', { fallback: 120_000, minimum: 100, maximum: 3_600_000 }),
      memory: wholeNumber('COMPUTER_MEGABYTES', { fallback: 700, minimum: 64, maximum: 100_000 }),
      saveEvery: wholeNumber('SAVE_MILLISECONDS', { fallback: 5_000, minimum: 1, maximum: 600_000 }),
      rowsPerRun: wholeNumber('ROWS_PER_RUN', { fallback: 256, minimum: 1, maximum: 65_536 }),
      tenant: optionalText('TENANT'),
      model: optionalText('MODEL'),
      input: optionalText('INPUT'),
      output: optionalText('OUTPUT'),
    },
    environment,
  );
  const { tenant, model, input, output, files: bucket } = config;
  const computer = createComputer({
    program: fileURLToPath(import.meta.url),
    argument: COMPUTE,
    patience: config.patience,
    memoryBytes: config.memory * MIB,
    files: bucket,
    filesPrefix: config.prefix,
    models: config.models,
    prefix: config.modelPrefix,
    saveEvery: config.saveEvery,
    rowsPerRun: config.rowsPerRun,
  });
  const seconds = Math.max(config.seconds - RESERVE_SECONDS, config.seconds / 2);
  const over = AbortSignal.any([stopping, AbortSignal.timeout(seconds * MILLISECONDS)]);
  over.addEventListener('abort', () => computer.stop());
  const scope = {
    ...(tenant && { tenant }),
    ...(model && { model }),
    ...(input && { input }),
    ...(output && { output }),
  };
  const summary = await runBatch({
    files: createFiles(bucket, config.prefix),
    prefix: config.prefix,
    scope,
    computer,
    stopping: over,
    log,
    reporter,
  });
  log.info('batch ended', { ...scope, ...summary });
  await computer.close();
}
