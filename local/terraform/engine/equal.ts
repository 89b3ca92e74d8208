import { isDeepStrictEqual } from 'node:util';
import type { Block, CtyType } from '../schema/types.ts';
import { isList, isValues, UNKNOWN, type Value, type Values } from '../schema/value.ts';

/** When are two values of an attribute the same thing written differently? */
export type Equivalence = (left: Value, right: Value) => boolean;

/**
 * True for null and for the zero values that AWS answers for what was never set ("" , 0, false, empty collections). Like the
 * real provider, this one sees no difference among them.
 */
export function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  if (isList(value)) return value.every(isEmpty);
  return isValues(value) && Object.values(value).every(isEmpty);
}

/** Compares two values of a type; sets have no order. */
export function equalByType(type: CtyType, left: Value, right: Value): boolean {
  if (Array.isArray(type) && type[0] === 'set' && isList(left) && isList(right)) {
    return sameElements(left, right, (a, b) => equalByType(type[1], a, b));
  }
  return isDeepStrictEqual(left, right);
}

/** Compares two values of a block's nesting; sets have no order. */
export function equalBlocks(nesting: 'single' | 'list' | 'set', block: Block, left: Value, right: Value): boolean {
  const equal = (a: Value, b: Value): boolean =>
    isValues(a) && isValues(b) ? equalContent(block, a, b) : isDeepStrictEqual(a, b);
  if (!isList(left) || !isList(right)) return equal(left, right);
  if (nesting === 'set') return sameElements(left, right, equal);
  return left.length === right.length && left.every((item, index) => equal(item, right[index] ?? null));
}

function equalContent(block: Block, left: Values, right: Values): boolean {
  const attributes = Object.entries(block.attributes).every(([name, [type]]) =>
    equalByType(type, left[name] ?? null, right[name] ?? null),
  );
  return (
    attributes &&
    Object.entries(block.blocks).every(([name, nested]) =>
      equalBlocks(nested.nesting, nested.block, left[name] ?? null, right[name] ?? null),
    )
  );
}

function sameElements(left: readonly Value[], right: readonly Value[], equal: Equivalence): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every((item) => {
    const index = rest.findIndex((other) => equal(item, other));
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  });
}

/** Equal as JSON documents, where a list of one is the same as its only element and the order in a list does not count. */
export const sameJson: Equivalence = (left, right) => {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  try {
    return isDeepStrictEqual(canonical(JSON.parse(left)), canonical(JSON.parse(right)));
  } catch {
    return left === right;
  }
};

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    if (items.length === 1) return items[0];
    return items.map((item) => JSON.stringify(item)).sort();
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'boolean' ? String(value) : value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, item]) => [name, canonical(item)]));
}

/** Equal without regard to case, as host names and some enumerations are. */
export const sameIgnoringCase: Equivalence = (left, right) =>
  typeof left === 'string' && typeof right === 'string' && left.toLowerCase() === right.toLowerCase();

/** Equal without the dot that ends a fully qualified host name. */
export const sameHost: Equivalence = (left, right) =>
  typeof left === 'string' &&
  typeof right === 'string' &&
  left.replace(/\.$/, '').toLowerCase() === right.replace(/\.$/, '').toLowerCase();

/** True if an unknown value stands in for anything, or the values are equal. */
export const matches: Equivalence = (left, right) =>
  left === UNKNOWN || right === UNKNOWN || isDeepStrictEqual(left, right);
