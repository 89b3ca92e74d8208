import type { ResourceChangeJson } from './read.ts';
import type { AttributeChange } from './types.ts';

type Change = ResourceChangeJson['change'];

const LONGEST = 80;
const UNKNOWN = '(known after apply)';
const SENSITIVE = '(sensitive)';

/** Leaves of the two trees that differ, in the order of their names; values that cannot be told, and secrets, stay covered. */
export function attributeChanges(change: Change): AttributeChange[] {
  const before = leaves(change.before);
  const after = leaves(change.after);
  const unknown = new Set([...leaves(change.after_unknown)].flatMap(([path, value]) => (value === true ? [path] : [])));
  const sensitive = coveredBy([change.before_sensitive, change.after_sensitive]);
  const forcing = (change.replace_paths ?? []).map((path) => path.join('.'));
  const paths = [...new Set([...before.keys(), ...after.keys(), ...unknown])].sort();
  return paths.flatMap((path) => {
    const isUnknown = isWithin(path, unknown);
    const [old, next] = [before.get(path), isUnknown ? undefined : after.get(path)];
    const forcesReplacement = forcing.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
    // Whatever follows from a replacement (ids, ARNs) is no news.
    if ((isUnknown && !forcesReplacement) || (!isUnknown && text(old) === text(next))) return [];
    const [shownOld, shownNext] = sensitive(path) ? [SENSITIVE, SENSITIVE] : shorten(text(old), text(next));
    return [{ path, before: shownOld, after: isUnknown ? UNKNOWN : shownNext, forcesReplacement }];
  });
}

/** Path -> value of everything that is not an object or a list with something in it. */
function leaves(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map([[path, value]]);
  const parts = Object.entries(value);
  if (parts.length === 0) return path === '' ? new Map() : new Map([[path, Array.isArray(value) ? [] : {}]]);
  return new Map(parts.flatMap(([key, part]) => [...leaves(part, path === '' ? key : `${path}.${key}`)]));
}

/** Terraform marks a whole tree as sensitive by `true` at its root. */
function coveredBy(trees: readonly unknown[]): (path: string) => boolean {
  const marked = new Set(
    trees.flatMap((tree) => [...leaves(tree)].flatMap(([path, value]) => (value === true ? [path] : []))),
  );
  return (path) => marked.has('') || isWithin(path, marked);
}

const isWithin = (path: string, prefixes: ReadonlySet<string>): boolean =>
  path.split('.').some((_, index, parts) => prefixes.has(parts.slice(0, index + 1).join('.')));

/** Nothing, null and an empty collection are the same to a provider. */
function text(value: unknown): string {
  if (value === undefined || value === null || value === '') return '(nothing)';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '(nothing)' : JSON.stringify(value);
  return String(value);
}

/** Long texts are shown from a little before the place where they begin to differ. */
function shorten(one: string, other: string): [string, string] {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const start = Math.max(one.length, other.length) <= LONGEST ? 0 : Math.max(0, same - LONGEST / 4);
  const part = (whole: string): string =>
    `${start > 0 ? '…' : ''}${whole.slice(start, start + LONGEST)}${whole.length > start + LONGEST ? '…' : ''}`;
  return [part(one), part(other)];
}
