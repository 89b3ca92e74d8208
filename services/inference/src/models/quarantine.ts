/** Models that cannot be loaded, hang or take their process with them: set apart for a while that doubles each time. */

export interface Quarantined {
  readonly reason: string;
  /** When it may be tried again. */
  readonly until: number;
}

export interface Quarantine {
  /** Why a model is set apart; undefined when it is not. */
  find(key: string): Quarantined | undefined;
  add(key: string, reason: string): Quarantined;
  /** How many are set apart now. */
  readonly size: number;
}

const FIRST_MILLISECONDS = 30_000;
const LONGEST_MILLISECONDS = 3_600_000;
const MAXIMUM_ENTRIES = 10_000;

/** @param now milliseconds of a clock that never goes back */
export function createQuarantine(now: () => number = () => performance.now()): Quarantine {
  const entries = new Map<string, Quarantined & { readonly strikes: number }>();
  return {
    get size() {
      const time = now();
      return [...entries.values()].filter(({ until }) => until > time).length;
    },
    find(key) {
      const entry = entries.get(key);
      return entry && entry.until > now() ? entry : undefined;
    },
    add(key, reason) {
      const strikes = (entries.get(key)?.strikes ?? 0) + 1;
      const until = now() + Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** (strikes - 1));
      if (entries.size >= MAXIMUM_ENTRIES) entries.clear();
      const entry = { reason, until, strikes };
      entries.set(key, entry);
      return entry;
    },
  };
}
