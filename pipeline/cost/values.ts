import type { CostedResource } from './types.ts';

type Values = Readonly<Record<string, unknown>>;

/** A block of a synthesized resource is an object or a list; of a state always a list. */
export function blocks(values: Values, name: string): readonly Values[] {
  const value = values[name];
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is Values => typeof one === 'object' && one !== null);
}

export const text = (values: Values, name: string): string => String(values[name] ?? '');

/** How many elements a list has; an expression that stands for a list counts as `otherwise`. */
export function count(values: Values, name: string, otherwise: number): number {
  const value = values[name];
  return Array.isArray(value) ? value.length : otherwise;
}

export const ofType = (resources: readonly CostedResource[], type: string): readonly CostedResource[] =>
  resources.filter((resource) => resource.type === type);
