import { setTimeout as pause } from 'node:timers/promises';

/** How many keys one call takes, and what it answers for those that exist. */
export interface Batch<Key, Value> {
  readonly limit: number;
  readonly ask: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;
}

interface Open<Key, Value> {
  readonly keys: Set<Key>;
  readonly answers: Promise<ReadonlyMap<Key, Value>>;
}

/** Milliseconds that a question waits for others. */
const WINDOW_MS = 4;

/**
 * Puts questions that are asked at about the same time in one call: services that are watched side by side would otherwise run into the
 * API's rate limits. Resolves to undefined for what does not exist. No answer is older than its question: the call begins after it.
 */
export function batched<Key, Value>({ limit, ask }: Batch<Key, Value>): (key: Key) => Promise<Value | undefined> {
  let open: Open<Key, Value> | undefined;
  const begin = (): Open<Key, Value> => {
    const keys = new Set<Key>();
    const answers = pause(WINDOW_MS).then(() => {
      if (open?.keys === keys) open = undefined;
      return ask([...keys]);
    });
    return { keys, answers };
  };
  return async (key) => {
    if (open === undefined || (open.keys.size === limit && !open.keys.has(key))) open = begin();
    open.keys.add(key);
    return (await open.answers).get(key);
  };
}
