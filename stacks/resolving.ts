import { createRequire } from 'node:module';

type Resolve = (scope: unknown, value: unknown, preparing?: boolean) => unknown;

/**
 * CDKTF looks for values that Terraform fills in behind every key and value, twice, with a dozen objects for each: two fifths of the time of a synthesis. Nearly all of what it looks at is
 * plain; only what may hold such a value is left to CDKTF. Imported by cdktf.ts before anything is made.
 */
const tokens = createRequire(import.meta.url)('cdktf/lib/_tokens.js') as { resolve: Resolve };
/** CDKTF's own. */
export const resolveSlowly = tokens.resolve;

/** How such a value is written into texts, keys and lists, as text and as a number. */
const MAYBE = /TfToken|Map Token|\de\+\d/;
/** Numbers that stand for one are far below. */
const LOWEST = -1_000_000;

export const resolveQuickly: Resolve = (scope, value, preparing) => {
  const slowly = (one: unknown): unknown => resolveSlowly(scope, one, preparing);
  const resolve = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return isPlain(one) ? one : slowly(one);
    if (Array.isArray(one)) return one.every(isPlain) ? one.map(resolve).filter(isDefined) : slowly(one);
    if (Object.getPrototypeOf(one) !== Object.prototype || 'resolve' in one) return slowly(one);
    const known: Record<string, unknown> = {};
    for (const key in one) {
      if (!isPlain(key)) return slowly(one);
      const resolved = resolve(one[key as keyof typeof one]);
      if (resolved !== undefined) known[key] = resolved;
    }
    return known;
  };
  return resolve(value);
};

tokens.resolve = resolveQuickly;

function isPlain(one: unknown): boolean {
  if (typeof one === 'string') return !MAYBE.test(one);
  return typeof one === 'number' ? one > LOWEST : typeof one !== 'function';
}

const isDefined = (one: unknown): boolean => one !== undefined;
