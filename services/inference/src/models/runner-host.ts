/**
 * Models that are large, or of which nobody knows whether they end, compute in processes of their own. Loading one there stops nobody,
 * one that hangs or takes all memory is ended with its process, and what it held is given back for certain.
 */
import type { Executor } from '../batching/executor.ts';
import { createPacker, type PackBatch, unpackBatch } from '../batching/pack.ts';
import { type BatchResult, ModelUnavailable, type Waiting } from '../batching/waiting.ts';
import {
  CallFailed,
  type RunnerCommand,
  RunnerEnded,
  type RunnerLimits,
  type RunnerProcess,
  startRunner,
} from '../runner/process.ts';
import { decodeTensors, encodeTensors } from '../runner/protocol.ts';
import type { Host, LocalModel } from './host.ts';

export interface RunnerHostOptions {
  readonly command: RunnerCommand;
  readonly limits: RunnerLimits;
  /** Processes at most. */
  readonly runners: number;
  readonly createExecutor: () => Executor;
  /** Told when a model made its process end, by key. */
  readonly onGuilty: (key: string, reason: string) => void;
}

/** One place for a process: it may end and another one take its place. */
interface Place {
  readonly executor: Executor;
  readonly packBatch: PackBatch;
  process: RunnerProcess | undefined;
  /** Models that belong here, and into which process each is loaded. */
  readonly models: Map<string, RunnerProcess | undefined>;
  /** Rows answered lately: who is busy gets no further models, so that loading one delays nobody. */
  load: number;
}

const OVERHEAD_BYTES = 300_000;
const SHARE_OF_FILE = 1.3;
/** Memory that a model takes in a process of its own, about. @param bytes of its file */
export const runnerBytes = (bytes: number): number => OVERHEAD_BYTES + Math.ceil(bytes * SHARE_OF_FILE);
/** Others that end the process on which a model waits do so once each. */
const ATTEMPTS = 4;
const DECAY = 0.5;
const DECAY_MILLISECONDS = 5_000;

interface Loaded {
  readonly runner: RunnerProcess;
  readonly firstRun: number;
}

export interface RunnerHost extends Host {
  /** Processes that run. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export function createRunnerHost(options: RunnerHostOptions): RunnerHost {
  const places: Place[] = [];
  const decay = setInterval(() => {
    for (const place of places) place.load *= DECAY;
  }, DECAY_MILLISECONDS).unref();

  const choose = (): Place => {
    const calmest = places.reduce<Place | undefined>(
      (best, one) => (!best || one.load < best.load ? one : best),
      undefined,
    );
    if (calmest && (calmest.load === 0 || places.length >= options.runners)) return calmest;
    const added: Place = {
      executor: options.createExecutor(),
      packBatch: createPacker(),
      process: undefined,
      models: new Map(),
      load: 0,
    };
    places.push(added);
    return added;
  };

  /** Loads a model into the place's process, also again after that was replaced; `firstRun` are the milliseconds of its first answer then. */
  const ensureLoaded = async (place: Place, { key, path, bytes, description }: LocalModel): Promise<Loaded> => {
    if (!place.process || place.process.ended) place.process = startRunner(options.command, options.limits);
    const runner = place.process;
    if (place.models.get(key) === runner) return { runner, firstRun: 0 };
    const { reply } = await runner.call({ load: { key, path, bytes, description } });
    place.models.set(key, runner);
    return { runner, firstRun: reply.firstRun ?? 0 };
  };

  const guard = async <Value>(key: string, work: () => Promise<Value>): Promise<Value> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof RunnerEnded)) throw error;
        // A model that ends its process does so again; one whose process somebody else killed does not.
        const again = error.guilty ? error.byItself && attempt === 1 : attempt < ATTEMPTS;
        if (again) continue;
        if (error.guilty) options.onGuilty(key, error.message);
        throw new ModelUnavailable(error.message);
      }
    }
  };

  const run = (place: Place, model: LocalModel, batch: readonly Waiting[]): Promise<BatchResult> =>
    guard(model.key, async () => {
      const { runner } = await ensureLoaded(place, model).catch(explainReload);
      const { inputs, rows } = place.packBatch(batch);
      const { tensors, parts } = encodeTensors(inputs);
      const packedAt = performance.now();
      const { reply, bytes } = await runner.call({ run: model.key, tensors }, parts);
      place.load += rows;
      return { outputs: unpackBatch(decodeTensors(reply.tensors ?? [], bytes), batch, rows), packedAt };
    });

  const release = async (place: Place, key: string): Promise<void> => {
    const runner = place.models.get(key);
    place.models.delete(key);
    if (!runner || runner.ended) return;
    // An empty process goes as a whole: nothing gives memory back more surely.
    if (place.models.size === 0) await runner.end();
    else await runner.call({ unload: key }).catch(() => undefined);
  };

  return {
    get pids() {
      return places.flatMap(({ process }) => (process?.pid !== undefined && !process.ended ? [process.pid] : []));
    },
    async load(model) {
      const place = choose();
      place.models.set(model.key, undefined);
      let firstRun: number;
      try {
        ({ firstRun } = await guard(model.key, () => ensureLoaded(place, model)));
      } catch (error) {
        await release(place, model.key);
        if (error instanceof CallFailed || error instanceof ModelUnavailable)
          return { ok: false, error: error.message };
        throw error;
      }
      const lane = place.executor.lane((batch) => run(place, model, batch), model.description.tenant);
      const bytes = runnerBytes(model.bytes);
      const freed = () => release(place, model.key);
      return { ok: true, value: { kind: 'runner', lane, slot: 0, bytes, firstRun, release: freed } };
    },
    async stop() {
      clearInterval(decay);
      await Promise.all(places.map(({ process }) => process?.end()));
    },
  };
}

/** Its file may have left the disk since it was loaded first: whoever asks next has it fetched anew. */
function explainReload(error: unknown): never {
  throw error instanceof CallFailed ? new ModelUnavailable('its process ended and it has to be loaded again') : error;
}
