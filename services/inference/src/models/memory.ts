/** Models in memory: each loaded once however many ask for it, the least recently used one leaves first, none while it is in use. */
import type { Result } from '../../../kit/result.ts';
import type { Hosted } from './host.ts';

/** A model in memory; whoever uses it holds it until done. */
export interface Resident<Value extends Hosted = Hosted> {
  readonly value: Value;
  holders: number;
}

export interface Memory<Value extends Hosted> {
  /** The model, held for the caller and marked as used just now. */
  find(key: string): Resident<Value> | undefined;
  /** @returns the model, held for the caller, when it is loaded; `full` when there is no room that could be made */
  load(
    key: string,
    load: () => Promise<Result<Value>>,
    expectedBytes: number,
  ): Promise<Result<Resident<Value>> | 'full'>;
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
  let bytes = 0;
  let evictions = 0;

  const release = async (resident: Resident<Value>): Promise<void> => {
    leaving.delete(resident);
    bytes -= resident.value.bytes;
    await resident.value.release();
  };

  const done = (resident: Resident<Value>): void => {
    resident.holders -= 1;
    if (resident.holders === 0 && leaving.has(resident)) void release(resident);
  };

  const remove = async (key: string): Promise<boolean> => {
    const resident = residents.get(key);
    if (!resident) return false;
    residents.delete(key);
    if (resident.holders === 0) await release(resident);
    else leaving.add(resident);
    return true;
  };

  const makeRoom = async (wanted: number): Promise<boolean> => {
    for (const [key, { holders }] of residents) {
      if (bytes + wanted <= maximumBytes) break;
      if (holders > 0) continue;
      evictions += 1;
      await remove(key);
    }
    return bytes + wanted <= maximumBytes;
  };

  const begin = async (
    key: string,
    load: () => Promise<Result<Value>>,
    expected: number,
  ): Promise<Result<Resident<Value>> | 'full'> => {
    if (!(await makeRoom(expected))) return 'full';
    const loaded = await load();
    if (!loaded.ok) return loaded;
    // Held until everybody who waited for it had a chance to hold it.
    const resident: Resident<Value> = { value: loaded.value, holders: 1 };
    setImmediate(() => done(resident));
    bytes += loaded.value.bytes;
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
    async load(key, load, expectedBytes) {
      const running = loading.get(key) ?? begin(key, load, expectedBytes).finally(() => loading.delete(key));
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
