/** A value that Terraform does not know yet: it appears in plans and never in a state. */
export const UNKNOWN: unique symbol = Symbol('known after apply');

export type Value = null | string | number | boolean | typeof UNKNOWN | readonly Value[] | Values;
export interface Values {
  readonly [name: string]: Value;
}

export const isValues = (value: Value | undefined): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

/** True if any part of the value is unknown. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (isList(value)) return value.some(hasUnknown);
  return isValues(value) && Object.values(value).some(hasUnknown);
}

/** The text of an attribute; undefined if it is null, unknown or empty. */
export function text(values: Values | undefined, name: string): string | undefined {
  const value = values?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text of an attribute that the schema requires or the provider has filled. Throws otherwise: that is a bug. */
export function requireText(values: Values, name: string): string {
  const value = text(values, name);
  if (value === undefined) throw new Error(`attribute ${name} has no value`);
  return value;
}

export function number(values: Values | undefined, name: string): number | undefined {
  const value = values?.[name];
  return typeof value === 'number' ? value : undefined;
}

export function flag(values: Values | undefined, name: string): boolean | undefined {
  const value = values?.[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** The texts of a list or set; empty if the attribute is null or unknown. */
export function texts(values: Values | undefined, name: string): string[] {
  const value = values?.[name];
  return isList(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The elements of a list or set of blocks (or of objects). */
export function blocks(values: Values | undefined, name: string): Values[] {
  const value = values?.[name];
  if (isList(value)) return value.filter(isValues);
  return isValues(value) ? [value] : [];
}

/** The first element of a block that occurs once at most. */
export const block = (values: Values | undefined, name: string): Values | undefined => blocks(values, name)[0];

/** A map of texts; empty if the attribute is null or unknown. */
export function textMap(values: Values | undefined, name: string): Record<string, string> {
  const value = values?.[name];
  if (!isValues(value)) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}
