/** The models of this process: loaded once at start, kept until it ends. */
import type { ObjectStore } from '../../kit/aws/objects.ts';
import type { Log } from '../../kit/log.ts';
import { loadModel, type Model } from '../../kit/model/session.ts';
import { listModels, type ModelAddress, readModel } from '../../kit/model/store.ts';
import type { ErrorReporter } from '../../kit/sentry.ts';
import { type Batcher, type BatchLimits, createBatcher } from './batcher.ts';

export interface LoadedVersion {
  readonly model: Model;
  readonly batcher: Batcher;
}

/** One version in the bucket; `reason` says why it cannot be served. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly loaded?: LoadedVersion;
  readonly reason?: string;
}

export type Lookup =
  | { readonly kind: 'found'; readonly loaded: LoadedVersion; readonly versions: readonly string[] }
  | { readonly kind: 'unknown'; readonly error: string }
  | { readonly kind: 'unavailable'; readonly error: string };

export interface Repository {
  /** Loads what is in the bucket. A broken version is said in the log and skipped. @throws when the bucket cannot be read */
  load(): Promise<void>;
  /** True once the bucket was read and at least one model can answer. */
  ready(): boolean;
  /** Every version, by name and then newest first. */
  index(): readonly IndexEntry[];
  /** @param version absent: the newest that could be loaded */
  find(name: string, version?: string): Lookup;
}

export interface RepositoryOptions extends BatchLimits {
  readonly objects: ObjectStore;
  /** What every key of the models starts with. */
  readonly prefix: string;
  readonly log: Log;
  readonly reporter: ErrorReporter;
}

export function createRepository(options: RepositoryOptions): Repository {
  let entries: readonly IndexEntry[] = [];
  return {
    async load() {
      const loaded: IndexEntry[] = [];
      for (const address of await listModels(options.objects, options.prefix))
        loaded.push(await loadEntry(address, options));
      entries = loaded;
    },
    ready: () => entries.some(({ loaded }) => loaded),
    index: () => entries,
    find(name, version) {
      const versions = entries.filter((entry) => entry.name === name);
      if (versions.length === 0) return { kind: 'unknown', error: `there is no model ${name}` };
      const candidates = versions.filter((entry) => version === undefined || entry.version === version);
      if (candidates.length === 0)
        return {
          kind: 'unknown',
          error: `${name} has no version ${version}, only ${versions.map((entry) => entry.version).join(', ')}`,
        };
      const loaded = candidates.find((entry) => entry.loaded)?.loaded;
      if (!loaded)
        return {
          kind: 'unavailable',
          error: `${name} ${candidates[0]?.version} cannot be served: ${candidates[0]?.reason}`,
        };
      return {
        kind: 'found',
        loaded,
        versions: versions.filter((entry) => entry.loaded).map((entry) => entry.version),
      };
    },
  };
}

async function loadEntry(
  address: ModelAddress,
  { objects, log, reporter, ...limits }: RepositoryOptions,
): Promise<IndexEntry> {
  const { name, version } = address;
  const started = performance.now();
  const files = await readModel(objects, address);
  const model = files.ok ? await loadModel(files.value) : files;
  if (!model.ok) {
    log.error('model skipped', { model: name, version, reason: model.error });
    reporter.capture(new Error(`model skipped: ${model.error}`));
    return { name, version, reason: model.error };
  }
  log.info('model loaded', { model: name, version, milliseconds: Math.round(performance.now() - started) });
  return { name, version, loaded: { model: model.value, batcher: createBatcher(model.value, limits) } };
}
