import { holds } from './operators.ts';
import { objects, select } from './paths.ts';
import { type Control, isJson, type Json } from './types.ts';

/** `{ "name": { "equals": "x" } }`: conditions on one element of a block. */
type ElementConditions = Readonly<Record<string, Json>>;

/** Looks at the blocks of a resource; returns what is wrong. */
type BlockRule = (resource: Json, control: Pick<Control, 'path' | 'value'>) => readonly string[];

/** Whether one element of a block keeps all its conditions. */
export const elementHolds = (element: unknown, conditions: unknown): boolean =>
  Object.entries((conditions ?? {}) as ElementConditions).every(([path, rules]) =>
    Object.entries(rules).every(([operator, value]) => holds(element, { path, operator, value })),
  );

export const BLOCK_RULES = {
  /** Some element keeps all conditions. */
  someMatch: (resource, { path, value }) =>
    objects(select(resource, path)).some((element) => elementHolds(element, value)) ? [] : ['no such element'],
  /** Every element that keeps `where` keeps `then`. */
  eachWhere: (resource, { path, value }) => {
    const { where, then } = value as { readonly where: unknown; readonly then: unknown };
    return objects(select(resource, path))
      .filter((element) => elementHolds(element, where) && !elementHolds(element, then))
      .map((element) => JSON.stringify(element).slice(0, 80));
  },
  eachHasOneOf: (resource, { path, value }) =>
    objects(select(resource, path))
      .filter((element) => !(value as readonly string[]).some((key) => element[key] !== undefined))
      .map(() => `has none of ${String(value)}`),
  keysIn: (resource, { value }) => Object.keys(resource).filter((key) => !(value as readonly string[]).includes(key)),
  /** CDKTF passes untyped blocks on as they are: camel case would only fail in the plan. */
  keysSnakeCase: (resource, { path }) => select(resource, path).flatMap(camelCaseKeys),
  differsFrom: (resource, { path, value }) => {
    const [left] = select(resource, path);
    const [right] = select(resource, String(value));
    return left !== undefined && left === right ? [`is the same as ${String(value)}`] : [];
  },
} as const satisfies Record<string, BlockRule>;

function camelCaseKeys(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(camelCaseKeys);
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(/[A-Z]/.test(key) ? [key] : []),
    ...camelCaseKeys(inner),
  ]);
}
