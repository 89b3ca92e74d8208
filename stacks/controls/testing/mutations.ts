import { subjects } from '../evaluate.ts';
import { edit, objects, select } from '../paths.ts';
import { POLICY_RULES } from '../policies.ts';
import type { Control, Json, JudgedStack } from '../types.ts';
import { spoilPolicy } from './bad-policies.ts';

/** Stacks in which the control was kept, changed so that it is not. Undefined: nobody has said how to break it. */
export function mutate(control: Control, stacks: readonly JudgedStack[]): readonly JudgedStack[] | undefined {
  const judged = stacks.filter(({ judgedAs }) => control.environments.includes(judgedAs));
  const { operator, resourceType: type, value } = control;
  if (operator === 'existsInApp') return judged.map((stack) => withoutType(stack, type));
  if (operator === 'absentType') return addOf(judged, type, 1);
  if (operator === 'countAtMost') return addOf(judged, type, Number(value) + 1);
  if (operator === 'referencedBy') return judged.map((stack) => withoutType(stack, (value as { type: string }).type));
  const spoil = spoiler(control);
  return spoil && judged.map((stack) => spoilSubjects(control, stack, spoil));
}

type Spoil = (resource: Json) => Json;

function spoilSubjects(control: Control, stack: JudgedStack, spoil: Spoil): JudgedStack {
  const spoiled = new Map(subjects(control, stack).map(({ resource }) => [resource, spoil(resource)]));
  return { ...stack, json: replace(stack.json, spoiled) as Json };
}

/** The same tree with some objects, known by identity, replaced. */
function replace(value: unknown, replacements: ReadonlyMap<unknown, unknown>): unknown {
  if (replacements.has(value)) return replacements.get(value);
  if (Array.isArray(value)) return value.map((one) => replace(one, replacements));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replace(one, replacements)]));
}

/** Operators that ask for something: without it they fail. */
const ASKING = [
  ...['isSet', 'isTrue', 'equals', 'in', 'gte', 'lte', 'between', 'matches', 'refersTo'],
  ...['containsAll', 'minItems', 'hasKeys', 'someMatch'],
];

function spoiler(control: Control): Spoil | undefined {
  const { operator, path, value, counterexample } = control;
  if (ASKING.includes(operator)) return (resource) => without(resource, path);
  if (operator in POLICY_RULES) return (resource) => spoilPolicy(control, resource);
  switch (operator) {
    case 'notSet':
      return (resource) => put(resource, path, 'anything');
    case 'notTrue':
      return (resource) => put(resource, path, true);
    case 'notFalse':
      return (resource) => put(resource, path, false);
    case 'notEquals':
    case 'noneEquals':
      return (resource) => put(resource, path, value);
    case 'notIn':
      return (resource) => put(resource, path, (value as readonly unknown[])[0]);
    case 'inOrUnset':
      return (resource) => put(resource, path, 'none of them');
    case 'lteOrUnset':
      return (resource) => put(resource, path, Number(value) + 1);
    case 'notMatches':
    case 'noneMatch':
    case 'eachMatches':
      return (resource) => put(resource, path, counterexample);
    case 'keysNoneMatch':
      return (resource) => put(resource, path, { [counterexample ?? '']: 'x' });
    case 'keysIn':
      return (resource) => ({ ...resource, unexpected: {} });
    case 'keysSnakeCase':
      return (resource) => spoilKeys(resource, path);
    case 'differsFrom':
      return (resource) => put(resource, path, select(resource, String(value))[0]);
    case 'eachHasOneOf':
      return (resource) => (value as readonly string[]).reduce((one, key) => without(one, `${path}.${key}`), resource);
    case 'eachWhere':
      return (resource) => spoilElements(resource, control);
    default:
      return undefined;
  }
}

const without = (resource: Json, path: string): Json =>
  edit(resource, path, (holder, name) => {
    delete holder[name];
  });

const put = (resource: Json, path: string, value: unknown): Json =>
  edit(resource, path, (holder, name) => {
    holder[name] = value;
  });

const spoilKeys = (resource: Json, path: string): Json =>
  edit(resource, path, (holder, name) => {
    holder[name] = { camelCase: holder[name] };
  });

/** Takes away what `then` asks of the elements; where there are none, adds one that lacks it. */
function spoilElements(resource: Json, { path, value, counterexample }: Control): Json {
  const { where, then } = value as { readonly where: Json; readonly then: Json };
  const copy = structuredClone(resource);
  const elements = objects(select(copy, path)) as Record<string, unknown>[];
  for (const element of elements) for (const name of Object.keys(then)) delete element[name];
  if (elements.length > 0) return copy;
  const added = Object.fromEntries(Object.keys(where).map((name) => [name, counterexample]));
  return { ...copy, [path]: [added] };
}

function withoutType(stack: JudgedStack, type: string): JudgedStack {
  const { [type]: _, ...resource } = stack.json['resource'] as Json;
  return { ...stack, json: { ...stack.json, resource } };
}

/** Puts resources of a type into the first stack of each environment. */
function addOf(stacks: readonly JudgedStack[], type: string, count: number): readonly JudgedStack[] {
  const [part, name] = type.startsWith('data.')
    ? (['data', type.slice('data.'.length)] as const)
    : (['resource', type] as const);
  const added = Object.fromEntries(Array.from({ length: count }, (_, index) => [`added_${index}`, {}]));
  return stacks.map((stack) => {
    const types = (stack.json[part] ?? {}) as Json;
    return { ...stack, json: { ...stack.json, [part]: { ...types, [name]: { ...(types[name] as Json), ...added } } } };
  });
}
