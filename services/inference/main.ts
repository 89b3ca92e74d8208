import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createObjectStore, type ObjectSource } from '../kit/aws/objects.ts';
import { createApp } from '../kit/http/app.ts';
import { logColdStart } from '../kit/lambda/cold-start.ts';
import { serveLoadBalancer } from '../kit/lambda/serve.ts';
import { noPredictionLog, type PredictionLog } from '../kit/prediction-log/log.ts';
import { type Context, run } from '../kit/run.ts';
import { serve } from '../kit/serve.ts';
import { inferenceRoutes } from './src/routes/routes.ts';
import { runModels } from './src/runner/child.ts';
import { createServer, type Server } from './src/server.ts';
import { readHost, readSettings, type Settings } from './src/settings.ts';

/** SageMaker's limit of a request, which clients of hosted models are used to. */
const MAXIMUM_BODY_BYTES = 6 * 1024 * 1024;
const RETRY_MILLISECONDS = 1_000;
const REFRESH_MILLISECONDS = 5_000;
/** What this program is started with to be a runner: see src/runner. */
const RUNNER = 'runner';
const MIB = 2 ** 20;
const NO_OBJECTS: ObjectSource = {
  list: async () => [],
  folders: async () => [],
  read: async () => undefined,
  open: async () => undefined,
};

if (process.argv[2] === RUNNER) {
  await runModels();
} else {
  await run('inference', async (context) => {
    const host = readHost(context.environment, process.argv.slice(2));
    const settings = readSettings(context.environment, host);
    const predictions = await openLog(context);
    const server = createServer({ ...serverOptions(settings, context), predictions });
    const routes = inferenceRoutes(server, context.identity, settings.containers);
    const api = context.environment['AWS_LAMBDA_RUNTIME_API'];
    if (host === 'lambda' && api) {
      // Lambda lets everything before the first invocation run at full speed, and freezes what would go on behind it.
      const start = async () => {
        const started = performance.now();
        await load(server, settings, context);
        const firstRun = server.registry.firstRuns;
        logColdStart(context.log, { init: started, load: performance.now() - started - firstRun, firstRun });
        return createApp({ ...context, routes });
      };
      await serveLoadBalancer(context, {
        api,
        start,
        before: atMostEvery(REFRESH_MILLISECONDS, () => server.refresh()),
      });
    } else {
      // The port opens first: a task that still loads says "not ready" instead of refusing connections.
      const loading = load(server, settings, context).then(() => keepFresh(server, context));
      await serve(context, { ...settings, maximumBodyBytes: MAXIMUM_BODY_BYTES, routes });
      await loading;
    }
    await server.stop();
  });
}

/** Its clients take a moment to load, which whoever remembers nothing need not wait for. */
async function openLog({ environment, log }: Context): Promise<PredictionLog> {
  if (!environment['TABLE_PREDICTION_LOG']) return noPredictionLog;
  return (await import('../kit/prediction-log/open.ts')).openPredictionLog(environment, log);
}

function serverOptions(settings: Settings, { log, reporter }: Context): Parameters<typeof createServer>[0] {
  const { maximumBatch, maximumWaiting, maximumTenantWaiting, defaultModel, prefix, tenancy } = settings;
  return {
    prefix,
    tenancy,
    objects: settings.bucket === '' ? NO_OBJECTS : createObjectStore(settings.bucket),
    ...(defaultModel !== '' && { defaultModel }),
    limits: { maximumBatch, maximumWaiting, maximumTenantWaiting },
    memoryBytes: settings.memoryMegabytes * MIB,
    disk: { folder: `${settings.cacheFolder}-${process.pid}`, bytes: settings.diskMegabytes * MIB },
    runner: {
      command: { arguments: [...process.execArgv, fileURLToPath(import.meta.url), RUNNER] },
      limits: { milliseconds: settings.runMilliseconds, bytes: settings.runnerMegabytes * MIB },
      runners: settings.runners,
    },
    // SageMaker loads the models of a multi-model endpoint when the container already counts as ready.
    readyWhenEmpty: settings.multiModel === 'true',
    modelRoots: [settings.modelFolder, settings.modelsFolder],
    log,
    reporter,
  };
}

/** A container of SageMaker finds its model in a folder, or is told later which ones to load. */
async function load(server: Server, settings: Settings, { log, stopping }: Context): Promise<void> {
  if (settings.bucket === '') {
    const loaded = await server.folders.load('model', settings.modelFolder);
    log.info('model folder', { folder: settings.modelFolder, ...loaded });
    // Whoever started it gave it this one model, and learns sooner from its end than from a container that never becomes ready.
    if (loaded.kind === 'refused' && settings.multiModel !== 'true') throw new Error(loaded.error);
    return;
  }
  while (!stopping.aborted) {
    const ready = await server.preload().catch((error: unknown) => void log.error('models cannot be read', { error }));
    if (ready) return;
    log.warn('no model could be loaded; trying again', { bucket: settings.bucket, prefix: settings.prefix });
    await sleep(RETRY_MILLISECONDS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

async function keepFresh(server: Server, { stopping }: Context): Promise<void> {
  while (!stopping.aborted) {
    await sleep(REFRESH_MILLISECONDS, undefined, { signal: stopping }).catch(() => undefined);
    if (!stopping.aborted) await server.refresh();
  }
}

function atMostEvery(milliseconds: number, work: () => Promise<void>): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < milliseconds) return;
    last = performance.now();
    await work();
  };
}
