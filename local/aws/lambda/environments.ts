import { randomUUID } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { Container, Runtime } from '../../runtime/runtime.ts';
import { containerCredentials } from '../sts/credentials.ts';
import { openFunctionLog } from './function-log.ts';
import { functionArn } from './names.ts';
import type { VersionRecord } from './records.ts';
import { type Invocation, type InvocationResult, type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

/** Execution environments: started on demand, kept warm, one invocation each at a time. */
export interface Environments {
  run(
    name: string,
    version: VersionRecord,
    invocation: Pick<Invocation, 'payload' | 'clientContext'>,
  ): Promise<InvocationResult>;
  /** Starts environments until a version has as many as asked for; they are not ended for idleness. Resolves when all have started. */
  keepReady(name: string, version: VersionRecord, count: number): Promise<void>;
  /** How many environments of a version have started. */
  ready(name: string, version: VersionRecord): number;
  /** Ends the environments of a function, or of one of its versions, once what they do is done. */
  discard(name: string, version?: string): Promise<void>;
  close(): Promise<void>;
}

interface Environment {
  /** `name:version:revision`: a new revision of `$LATEST` never runs in an old environment. */
  readonly key: string;
  readonly api: RuntimeApi;
  readonly container: Promise<Container>;
  busy: boolean;
  started: boolean;
  /** Provisioned: stays when idle. */
  kept: boolean;
  lastUsed: number;
}

/** How many environments one version may have at a time; more invocations wait their turn as Lambda would throttle them. */
const MOST_PER_VERSION = 4;
const IDLE_MILLISECONDS = 10 * 60_000;
const STOP_TIMEOUT = 500;

export function createEnvironments(cloud: Cloud, runtime: Runtime): Environments {
  const all = new Set<Environment>();
  const queues = new Map<string, (() => void)[]>();
  const sweep = setInterval(
    () => void discardWhere(({ busy, kept, lastUsed }) => !busy && !kept && cloud.now() - lastUsed > IDLE_MILLISECONDS),
    30_000,
  );
  sweep.unref();

  async function end(environment: Environment, reason: string): Promise<void> {
    all.delete(environment);
    environment.api.fail(reason);
    const container = await environment.container.catch(() => undefined);
    await container?.stop(STOP_TIMEOUT);
    await environment.api.close();
  }

  async function discardWhere(condition: (environment: Environment) => boolean): Promise<void> {
    await Promise.all(
      [...all].filter(condition).map((environment) => end(environment, 'The execution environment was discarded')),
    );
  }

  async function acquire(name: string, version: VersionRecord): Promise<Environment> {
    const key = keyOf(name, version);
    for (;;) {
      const mine = [...all].filter((environment) => environment.key === key);
      const idle = mine.find(({ busy }) => !busy);
      if (idle) {
        idle.busy = true;
        return idle;
      }
      if (mine.length < MOST_PER_VERSION) return await open(key, name, version);
      await new Promise<void>((resolve) => queues.set(key, [...(queues.get(key) ?? []), resolve]));
    }
  }

  async function open(key: string, name: string, version: VersionRecord): Promise<Environment> {
    const id = randomUUID();
    // The slot is taken before anything is awaited, so that concurrent invocations do not exceed the limit.
    let api: RuntimeApi | undefined;
    const started = startRuntimeApi();
    const container = started.then((opened) => {
      api = opened;
      return start({ cloud, runtime, name, version, id, address: opened.address });
    });
    const environment: Environment = {
      key,
      api: deferred(started),
      container,
      busy: true,
      started: false,
      kept: false,
      lastUsed: cloud.now(),
    };
    all.add(environment);
    container.then(
      ({ exited }) => {
        environment.started = true;
        return exited.then(({ code, signal }) => {
          api?.fail(`Runtime exited with ${signal === null ? `exit status ${code}` : `signal ${signal}`}`);
          all.delete(environment);
          wake(key);
        });
      },
      (error: unknown) => {
        api?.fail(error instanceof Error ? error.message : String(error));
        all.delete(environment);
        wake(key);
      },
    );
    return environment;
  }

  function wake(key: string): void {
    const [first, ...rest] = queues.get(key) ?? [];
    if (rest.length > 0) queues.set(key, rest);
    else queues.delete(key);
    first?.();
  }

  return {
    async run(name, version, invocation) {
      const environment = await acquire(name, version);
      const result = await environment.api.invoke({
        ...invocation,
        functionArn: functionArn(cloud, name, version.version),
        timeout: version.settings.Timeout * 1000,
      });
      environment.busy = false;
      environment.lastUsed = cloud.now();
      if (result.kind === 'timeout' || result.kind === 'gone')
        await end(environment, 'The execution environment was discarded');
      wake(environment.key);
      return result;
    },
    async keepReady(name, version, count) {
      const key = keyOf(name, version);
      const mine = [...all].filter((environment) => environment.key === key);
      while (mine.length < count) {
        const opened = await open(key, name, version);
        opened.busy = false;
        mine.push(opened);
      }
      for (const environment of all) {
        if (environment.key.startsWith(`${name}:`)) environment.kept = environment.key === key;
      }
      await Promise.all(mine.map(({ container }) => container));
    },
    ready: (name, version) => [...all].filter(({ key, started }) => key === keyOf(name, version) && started).length,
    discard: (name, version) =>
      discardWhere(({ key }) => key.startsWith(version === undefined ? `${name}:` : `${name}:${version}:`)),
    async close() {
      clearInterval(sweep);
      await discardWhere(() => true);
    },
  };
}

const keyOf = (name: string, { version, revisionId }: VersionRecord): string => `${name}:${version}:${revisionId}`;

/** A Runtime API that is still being opened: calls wait for it. */
function deferred(opening: Promise<RuntimeApi>): RuntimeApi {
  return {
    address: '',
    invoke: async (invocation) => (await opening).invoke(invocation),
    fail: (reason) => void opening.then((api) => api.fail(reason)),
    close: async () => (await opening).close(),
  };
}

interface Start {
  readonly cloud: Cloud;
  readonly runtime: Runtime;
  readonly name: string;
  readonly version: VersionRecord;
  readonly id: string;
  readonly address: string;
}

async function start({ cloud, runtime, name, version, id, address }: Start): Promise<Container> {
  const { settings, code } = version;
  const log = await openFunctionLog(cloud, { name, version: version.version, group: settings.LogGroup, id });
  await runtime.prepare(code.resolvedImageUri);
  const { EntryPoint, Command } = settings.ImageConfig ?? {};
  return await runtime.start({
    id: `lambda-${name}-${id}`,
    image: code.resolvedImageUri,
    readonlyRootFilesystem: true,
    memory: settings.MemorySize * 2 ** 20,
    ...(EntryPoint ? { entryPoint: EntryPoint } : {}),
    ...(Command ? { command: Command } : {}),
    environment: {
      ...settings.Environment,
      AWS_ENDPOINT_URL: cloud.endpoints.aws,
      AWS_REGION: cloud.region,
      ...containerCredentials(cloud, settings.Role),
      AWS_LAMBDA_RUNTIME_API: address,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: version.version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.MemorySize),
      AWS_LAMBDA_LOG_GROUP_NAME: settings.LogGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: log.stream,
    },
    onOutput: (line) => log.write(line),
  });
}
