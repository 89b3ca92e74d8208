import { isJson, type Json } from './types.ts';

const JSON_SUFFIX = '#json';

/** Everything that stands at a path; nothing (an empty list) when it is absent. The empty path is the resource itself. */
export function select(resource: unknown, path: string): readonly unknown[] {
  if (path === '') return [resource];
  return path
    .split('.')
    .reduce<readonly unknown[]>((found, segment) => found.flatMap((one) => step(one, segment)), [resource]);
}

/** The objects that should hold the last part of a path. */
export const holders = (resource: unknown, path: string): readonly Json[] => {
  const end = path.lastIndexOf('.');
  return objects(end < 0 ? [resource] : select(resource, path.slice(0, end)));
};

/** The last part of a path, without its suffix. */
export const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** Objects among values and lists of values. */
export const objects = (values: readonly unknown[]): readonly Json[] => flat(values).filter(isJson);

/** Lists within lists as one list, without what is absent. */
export const flat = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.flatMap(flat) : [value];
};

function step(value: unknown, segment: string): readonly unknown[] {
  const isText = segment.endsWith(JSON_SUFFIX);
  const name = isText ? segment.slice(0, -JSON_SUFFIX.length) : segment;
  return objects([value])
    .map((one) => one[name])
    .filter((one) => one !== undefined && one !== null)
    .flatMap((one) => (isText ? parsed(one) : [one]));
}

/** The value behind JSON text; nothing when it cannot be read, so that a rule about it fails. */
function parsed(value: unknown): readonly unknown[] {
  if (typeof value !== 'string') return [value];
  try {
    return [JSON.parse(value)];
  } catch {
    return [];
  }
}

/** A copy of the resource in which `change` has been made to every object that holds the last part of the path. */
export function edit(
  resource: Json,
  path: string,
  change: (holder: Record<string, unknown>, name: string) => void,
): Json {
  const copy = structuredClone(resource) as Record<string, unknown>;
  walk(copy, path.split('.'), change);
  return copy;
}

function walk(
  value: unknown,
  [segment = '', ...rest]: readonly string[],
  change: (holder: Record<string, unknown>, name: string) => void,
): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, [segment, ...rest], change);
    return;
  }
  if (!isJson(value)) return;
  const holder = value as Record<string, unknown>;
  const name = segment.replace(JSON_SUFFIX, '');
  if (rest.length === 0) change(holder, name);
  else if (segment.endsWith(JSON_SUFFIX)) {
    const [inner] = parsed(holder[name] ?? '{}');
    walk(inner, rest, change);
    holder[name] = JSON.stringify(inner);
  } else {
    holder[name] ??= {};
    walk(holder[name], rest, change);
  }
}
