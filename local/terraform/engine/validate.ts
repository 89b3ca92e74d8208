import type { Path } from '../protocol/diagnostics.ts';
import { isList, isValues, UNKNOWN, type Value, type Values } from '../schema/value.ts';
import type { Problem, Rules } from './definition.ts';

/** Checks a configuration as the real provider does before it plans. Unknown values pass. */
export function validateConfig(rules: Rules, config: Values): readonly Problem[] {
  const enumerations = Object.entries(rules.oneOf ?? {}).flatMap(([path, allowed]) =>
    valuesAt(config, path.split('.')).flatMap((found) => checkOneOf(found, allowed)),
  );
  return [
    ...enumerations,
    ...(rules.json ?? []).flatMap((name) => checkJson(config, name)),
    ...(rules.validate?.(config) ?? []),
  ];
}

interface Found {
  readonly path: Path;
  readonly value: Value;
}

function checkOneOf({ path, value }: Found, allowed: readonly string[]): Problem[] {
  if (typeof value !== 'string' || allowed.includes(value)) return [];
  const name = path.at(-1);
  return [{ path, summary: `expected ${name} to be one of ${JSON.stringify(allowed)}, got ${value}`, detail: '' }];
}

function checkJson(config: Values, name: string): Problem[] {
  const value = config[name];
  if (typeof value !== 'string' || value === '') return [];
  try {
    JSON.parse(value);
    return [];
  } catch (error) {
    return [{ path: [name], summary: `"${name}" contains an invalid JSON: ${(error as Error).message}`, detail: '' }];
  }
}

/** Every value that a dotted path leads to; blocks that repeat are walked through one by one. */
function valuesAt(values: Values, names: readonly string[], prefix: Path = []): Found[] {
  const [name = '', ...rest] = names;
  const value: Value = values[name] ?? null;
  const path = [...prefix, name];
  if (rest.length === 0) {
    return isList(value) ? value.map((item, index) => ({ path: [...path, index], value: item })) : [{ path, value }];
  }
  const elements: readonly Value[] = isList(value) ? value : [value];
  return elements.flatMap((element: Value, index) =>
    isValues(element) ? valuesAt(element, rest, isList(value) ? [...path, index] : path) : [],
  );
}

/** At most one of the attributes may be set. What is unknown may turn out to be null. */
export function conflicting(config: Values, names: readonly string[]): Problem[] {
  const set = names.filter((name) => isSet(config[name]) && !(isList(config[name]) && config[name].length === 0));
  return set.slice(1).map((name) => ({
    path: [name],
    summary: 'Conflicting configuration arguments',
    detail: `"${name}": conflicts with ${set[0]}`,
  }));
}

/** Exactly one of the attributes has to be set; an unknown one may be it. */
export function exactlyOne(config: Values, names: readonly string[]): Problem[] {
  const set = names.filter((name) => isSet(config[name]));
  const mayBeOne = set.length === 0 && names.some((name) => config[name] === UNKNOWN);
  if (set.length === 1 || mayBeOne) return [];
  const detail = `one of \`${names.join(',')}\` must be specified${set.length > 1 ? `, but ${set.join(' and ')} were` : ''}`;
  return [{ path: [], summary: 'Invalid combination of arguments', detail }];
}

const isSet = (value: Value | undefined): boolean => (value ?? null) !== null && value !== UNKNOWN;
