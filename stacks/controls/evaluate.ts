import { BLOCK_RULES } from './blocks.ts';
import { holds, isPlain } from './operators.ts';
import { select } from './paths.ts';
import { POLICY_RULES, type PolicyRule } from './policies.ts';
import { isReferredTo } from './references.ts';
import { type Judged, resourcesOf } from './resources.ts';
import { statementsOf } from './statements.ts';
import { type Control, type Finding, isJson, type Json, type JudgedStack } from './types.ts';

/** Operators about how many resources there are, not about one of them. */
const COUNTING = ['absentType', 'countAtMost', 'existsInApp'];

/** Asks a control of everything that it is for. An empty answer: it does not apply. */
export function evaluate(control: Control, stacks: readonly JudgedStack[]): readonly Finding[] {
  const judged = stacks.filter(({ judgedAs }) => control.environments.includes(judgedAs));
  if (control.operator === 'existsInApp') return exists(control, judged);
  const environments = Map.groupBy(judged, ({ environment }) => environment);
  return [...environments.values()].flatMap((group) =>
    COUNTING.includes(control.operator) ? count(control, group) : askEach(control, group),
  );
}

/** The resources that a control is for, with those that its preconditions leave out. */
export const subjects = (control: Control, { json }: JudgedStack): readonly Judged[] =>
  resourcesOf(json, control.resourceType).filter(({ resource }) =>
    (control.when ?? []).every((condition) => holds(resource, condition)),
  );

function exists({ id, resourceType, value }: Control, stacks: readonly JudgedStack[]): readonly Finding[] {
  if (stacks.length === 0) return [];
  const { min = 1 } = (value ?? {}) as { readonly min?: number };
  const found = stacks.flatMap((stack) =>
    resourcesOf(stack.json, resourceType).map(({ address }) => ({ stack, address })),
  );
  if (found.length < min)
    return [{ control: id, stack: '-', resource: resourceType, problem: `there are ${found.length}, not ${min}` }];
  return found.map(({ stack, address }) => ({ control: id, stack: stack.id, resource: address }));
}

/** Counted per environment: what previews and staging may not contain. */
function count({ id, resourceType, operator, value }: Control, stacks: readonly JudgedStack[]): readonly Finding[] {
  const most = operator === 'absentType' ? 0 : Number(value);
  const found = stacks.flatMap((stack) =>
    resourcesOf(stack.json, resourceType).map(({ address }) => ({ stack, address })),
  );
  const [{ id: first = '-' } = {}] = stacks;
  if (found.length <= most) return [{ control: id, stack: first, resource: resourceType }];
  return found.slice(most).map(({ stack, address }) => ({
    control: id,
    stack: stack.id,
    resource: address,
    problem: most === 0 ? 'may not be there' : `is one more than ${most}`,
  }));
}

function askEach(control: Control, stacks: readonly JudgedStack[]): readonly Finding[] {
  return stacks.flatMap((stack) =>
    subjects(control, stack).map((judged) => {
      const [problem] = problems(control, judged, { stack, stacks });
      const finding = { control: control.id, stack: stack.id, resource: judged.address };
      return problem === undefined ? finding : { ...finding, problem };
    }),
  );
}

interface Surroundings {
  readonly stack: JudgedStack;
  readonly stacks: readonly JudgedStack[];
}

function problems(control: Control, { name, resource }: Judged, { stack, stacks }: Surroundings): readonly string[] {
  const { operator, path, value, resourceType: type } = control;
  if (isPlain(operator)) return holds(resource, control) ? [] : [shown(resource, path)];
  if (operator === 'referencedBy') {
    const { type: wanted } = value as { readonly type: string };
    return isReferredTo({ type, name, stack, resource }, value, stacks) ? [] : [`no ${wanted} points to it`];
  }
  if (operator in BLOCK_RULES) return BLOCK_RULES[operator as keyof typeof BLOCK_RULES](resource, control);
  if (operator in POLICY_RULES) return policyProblems(control, resource);
  throw new Error(`${control.id}: there is no operator ${operator}.`);
}

function policyProblems({ operator, path, value }: Control, resource: Json): readonly string[] {
  const rule: PolicyRule = POLICY_RULES[operator as keyof typeof POLICY_RULES];
  return select(resource, path).flatMap((policy) => {
    const statements = statementsOf(policy);
    return statements === undefined ? ['cannot be read as a policy'] : rule(statements, isJson(value) ? value : {});
  });
}

function shown(resource: Json, path: string): string {
  const found = select(resource, path);
  return found.length === 0
    ? `${path} is not set`
    : `${path} = ${JSON.stringify(found.length === 1 ? found[0] : found).slice(0, 80)}`;
}
