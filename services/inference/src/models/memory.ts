/** Models in memory: each loaded once however many ask for it, the least recently used one leaves first, none while it is in use. */
import type { Result } from '../../../kit/result.ts';
import type { Hosted } from './host.ts';

/** A model in memory; whoever uses it holds it until done. */
export interface Resident<Value extends Hosted = Hosted> {
  readonly value: Value;
  holders: number;
}

/** @param reserve to be called as soon as it is known how much the model takes; false when there is no room */
export type Load<Value> = (reserve: (bytes: number) => Promise<boolean>) => Promise<Result<Value> | 'full'>;

export interface Room {
  /** What it is thought to take before it is known. */
  readonly expectedBytes: number;
  /** How long to wait for others to be done with what is in memory. */
  readonly milliseconds: number;
}

/** More than that wait for room at the same time: whoever comes then is told at once. */
const MOST_WAITING = 100;

export interface Memory<Value extends Hosted> {
  /** The model, held for the caller and marked as used just now. */
  find(key: string): Resident<Value> | undefined;
  /** @returns the model, held for the caller, when it is loaded; `full` when there is no room that could be made */
  load(key: string, load: Load<Value>, room: Room): Promise<Result<Resident<Value>> | 'full'>;
  /** Takes it out; its memory is given back when the last holder is done. */
  remove(key: string): Promise<boolean>;
  /** What was found or loaded is not used any more. */
  done(resident: Resident<Value>): void;
  readonly keys: readonly string[];
  readonly bytes: number;
  readonly evictions: number;
}

export function createMemory<Value extends Hosted>(maximumBytes: number): Memory<Value> {
  // The least recently used one first.
  const residents = new Map<string, Resident<Value>>();
  const leaving = new Set<Resident<Value>>();
  const loading = new Map<string, Promise<Result<Resident<Value>> | 'full'>>();
  const waiting = new Set<() => void>();
  let bytes = 0;
  /** Of models that are being loaded. */
  let reserved = 0;
  let evictions = 0;

  const changed = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };

  const release = async (resident: Resident<Value>): Promise<void> => {
    leaving.delete(resident);
    bytes -= resident.value.bytes;
    await resident.value.release();
    changed();
  };

  const done = (resident: Resident<Value>): void => {
    resident.holders -= 1;
    if (resident.holders > 0) return;
    if (leaving.has(resident)) void release(resident);
    else if (bytes > maximumBytes) void makeRoom(0);
    else if (waiting.size > 0) changed();
  };

  const remove = async (key: string): Promise<boolean> => {
    const resident = residents.get(key);
    if (!resident) return false;
    residents.delete(key);
    if (resident.holders === 0) await release(resident);
    else leaving.add(resident);
    return true;
  };

  const fits = (wanted: number): boolean => bytes + reserved + wanted <= maximumBytes;

  /** Reserves what is wanted. */
  const makeRoom = async (wanted: number): Promise<boolean> => {
    for (const [key, { holders }] of residents) {
      if (fits(wanted)) break;
      if (holders > 0) continue;
      evictions += 1;
      await remove(key);
    }
    if (!fits(wanted)) return false;
    reserved += wanted;
    return true;
  };

  const waitForRoom = async (wanted: number, milliseconds: number): Promise<boolean> => {
    const end = performance.now() + milliseconds;
    while (!(await makeRoom(wanted))) {
      const left = end - performance.now();
      if (left <= 0 || wanted > maximumBytes || waiting.size >= MOST_WAITING) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
      waiting.delete(resolve);
    }
    return true;
  };

  const begin = async (
    key: string,
    load: Load<Value>,
    { expectedBytes, milliseconds }: Room,
  ): Promise<Result<Resident<Value>> | 'full'> => {
    let own = 0;
    const reserve = async (wanted: number): Promise<boolean> => {
      if (wanted <= own) return true;
      const more = wanted - own;
      if (!(await waitForRoom(more, milliseconds))) return false;
      own += more;
      return true;
    };
    const giveBack = (): void => {
      reserved -= own;
      changed();
    };
    const loaded = (await reserve(expectedBytes)) ? await load(reserve).catch((error: unknown) => ({ error })) : 'full';
    if (loaded === 'full' || 'error' in loaded) giveBack();
    if (loaded === 'full') return 'full';
    if (!('ok' in loaded)) throw loaded.error;
    if (!loaded.ok) return loaded;
    // Held until everybody who waited for it had a chance to hold it.
    const resident: Resident<Value> = { value: loaded.value, holders: 1 };
    setImmediate(() => done(resident));
    bytes += loaded.value.bytes;
    giveBack();
    residents.set(key, resident);
    await makeRoom(0);
    return { ok: true, value: resident };
  };

  return {
    find(key) {
      const resident = residents.get(key);
      if (!resident) return undefined;
      residents.delete(key);
      residents.set(key, resident);
      resident.holders += 1;
      return resident;
    },
    async load(key, load, room) {
      const running = loading.get(key) ?? begin(key, load, room).finally(() => loading.delete(key));
      loading.set(key, running);
      const loaded = await running;
      if (loaded !== 'full' && loaded.ok) loaded.value.holders += 1;
      return loaded;
    },
    remove,
    done,
    get keys() {
      return [...residents.keys()];
    },
    get bytes() {
      return bytes;
    },
    get evictions() {
      return evictions;
    },
  };
}
