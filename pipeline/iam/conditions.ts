import { like, many, type PolicyStatement } from './policy.ts';

/** Condition keys of a request; a key may have several values. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

export type Verdict = 'holds' | 'fails' | 'unknown operator';

type Compare = (wanted: string, actual: string) => boolean;

const NUMERIC: Readonly<Record<string, (actual: number, wanted: number) => boolean>> = {
  Equals: (actual, wanted) => actual === wanted,
  LessThan: (actual, wanted) => actual < wanted,
  LessThanEquals: (actual, wanted) => actual <= wanted,
  GreaterThan: (actual, wanted) => actual > wanted,
  GreaterThanEquals: (actual, wanted) => actual >= wanted,
};

/** All conditions of a statement have to hold; values of one key are alternatives. */
export function conditions(statement: PolicyStatement, context: Context): Verdict {
  const verdicts = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => condition(operator, many(wanted).map(String), valuesOf(context, key))),
  );
  if (verdicts.includes('unknown operator')) return 'unknown operator';
  return verdicts.every((verdict) => verdict === 'holds') ? 'holds' : 'fails';
}

/** Names of condition keys are case-insensitive. */
function valuesOf(context: Context, key: string): readonly string[] | undefined {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : many(found[1]);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function condition(operator: string, wanted: readonly string[], actual: readonly string[] | undefined): Verdict {
  const [, quantifier, name = '', ifExists] = /^(ForAnyValue:|ForAllValues:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === 'Null') return verdict(wanted.some((value) => (value === 'true') === (actual === undefined)));
  const negated = /Not(?:Equals|Like)/.test(name);
  const compare = comparison(name.replace('Not', ''));
  if (compare === undefined) return 'unknown operator';
  if (actual === undefined) return verdict(Boolean(ifExists) || quantifier === 'ForAllValues:' || negated);
  const matches = (value: string): boolean => wanted.some((one) => compare(one, value)) !== negated;
  return verdict(quantifier === 'ForAllValues:' || negated ? actual.every(matches) : actual.some(matches));
}

const verdict = (holds: boolean): Verdict => (holds ? 'holds' : 'fails');

function comparison(name: string): Compare | undefined {
  const numeric = NUMERIC[/^Numeric(\w+)$/.exec(name)?.[1] ?? ''];
  if (numeric !== undefined) return (wanted, actual) => numeric(Number(actual), Number(wanted));
  switch (name) {
    case 'StringEquals':
      return (wanted, actual) => wanted === actual;
    case 'StringEqualsIgnoreCase':
    case 'Bool':
      return (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase();
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return (wanted, actual) => like(wanted, actual);
    default:
      return undefined;
  }
}
