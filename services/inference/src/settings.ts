import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Environment, listenSettings, optionalText, readConfig, text, wholeNumber } from '../../kit/config.ts';
import { TENANCIES, type Tenancy } from './requests/caller.ts';
import { containers } from './routes/target-container.ts';

/** Who starts the container decides where models come from, who may ask for which, and how requests arrive. */
export type Host = 'ecs' | 'lambda' | 'sagemaker';

const MIB = 2 ** 20;
const megabytes = (variable: string, fallback: number) =>
  wholeNumber(variable, { fallback, minimum: 1, maximum: 1_000_000 });
/** What a container may use: Node knows the limit of its control group. */
const memoryMegabytes = (): number => Math.floor(Math.min(process.constrainedMemory() || totalmem(), totalmem()) / MIB);

/** In a small container one runner beside the server is all that fits: the program itself takes some 160 MB. */
const SMALL_MEGABYTES = 1024;

/** How the memory of a container is shared out; each of these can be set instead. */
function shares(memory: number) {
  return memory < SMALL_MEGABYTES
    ? { models: Math.max(64, Math.floor(memory / 4)), runner: Math.max(192, Math.floor(memory * 0.4)), runners: 1 }
    : {
        models: Math.floor(memory / 2),
        runner: Math.floor(memory * 0.6),
        runners: Math.max(2, availableParallelism()),
      };
}

/** SageMaker starts its containers with the argument `serve`; Lambda says where its runtime API is. */
export function readHost(environment: Environment, args: readonly string[]): Host {
  if (environment['AWS_LAMBDA_RUNTIME_API']) return 'lambda';
  return args.includes('serve') || environment['SAGEMAKER_BIND_TO_PORT'] ? 'sagemaker' : 'ecs';
}

/** @throws ConfigurationError that names every variable that is wrong */
export function readSettings(environment: Environment, host: Host) {
  const share = shares(memoryMegabytes());
  const tenancy = environment['TENANCY'] || (host === 'sagemaker' ? 'trusted' : 'header');
  const { SAGEMAKER_BIND_TO_PORT: bindTo, ...rest } = environment;
  const settings = readConfig(
    {
      ...listenSettings,
      // SageMaker puts models into the container's folders instead, and an image may bring its own.
      bucket:
        host === 'sagemaker' || environment['MODEL_FOLDER'] ? optionalText('BUCKET_MODELS') : text('BUCKET_MODELS'),
      // Set in a preview, whose own models lie there.
      prefix: optionalText('PREFIX_MODELS'),
      modelFolder: text('MODEL_FOLDER', '/opt/ml/model'),
      modelsFolder: text('MODELS_FOLDER', '/opt/ml/models'),
      multiModel: optionalText('SAGEMAKER_MULTI_MODEL'),
      defaultModel: optionalText('DEFAULT_MODEL'),
      cacheFolder: text('CACHE_FOLDER', join(tmpdir(), 'slipway-models')),
      memoryMegabytes: megabytes('MEMORY_MEGABYTES', share.models),
      diskMegabytes: megabytes('DISK_MEGABYTES', 400),
      runnerMegabytes: megabytes('RUNNER_MEGABYTES', share.runner),
      runners: wholeNumber('RUNNERS', { fallback: share.runners, minimum: 1, maximum: 64 }),
      runMilliseconds: wholeNumber('RUN_MILLISECONDS', { fallback: 10_000, minimum: 100, maximum: 600_000 }),
      maximumBatch: wholeNumber('MAXIMUM_BATCH_ROWS', { fallback: 64, minimum: 1, maximum: 4096 }),
      maximumWaiting: wholeNumber('MAXIMUM_WAITING_ROWS', { fallback: 16_384, minimum: 1, maximum: 1_000_000 }),
      maximumTenantWaiting: wholeNumber('MAXIMUM_TENANT_WAITING_ROWS', {
        fallback: 12_288,
        minimum: 1,
        maximum: 1_000_000,
      }),
      containers: containers('TARGET_CONTAINERS'),
      tenancy: (): { ok: true; value: Tenancy } | { ok: false; error: string } =>
        (TENANCIES as readonly string[]).includes(tenancy)
          ? { ok: true, value: tenancy as Tenancy }
          : { ok: false, error: `TENANCY is "${tenancy}", expected ${TENANCIES.join(' or ')}` },
    },
    bindTo ? { ...rest, PORT: bindTo } : rest,
  );
  return settings;
}

export type Settings = ReturnType<typeof readSettings>;
