import { flat, holders, lastName, select } from './paths.ts';
import { type Condition, isJson } from './types.ts';

/** A rule for each single value; an absent one is `undefined`. */
type ValueRule = (value: unknown, wanted: unknown) => boolean;
/** A rule for the list of all values. */
type ListRule = (values: readonly unknown[], wanted: unknown) => boolean;

/** What Terraform only knows later counts as a number that is right. */
const isToken = (value: unknown): boolean => typeof value === 'string' && value.includes('${');
const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
const isTrue = (value: unknown): boolean => value === true || value === 'true';
const isAbsent = (value: unknown): boolean => value === undefined || value === null;

const same = (value: unknown, wanted: unknown): boolean =>
  Array.isArray(wanted)
    ? JSON.stringify(value) === JSON.stringify(wanted)
    : value === wanted || String(value) === String(wanted);
const among = (value: unknown, wanted: unknown): boolean => flat(wanted).some((one) => same(value, one));

function number(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

/** `(?i)` in front makes a pattern blind to case, as in the languages that the patterns come from. */
export function pattern(text: unknown): RegExp {
  const source = String(text);
  return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'i') : new RegExp(source);
}

const matches: ValueRule = (value, wanted) => typeof value === 'string' && pattern(wanted).test(value);

export const VALUE_RULES = {
  isSet,
  notSet: (value) => !isSet(value),
  isTrue,
  notTrue: (value) => !isTrue(value),
  notFalse: (value) => !(value === false || value === 'false'),
  equals: (value, wanted) => !isAbsent(value) && same(value, wanted),
  notEquals: (value, wanted) => !same(value, wanted),
  in: among,
  notIn: (value, wanted) => !among(value, wanted),
  inOrUnset: (value, wanted) => isAbsent(value) || among(value, wanted),
  gte: (value, wanted) => isToken(value) || number(value) >= number(wanted),
  lte: (value, wanted) => isToken(value) || number(value) <= number(wanted),
  lteOrUnset: (value, wanted) => isAbsent(value) || number(value) <= number(wanted),
  between: (value, wanted) => {
    const [low, high] = flat(wanted);
    return number(value) >= number(low) && number(value) <= number(high);
  },
  matches,
  notMatches: (value, wanted) => !matches(value, wanted),
  refersTo: (value, wanted) =>
    typeof value === 'string' && flat(wanted).some((type) => value.includes(`\${${String(type)}.`)),
  present: (value, wanted) => (value !== undefined) === wanted,
} as const satisfies Record<string, ValueRule>;

const keysOf = (value: unknown): readonly string[] => (isJson(value) ? Object.keys(value) : []);

export const LIST_RULES = {
  containsAll: (values, wanted) => flat(wanted).every((one) => values.some((value) => same(value, one))),
  minItems: (values, wanted) => values.length >= number(wanted),
  noneMatch: (values, wanted) => !values.some((value) => pattern(wanted).test(String(value))),
  noneEquals: (values, wanted) => !values.some((value) => same(value, wanted)),
  eachMatches: (values, wanted) => values.every((value) => pattern(wanted).test(String(value))),
  hasKeys: (values, wanted) => flat(wanted).every((key) => values.some((value) => keysOf(value).includes(String(key)))),
  keysNoneMatch: (values, wanted) => !values.some((value) => keysOf(value).some((key) => pattern(wanted).test(key))),
} as const satisfies Record<string, ListRule>;

/** Rules that look at a list as one value. */
const WHOLE: readonly string[] = ['isSet', 'notSet', 'equals', 'present'];

export const isPlain = (operator: string): boolean => operator in VALUE_RULES || operator in LIST_RULES;

/** Whether a resource (or a block of one) keeps a condition with one of the operators above. */
export function holds(resource: unknown, { path, operator, value }: Condition): boolean {
  const list = (LIST_RULES as Readonly<Record<string, ListRule>>)[operator];
  if (list !== undefined) return list(flat(select(resource, path)), value);
  const rule = (VALUE_RULES as Readonly<Record<string, ValueRule>>)[operator];
  if (rule === undefined) throw new Error(`There is no operator ${operator}.`);
  return valuesAt(resource, path, !WHOLE.includes(operator)).every((one) => rule(one, value));
}

/** The values that a rule is asked of: one for each holder, `undefined` where it is absent. */
function valuesAt(resource: unknown, path: string, spread: boolean): readonly unknown[] {
  const found = holders(resource, path).flatMap((holder) => {
    const values = select(holder, lastName(path)).flatMap((value) => (spread ? spreadOut(value) : [value]));
    return values.length === 0 ? [undefined] : values;
  });
  return found.length === 0 ? [undefined] : found;
}

const spreadOut = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) return [value];
  return value.length === 0 ? [undefined] : value;
};
