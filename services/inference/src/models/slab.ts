/** The weights of all members of a family, in as much memory as they need. */
import type { FamilyWeight } from '../../../kit/model/family-weights.ts';

export interface Slab {
  /** Grows with the members. */
  readonly capacity: number;
  readonly used: number;
  /** One per weight, `capacity` rows each. */
  readonly arrays: readonly Float32Array[];
  /** @param values bytes of float32 numbers, one list per weight */
  add(values: readonly Uint8Array[]): number;
  remove(slot: number): void;
  /** Gives memory back that no member needs. Nobody may be computing with the arrays. */
  shrink(): void;
}

const FIRST_CAPACITY = 64;
/** Address space for the members of one family; memory is taken only for those that are there. Larger families move. */
const RESERVED_BYTES = 2 ** 29;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** @param reserved bytes per weight up to which arrays grow where they are: to copy them would hold everybody up */
export function createSlab(weights: readonly FamilyWeight[], reserved = RESERVED_BYTES): Slab {
  const allocate = (capacity: number): Float32Array<ArrayBuffer>[] =>
    weights.map(({ length }) => {
      const bytes = capacity * length * FLOAT_BYTES;
      return new Float32Array(new ArrayBuffer(bytes, { maxByteLength: Math.max(bytes, reserved) }));
    });
  let capacity = FIRST_CAPACITY;
  let arrays = allocate(capacity);
  const free: number[] = [];
  let end = 0;

  const resize = (wanted: number): void => {
    const bytesOf = (index: number): number => wanted * (weights[index]?.length ?? 0) * FLOAT_BYTES;
    if (arrays.some(({ buffer }, index) => bytesOf(index) > buffer.maxByteLength)) {
      const larger = allocate(wanted);
      for (const [index, array] of arrays.entries()) larger[index]?.set(array);
      arrays = larger;
    } else for (const [index, { buffer }] of arrays.entries()) buffer.resize(bytesOf(index));
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
      if (slot >= capacity) resize(capacity + Math.max(FIRST_CAPACITY, Math.floor(capacity / 4)));
      for (const [index, { buffer }] of arrays.entries()) {
        const bytes = values[index] as Uint8Array;
        new Uint8Array(buffer, slot * bytes.length, bytes.length).set(bytes);
      }
      return slot;
    },
    remove(slot) {
      free.push(slot);
      free.sort((one, other) => other - one);
      while (free[0] === end - 1) {
        free.shift();
        end -= 1;
      }
    },
    shrink() {
      if (capacity > FIRST_CAPACITY && end <= capacity / 2) resize(Math.max(FIRST_CAPACITY, end));
    },
  };
}
