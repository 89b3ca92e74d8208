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
    if ((isUnknown && !forcesReplacement) || (!isUnknown && same(old, next))) return [];
    const show = (value: unknown): string => (sensitive(path) ? SENSITIVE : text(value));
    return [{ path, before: show(old), after: isUnknown ? UNKNOWN : show(next), forcesReplacement }];
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
const same = (one: unknown, other: unknown): boolean => text(one) === text(other);

function text(value: unknown): string {
  if (value === undefined || value === null || value === '') return '(nothing)';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '(nothing)' : JSON.stringify(value);
  const whole = String(value);
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
}
