/** The server without a socket: models, where they compute, and the answers to inference requests. */
import { rm } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { ObjectSource } from '../../kit/aws/objects.ts';
import type { Log } from '../../kit/log.ts';
import { type ModelName, showModelName } from '../../kit/model/name.ts';
import type { PredictionLog } from '../../kit/prediction-log/log.ts';
import type { ErrorReporter } from '../../kit/sentry.ts';
import { createExecutor, type ExecutorLimits } from './batching/executor.ts';
import { createMetrics } from './metrics.ts';
import { createCatalogue } from './models/catalogue.ts';
import { createDisk } from './models/disk.ts';
import { createFamilyHost } from './models/family-host.ts';
import { createFolders, type Folders } from './models/folders.ts';
import { createInlineHost } from './models/inline-host.ts';
import { type Lookup, noSuchVersion } from './models/lookup.ts';
import { createMemory, type Resident } from './models/memory.ts';
import { createQuarantine } from './models/quarantine.ts';
import { createRegistry, FOLDER, type Registry, type Serving } from './models/registry.ts';
import { createRunnerHost } from './models/runner-host.ts';
import { createTargetContainers, type TargetContainers } from './models/target-containers.ts';
import type { Tenancy } from './requests/caller.ts';
import { createInfer, type Infer, type LookUp } from './requests/infer.ts';
import type { RunnerCommand, RunnerLimits } from './runner/process.ts';

// Several threads that collect garbage together wait for the last of them, and that one may wait for a processor: 5 ms instead of 0.5.
setFlagsFromString('--no-parallel-scavenge');

export interface ServerOptions {
  readonly objects: ObjectSource;
  readonly prefix: string;
  readonly tenancy: Tenancy;
  readonly defaultModel?: string;
  readonly limits: ExecutorLimits;
  /** Memory and disk for models. */
  readonly memoryBytes: number;
  readonly disk: { readonly folder: string; readonly bytes: number };
  readonly runner: { readonly command: RunnerCommand; readonly limits: RunnerLimits; readonly runners: number };
  /** Folders from which models may be loaded by path. */
  readonly modelRoots: readonly string[];
  /** Ready without a single model. */
  readonly readyWhenEmpty?: boolean;
  /** Remembers what was answered. */
  readonly predictions?: PredictionLog;
  readonly log: Log;
  readonly reporter: ErrorReporter;
}

export interface Server {
  readonly infer: Infer;
  readonly lookUp: LookUp;
  readonly done: (resident: Resident<Serving>) => void;
  readonly registry: Registry;
  readonly folders: Folders;
  readonly tenancy: Tenancy;
  readonly defaultModel: string | undefined;
  /** Which container a model says it is for. */
  readonly targetContainer: TargetContainers;
  /** Everybody's models, or those of a tenant; empty when the store does not answer. */
  names(tenant?: string): Promise<readonly ModelName[]>;
  /** What a request may name here. */
  modelNames(): Promise<readonly string[]>;
  /** Looks for everybody's models and loads them. False while there is nothing to serve. */
  preload(): Promise<boolean>;
  /** Models are loaded and warmed. */
  ready(): boolean;
  /** Looks whether models were published, promoted or rolled back. */
  refresh(): Promise<void>;
  metricsText(): string;
  /** Models in memory: `acme/churn@3`. */
  loadedKeys(): readonly string[];
  /** Processes of models that compute apart. */
  runnerPids(): readonly number[];
  /** Ends the runners and removes the files. */
  stop(): Promise<void>;
}

