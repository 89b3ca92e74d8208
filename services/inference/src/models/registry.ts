/** From a model's name to a model that answers: found in the catalogue, fetched to the disk, loaded by the host that suits it. */
import { existsSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { Log } from '../../../kit/log.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import { isFrugal } from '../../../kit/model/frugal.ts';
import { createResponseWriter } from '../../../kit/model/inference-response.ts';
import { showModelName } from '../../../kit/model/name.ts';
import { readGraph } from '../../../kit/model/onnx-read.ts';
import { addressOf, type ModelAddress, type ModelVersions } from '../../../kit/model/store.ts';
import type { Result } from '../../../kit/result.ts';
import type { ErrorReporter } from '../../../kit/sentry.ts';
import { postprocess } from '../postprocess.ts';
import { rowBytes } from '../requests/answer-size.ts';
import { type Catalogue, StoreAway } from './catalogue.ts';
import type { Disk, DiskModel } from './disk.ts';
import type { FamilyHost } from './family-host.ts';
import { createFetch } from './fetch.ts';
import type { Host, Hosted, ReadModel } from './host.ts';
import { type Lookup, noSuchVersion, shorten, unavailable } from './lookup.ts';
import type { Load, Memory, Resident } from './memory.ts';
import type { Quarantine } from './quarantine.ts';
import { runnerBytes } from './runner-host.ts';

/** A model that answers, with what its requests are read and its answers are written with. */
export interface Serving extends Hosted {
  readonly key: string;
  readonly name: string;
  readonly description: ModelDescription;
  readonly write: ReturnType<typeof createResponseWriter>;
  /** Requests of different sizes besides the rows cannot share a run. */
  readonly sizesVary: boolean;
  /** Of the answer, for each row. */
  readonly rowBytes: number;
}

export interface Registry {
  /** @param version absent: the one that serves; when that one is broken, the newest before it that is not */
  find(name: string, version?: string): Promise<Lookup> | Lookup;
  /** Loads a model that is already on this machine. @param name what it is called here; its versions are nobody's business */
  open(name: string, model: DiskModel): Promise<Result<Resident<Serving>> | 'full'>;
  /** Versions of a model without loading it. */
  versions(name: string): Promise<ModelVersions | undefined>;
  /** Why a version is not to be asked now; undefined when it may be. */
  findApart(name: string, version: string): Lookup | undefined;
  /** What is wrong with a version, as far as is known. */
  problem(name: string, version: string): string | undefined;
  unload(key: string): Promise<boolean>;
  /** Milliseconds that the first answers took of all models that were loaded until now. */
  readonly firstRuns: number;
  /** A model made its process end, or could not be loaded again. */
  blame(key: string, reason: string): void;
}

export interface RegistryOptions {
  readonly catalogue: Catalogue;
  readonly disk: Disk;
  readonly memory: Memory<Serving>;
  readonly quarantine: Quarantine;
  readonly hosts: { readonly inline: Host<ReadModel>; readonly family: FamilyHost; readonly runner: Host };
  readonly prefix: string;
  readonly log: Log;
  readonly reporter: ErrorReporter;
}

/** The version, for the keys of models that were loaded from a folder. */
export const FOLDER = 'folder';
/** Of a model that is not here yet; once it is, others leave for what it takes more. */
const EXPECTED_BYTES = 250_000;
const ROOM = { expectedBytes: EXPECTED_BYTES, milliseconds: 10_000 } as const;
const MILLISECONDS = 1000;
const STORE_RETRY_SECONDS = 2;
/** How many older versions are tried when the newest are broken. */
const FALLBACKS = 3;

export function createRegistry(options: RegistryOptions): Registry {
  const { catalogue, disk, memory, quarantine, hosts, prefix, log, reporter } = options;
  /** By name: the key of the version that answered who asked for none. */
  const lastServed = new Map<string, string>();
  let firstRuns = 0;

  const place = async (model: ReadModel): Promise<Result<Hosted>> => {
    if (model.description.tenant === undefined)
      return (isFrugal(model.graph) ? hosts.inline : hosts.runner).load(model);
    const member = hosts.family.read(model);
    if (!member) return hosts.runner.load(model);
    await turn();
    return hosts.family.load(member);
  };

  const load = (address: ModelAddress, reserve: Reserve): Promise<Result<Serving> | 'full'> =>
    fetchAndHost(address, reserve).finally(() => disk.letGo(address));

  const fetchFiles = createFetch(disk, log);

  const fetchAndHost = async (address: ModelAddress, reserve: Reserve): Promise<Result<Serving> | 'full'> => {
    const key = keyOf(address.name, address.version);
    const started = performance.now();
    let local = await fetchFiles(address);
    // For small ones what was expected is enough. Large ones wait for room without keeping others off the disk.
    if (local.ok && !local.value.onnx) {
      disk.letGo(address);
      if (!(await reserve(runnerBytes(local.value.bytes)))) return 'full';
      local = await fetchFiles(address);
    }
    const serving = local.ok ? await host(key, address.name, local.value) : local;
    if (serving.ok) {
      const milliseconds = Math.round(performance.now() - started);
      log.info('model loaded', { model: key, host: serving.value.kind, milliseconds });
      return serving;
    }
    if (local.ok && !existsSync(local.value.path))
      throw new StoreAway(`${key} left the disk while it was being loaded; try again`);
    await disk.forget(address);
    blame(key, serving.error);
    return serving;
  };

  const host = async (key: string, name: string, files: DiskModel): Promise<Result<Serving>> => {
    const { onnx, ...local } = files;
    const hosted = onnx ? await hostSmall({ key, ...local, onnx }) : await hosts.runner.load({ key, ...local });
    if (!hosted.ok) return hosted;
    firstRuns += hosted.value.firstRun;
    return { ok: true, value: toServing(hosted.value, { key, name, description: files.description }) };
  };

  const hostSmall = async (model: Omit<ReadModel, 'graph'>): Promise<Result<Hosted>> => {
    const graph = readGraph(model.onnx);
    if (!graph.ok) return graph;
    // Requests have their turn between the steps of loading.
    await turn();
    return place({ ...model, graph: graph.value });
  };

  const blame = (key: string, reason: string): void => {
    quarantine.add(key, reason);
    log.error('model set apart', { model: key, reason });
    reporter.capture(new Error(`model ${key} set apart: ${reason}`));
    void memory.remove(key);
  };

  const findApart = (name: string, version: string): Lookup | undefined => {
    const apart = quarantine.find(keyOf(name, version));
    const shown = version === FOLDER ? name : `${name} ${version}`;
    return apart && unavailable(`${shown} cannot be served: ${apart.reason}`, apart.until - performance.now());
  };

  const findVersion = async (versions: ModelVersions, version: string): Promise<Lookup> => {
    const name = showModelName(versions.name);
    const key = keyOf(name, version);
    const apart = findApart(name, version);
    if (apart) return apart;
    const address = addressOf(prefix, versions.name, version);
    const found = memory.find(key) ?? (await memory.load(key, (reserve) => load(address, reserve), ROOM));
    if (found === 'full')
      return { kind: 'full', error: `there is no room for ${name} ${version}; all models in memory are in use` };
    if ('holders' in found) return { kind: 'found', resident: found };
    if (found.ok) return { kind: 'found', resident: found.value };
    return unavailable(`${name} ${version} cannot be served: ${found.error}`, MILLISECONDS);
  };

  const search = async (name: string, known: ModelVersions | undefined, version?: string): Promise<Lookup> => {
    if (!known) return { kind: 'unknown', error: `there is no model ${shorten(name)}` };
    if (version !== undefined && !known.versions.includes(version)) return noSuchVersion(name, version, known.versions);
    if (version !== undefined) return findVersion(known, version);
    const lookup = await findServing(known);
    if (lookup.kind === 'found') lastServed.set(name, lookup.resident.value.key);
    return lookup;
  };

  const findServing = async (known: ModelVersions): Promise<Lookup> => {
    const next = known.versions.indexOf(known.current) + 1;
    const older = known.versions.slice(next, next + FALLBACKS - 1);
    let lookup = await findVersion(known, known.current);
    for (const candidate of older) {
      if (lookup.kind !== 'unavailable') break;
      const other = await findVersion(known, candidate);
      if (other.kind === 'found') lookup = other;
    }
    return lookup;
  };

  /** Whoever asks while the version that serves from now on is being loaded is answered by the one that served until now. */
  const findEarlier = (name: string, known: ModelVersions): Resident<Serving> | undefined => {
    const key = lastServed.get(name);
    if (key === undefined || quarantine.find(keyOf(name, known.current))) return undefined;
    const resident = memory.find(key);
    if (!resident) lastServed.delete(name);
    else search(name, known).then(letGo, () => undefined);
    return resident;
  };
  const letGo = (lookup: Lookup): void => {
    if (lookup.kind === 'found') memory.done(lookup.resident);
  };

  const find: Registry['find'] = (name, version) => {
    const known = catalogue.find(name);
    if (known instanceof Promise) return known.then((versions) => search(name, versions, version)).catch(explainAway);
    const resident =
      known &&
      (memory.find(keyOf(name, version ?? known.current)) ??
        (version === undefined ? findEarlier(name, known) : undefined));
    return resident ? { kind: 'found', resident } : search(name, known, version).catch(explainAway);
  };

  return {
    find,
    open: (name, model) =>
      memory.load(keyOf(name, FOLDER), () => host(keyOf(name, FOLDER), name, model), {
        expectedBytes: EXPECTED_BYTES + model.bytes,
        milliseconds: 0,
      }),
    versions: async (name) => catalogue.find(name),
    findApart,
    problem: (name, version) => quarantine.find(keyOf(name, version))?.reason,
    unload: (key) => memory.remove(key),
    get firstRuns() {
      return firstRuns;
    },
    blame,
  };
}

const keyOf = (name: string, version: string): string => `${name}@${version}`;

function explainAway(error: unknown): Lookup {
  if (error instanceof StoreAway)
    return { kind: 'unavailable', error: error.message, retrySeconds: STORE_RETRY_SECONDS };
  throw error;
}

type Reserve = Parameters<Load<Serving>>[0];

interface Loaded {
  readonly key: string;
  readonly name: string;
  readonly description: ModelDescription;
}

function toServing(hosted: Hosted, { key, name, description }: Loaded): Serving {
  return {
    ...hosted,
    key,
    name,
    description,
    write: createResponseWriter(description, postprocess),
    rowBytes: rowBytes(description.outputs),
    sizesVary: description.inputs.some(({ shape }) => shape.slice(1).some((size) => size < 0)),
  };
}
