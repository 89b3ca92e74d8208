/** The weights of all members of a family, in as much memory as they need. */
import type { FamilyWeight } from '../../../kit/model/family-weights.ts';

export interface Slab {
  /** Grows with the members. */
  readonly capacity: number;
  readonly used: number;
  /** One per weight, `capacity` rows each. */
  readonly arrays: readonly Float32Array[];
  add(values: readonly Float32Array[]): number;
  remove(slot: number): void;
}

/** Untouched pages of a new array cost no memory, so room for some is no waste. */
const FIRST_CAPACITY = 16;

export function createSlab(weights: readonly FamilyWeight[]): Slab {
  const allocate = (capacity: number): Float32Array[] =>
    weights.map(({ length }) => new Float32Array(capacity * length));
  let capacity = FIRST_CAPACITY;
  let arrays = allocate(capacity);
  const free: number[] = [];
  let end = 0;

  const resize = (wanted: number): void => {
    const next = allocate(wanted);
    for (const [index, array] of next.entries()) {
      const old = arrays[index] as Float32Array;
      array.set(old.length > array.length ? old.subarray(0, array.length) : old);
    }
    arrays = next;
    capacity = wanted;
  };

  return {
    get capacity() {
      return capacity;
    },
    get used() {
      return end - free.length;
    },
    get arrays() {
      return arrays;
    },
    add(values) {
      const slot = free.pop() ?? end++;
      if (slot >= capacity) resize(capacity * 2);
      for (const [index, array] of arrays.entries())
        array.set(values[index] as Float32Array, slot * (weights[index]?.length ?? 0));
      return slot;
    },
    remove(slot) {
      free.push(slot);
      free.sort((one, other) => other - one);
      while (free[0] === end - 1) {
        free.shift();
        end -= 1;
      }
      if (capacity > FIRST_CAPACITY && end <= capacity / 4) resize(Math.max(FIRST_CAPACITY, capacity / 2));
    },
  };
}