export function createServer(options: ServerOptions): Server {
  const { objects, prefix, tenancy, limits, disk: share, runner, log, reporter, predictions } = options;
  const executor = createExecutor(limits);
  const memory = createMemory<Serving>(options.memoryBytes);
  const quarantine = createQuarantine();
  const catalogue = createCatalogue({ objects, prefix, log });
  const disk = createDisk({ objects, folder: share.folder, maximumBytes: share.bytes });
  const runners = createRunnerHost({
    ...runner,
    createExecutor: () => createExecutor(limits),
    onGuilty: (key, reason) => registry.blame(key, reason),
  });
  const hosts = { inline: createInlineHost(executor), family: createFamilyHost(executor), runner: runners };
  const registry = createRegistry({ catalogue, disk, memory, quarantine, hosts, prefix, log, reporter });
  const metrics = createMetrics();
  const folders = createFolders({
    roots: options.modelRoots,
    loadModel: (name, model) => registry.open(name, model),
    hold(resident) {
      resident.holders += 1;
      return resident;
    },
    async drop(resident) {
      memory.done(resident);
      await memory.remove(resident.value.key);
    },
  });
  let loaded = options.readyWhenEmpty ?? false;

  const lookUp: LookUp = (name, tenant, version) => {
    const resident = tenancy === 'trusted' ? folders.find(name) : undefined;
    if (resident) return lookUpFolder(resident, name, version);
    if (tenant === '' || name.includes('/')) return registry.find(name, version);
    return lookUpOwn(name, tenant, version);
  };
  const lookUpFolder = (resident: Resident<Serving>, name: string, version?: string): Lookup => {
    const own = resident.value.description.version;
    const problem =
      version === undefined || version === own ? registry.findApart(name, FOLDER) : noSuchVersion(name, version, [own]);
    if (!problem) return { kind: 'found', resident };
    memory.done(resident);
    return problem;
  };
  /** A tenant's own model of that name goes before everybody's. */
  const lookUpOwn = async (name: string, tenant: string, version?: string) => {
    const own = await registry.find(`${tenant}/${name}`, version);
    return own.kind === 'unknown' ? registry.find(name, version) : own;
  };
  const names: Server['names'] = (tenant) => catalogue.names(tenant).catch(() => []);
  const isReady = (): boolean => loaded || folders.loaded.length > 0;

  return {
    infer: createInfer({
      lookUp,
      done: memory.done,
      unload: (key) => void memory.remove(key),
      metrics,
      tenancy,
      ...(predictions && { remember: predictions.record }),
    }),
    lookUp,
    done: memory.done,
    registry,
    folders,
    tenancy,
    defaultModel: options.defaultModel,
    targetContainer: createTargetContainers({ catalogue, objects, prefix }),
    names,
    modelNames: async () => [...folders.loaded.map(({ name }) => name), ...(await names()).map(showModelName)],
    async preload() {
      const found = await catalogue.names();
      const results = [];
      for (const name of found) {
        const lookup = await registry.find(showModelName(name));
        if (lookup.kind === 'found') memory.done(lookup.resident);
        results.push(lookup.kind);
      }
      const others = (await objects.folders(`${prefix}tenants/`)).length > 0;
      loaded = options.readyWhenEmpty || results.includes('found') || (others && !results.includes('unavailable'));
      return loaded;
    },
    ready: isReady,
    async refresh() {
      await catalogue.refresh();
      metrics.logTo(log, 'inference');
    },
    loadedKeys: () => memory.keys,
    runnerPids: () => runners.pids,
    metricsText: () =>
      metrics.toText({
        waiting_rows: executor.waitingRows,
        models_in_memory: memory.keys.length,
        memory_bytes: memory.bytes,
        disk_bytes: disk.bytes,
        evictions_total: memory.evictions,
        models_set_apart: quarantine.size,
        predictions_written_total: predictions?.counts.written ?? 0,
        predictions_dropped_total: predictions?.counts.dropped ?? 0,
        predictions_waiting: predictions?.counts.waiting ?? 0,
        runner_processes: runners.pids.length,
        resident_bytes: process.memoryUsage.rss(),
      }),
    async stop() {
      await predictions?.stop();
      await runners.stop();
      await rm(share.folder, { recursive: true, force: true });
    },
  };
}
