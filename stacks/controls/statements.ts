import { flat, select } from './paths.ts';
import { isJson, type Json } from './types.ts';

/** One statement of a policy, every field a list. */
export interface PolicyStatement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly conditions: Json;
}

const texts = (value: unknown): readonly string[] => flat(value).map(String);

/** The statements of a policy as JSON text; undefined when it is none, which no rule accepts. */
export function statementsOf(policy: unknown): readonly PolicyStatement[] | undefined {
  const document = typeof policy === 'string' ? parse(policy) : policy;
  if (!isJson(document) || document['Statement'] === undefined) return undefined;
  return flat(document['Statement'])
    .filter(isJson)
    .map((statement) => ({
      effect: String(statement['Effect']),
      actions: texts(statement['Action']),
      notActions: texts(statement['NotAction']),
      resources: texts(statement['Resource']),
      principal: statement['Principal'],
      conditions: isJson(statement['Condition']) ? statement['Condition'] : {},
    }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names of all condition keys of a statement. */
export const conditionKeys = ({ conditions }: PolicyStatement): readonly string[] =>
  Object.values(conditions).flatMap((keys) => (isJson(keys) ? Object.keys(keys) : []));

/** What a condition key has to be, by operator; nothing when the statement does not ask. */
export const conditionValues = ({ conditions }: PolicyStatement, operator: string, key: string): readonly string[] => {
  const keys = conditions[operator];
  return isJson(keys) ? texts(keys[key]) : [];
};

/** Principals of one kind: `AWS`, `Service`, `Federated`. */
export const principals = ({ principal }: PolicyStatement, kind: string): readonly string[] =>
  texts(select(principal, kind));

/** Anybody at all. */
export const isPublic = (statement: PolicyStatement): boolean =>
  statement.principal === '*' || principals(statement, 'AWS').includes('*');
