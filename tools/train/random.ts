/** A source of numbers in [0, 1) that is the same on every machine and every run. */
export type Random = () => number;

/**
 * Mulberry32: 32 bits of state, enough for shuffling and initial weights.
 * @param seed any whole number; equal seeds give equal sequences
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = copy[last] as Item;
    copy[last] = copy[other] as Item;
    copy[other] = kept;
  }
  return copy;
}
