import { select } from '../controls/paths.ts';
import { type Entry, isJson, type Problem } from './problem.ts';
import { type Choice, type Range, type Text, VALUE_RULES, type ValueRule } from './value-rules.ts';

const RULES_BY_TYPE = Map.groupBy(VALUE_RULES, ({ type }) => type);

/** Names, lengths, numbers and choices that AWS would refuse. */
export function valueProblems(entry: Entry): readonly Problem[] {
  return (RULES_BY_TYPE.get(entry.type) ?? []).flatMap((rule) =>
    select(entry.value, rule.path)
      .flatMap((value) => (Array.isArray(value) ? value : [value]))
      .flatMap((value) => findings(value, entry, rule)),
  );
}

function findings(value: unknown, { stack, address }: Entry, { path, rule }: ValueRule): readonly Problem[] {
  const problem = whatIsWrong(value, rule);
  if (problem === undefined) return [];
  return [{ file: stack, field: `${address}.${path}`, value, problem, fix: remedy(rule) }];
}

function whatIsWrong(value: unknown, rule: ValueRule['rule']): string | undefined {
  if ('oneOf' in rule) return isToken(value) || isOneOf(value, rule) ? undefined : 'is not one of the choices';
  if ('from' in rule)
    return isToken(value) || isWithin(value, rule) ? undefined : `is not from ${rule.from} to ${rule.to}`;
  return textProblem(String(value), rule);
}

/** What Terraform fills in counts as one character: whatever it is, the rest must not be too long already. */
function textProblem(text: string, { shortest = 1, longest, pattern, form }: Text): string | undefined {
  const known = text.replaceAll(/\$\{[^}]*\}/g, 'x');
  if (known.length > longest) return `has ${known.length} characters, at most ${longest} are allowed`;
  if (known.length < shortest) return `has ${known.length} characters, at least ${shortest} are needed`;
  return pattern === undefined || isToken(text) || pattern.test(text) ? undefined : `is not made of ${form}`;
}

function remedy(rule: ValueRule['rule']): string {
  if ('oneOf' in rule) return `Use one of ${rule.oneOf.join(', ')}`;
  if ('from' in rule)
    return 'Change the number where it comes from: stacks/environments.ts, or the manifest of the service';
  return 'Shorten or rename what it is made of: the application, the environment, the service';
}

const isToken = (value: unknown): boolean => typeof value === 'string' && value.includes('${');
const isOneOf = (value: unknown, { oneOf }: Choice): boolean => oneOf.some((one) => String(one) === String(value));
const isWithin = (value: unknown, { from, to }: Range): boolean =>
  !isJson(value) && Number(value) >= from && Number(value) <= to;
