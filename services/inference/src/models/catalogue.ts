/**
 * What the store says about models: which versions there are and which one serves. Read when somebody asks, remembered, and read again
 * after something changed. When the store does not answer, what is remembered serves on.
 */
import type { ObjectSource } from '../../../kit/aws/objects.ts';
import type { Log } from '../../../kit/log.ts';
import { type ModelName, parseModelName } from '../../../kit/model/name.ts';
import { CHANGES_KEY, listNames, type ModelVersions, readVersions } from '../../../kit/model/store.ts';

export interface Catalogue {
  /** Undefined when there is no such model. @throws StoreAway when the store does not answer and nothing is remembered */
  find(name: string): Promise<ModelVersions | undefined> | ModelVersions | undefined;
  /** Names of models: everybody's, or those of a tenant. @throws StoreAway */
  names(tenant?: string): Promise<ModelName[]>;
  /** Looks whether anything changed; what is remembered is then read again by whoever asks next. Never throws. */
  refresh(): Promise<void>;
}

/** The store of models does not answer. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
}

export interface CatalogueOptions {
  readonly objects: ObjectSource;
  readonly prefix: string;
  readonly log: Log;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

interface Remembered {
  readonly versions: ModelVersions | undefined;
  readonly generation: number;
  readonly readAt: number;
}

/** Objects that something else than our tools wrote announce no change. */
const OLDEST_MILLISECONDS = 300_000;
/** A model that is not there may be about to be published. */
const MISSING_MILLISECONDS = 5_000;
/** Asking for made-up names must not fill the memory. */
const MAXIMUM_REMEMBERED = 20_000;

export function createCatalogue({ objects, prefix, log, now = () => performance.now() }: CatalogueOptions): Catalogue {
  const remembered = new Map<string, Remembered>();
  const reading = new Map<string, Promise<ModelVersions | undefined>>();
  let generation = 0;
  let marker: string | undefined;
  let away = false;

  const guard = async <Value>(what: string, work: () => Promise<Value>): Promise<Value> => {
    try {
      const value = await work();
      if (away) log.info('the store of models answers again');
      away = false;
      return value;
    } catch (error) {
      // Once, and not for each of a thousand requests.
      if (!away) log.warn('the store of models does not answer; what is loaded serves on', { what, error });
      away = true;
      throw new StoreAway(`the store of models does not answer; ${what} cannot be looked up now`, { cause: error });
    }
  };

  const read = (key: string, name: ModelName): Promise<ModelVersions | undefined> => {
    const running = reading.get(key);
    if (running) return running;
    const begun = { generation, readAt: now() };
    const fresh = guard(key, () => readVersions(objects, prefix, name)).finally(() => reading.delete(key));
    reading.set(key, fresh);
    return fresh.then((versions) => {
      if (remembered.size >= MAXIMUM_REMEMBERED) remembered.clear();
      remembered.set(key, { versions, ...begun });
      return versions;
    });
  };

  return {
    find(key) {
      const known = remembered.get(key);
      const name = known?.versions?.name ?? parseModelName(key);
      if (!name) return undefined;
      if (!known) return read(key, name);
      const age = now() - known.readAt;
      const current =
        known.generation === generation && age < (known.versions ? OLDEST_MILLISECONDS : MISSING_MILLISECONDS);
      if (!known.versions) return current ? undefined : read(key, name);
      // Whoever asks while it is read again is answered by the version that served until now.
      if (!current) read(key, name).catch(() => undefined);
      return known.versions;
    },
    names: (tenant) => guard('names', () => listNames(objects, prefix, tenant)),
    async refresh() {
      const bytes = await guard('changes', () => objects.read(`${prefix}${CHANGES_KEY}`)).catch(() => undefined);
      const found = bytes && Buffer.from(bytes).toString();
      if (found === undefined || found === marker) return;
      if (marker !== undefined || remembered.size > 0) generation += 1;
      marker = found;
    },
  };
}
