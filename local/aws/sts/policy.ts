/** Somebody who wants to take on a role, as a trust policy sees them. */
export interface Caller {
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity';
  readonly principal: { readonly type: 'AWS' | 'Federated'; readonly names: readonly string[] };
  /** Condition keys of the request, by their full names (`token.actions.githubusercontent.com:sub`). */
  readonly context: Readonly<Record<string, string>>;
}

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

type OneOrMore<Value> = Value | readonly Value[];

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMore<string>;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore<string>>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string>>>>>;
}

/** Decides by a role's trust policy. The reason names what did not match; it is for the log, not for the caller. */
export function decide(policy: string, caller: Caller): Decision {
  const statements = parse(policy);
  if (!statements) return { allowed: false, reason: 'the trust policy is not JSON with statements' };
  const outcomes = statements.map((statement) => ({ statement, mismatch: mismatch(statement, caller) }));
  const matching = outcomes.filter((outcome) => outcome.mismatch === undefined).map(({ statement }) => statement);
  if (matching.some(({ Effect }) => Effect === 'Deny')) return { allowed: false, reason: 'a statement denies it' };
  if (matching.some(({ Effect }) => Effect === 'Allow')) return { allowed: true };
  const reasons = outcomes.filter(({ statement }) => statement.Effect === 'Allow').map((outcome) => outcome.mismatch);
  return { allowed: false, reason: reasons.join('; ') || 'no statement allows it' };
}

function parse(policy: string): readonly Statement[] | undefined {
  try {
    const { Statement } = JSON.parse(policy) as { Statement?: OneOrMore<Statement> };
    return Statement ? many(Statement) : undefined;
  } catch {
    return undefined;
  }
}

function mismatch(statement: Statement, caller: Caller): string | undefined {
  if (!many(statement.Action ?? []).some((pattern) => like(pattern, caller.action, true))) {
    return `Action is not ${caller.action}`;
  }
  if (!isPrincipal(statement.Principal, caller)) {
    return `Principal is not ${caller.principal.type} ${caller.principal.names.join(' or ')}`;
  }
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, values] of Object.entries(keys)) {
      const actual = contextValue(caller, key);
      if (!holds(operator, actual, many(values))) {
        return `${operator} ${key}: expected ${many(values).join(' or ')}, got ${actual ?? 'nothing'}`;
      }
    }
  }
  return undefined;
}

function isPrincipal(principal: Statement['Principal'], { principal: { type, names } }: Caller): boolean {
  if (principal === '*') return true;
  const accepted = many(principal?.[type] ?? []);
  return accepted.some((name) => name === '*' || names.includes(name));
}

/** Names of condition keys are case-insensitive. */
function contextValue({ context }: Caller, key: string): string | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(operator: string, actual: string | undefined, wanted: readonly string[]): boolean {
  const [, quantifier, name = '', ifExists] = /^(ForAnyValue:|ForAllValues:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (actual === undefined && (ifExists || quantifier === 'ForAllValues:')) return true;
  if (name === 'Null') return wanted.some((value) => (value === 'true') === (actual === undefined));
  const negated = /^StringNot/.test(name);
  if (actual === undefined) return negated;
  const matches = matcher(name);
  return matches !== undefined && wanted.some((value) => matches(value, actual)) !== negated;
}

function matcher(operator: string): ((wanted: string, actual: string) => boolean) | undefined {
  switch (operator) {
    case 'StringEquals':
    case 'StringNotEquals':
      return (wanted, actual) => wanted === actual;
    case 'StringEqualsIgnoreCase':
    case 'StringNotEqualsIgnoreCase':
      return (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase();
    case 'StringLike':
    case 'StringNotLike':
    case 'ArnLike':
    case 'ArnEquals':
      return (wanted, actual) => like(wanted, actual, false);
    default:
      return undefined;
  }
}

function like(pattern: string, text: string, ignoreCase: boolean): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's').test(text);
}

function many<Value>(value: OneOrMore<Value>): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}
