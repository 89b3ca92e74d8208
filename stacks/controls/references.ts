import { holds } from './operators.ts';
import { select } from './paths.ts';
import { resourcesOf } from './resources.ts';
import { type Condition, isJson, type Json, type JudgedStack } from './types.ts';

/** Which resources have to point to this one: `{ type, path, where }`. */
interface Wanted {
  readonly type: string;
  readonly path: string;
  readonly where?: readonly Condition[];
}

export interface Referred {
  readonly type: string;
  readonly name: string;
  readonly stack: JudgedStack;
  readonly resource: Json;
}

/** Attributes that name a resource in AWS: another stack can only refer to it so. */
const NAMES = ['name', 'bucket', 'dashboard_name', 'function_name'];

/** Whether some resource of the environment points to `referred`: in its own stack by reference, in others by name. */
export function isReferredTo(referred: Referred, wanted: unknown, stacks: readonly JudgedStack[]): boolean {
  const { type, path, where = [] } = wanted as Wanted;
  return stacks.some((stack) =>
    resourcesOf(stack.json, type).some(
      ({ resource }) =>
        where.every((condition) => holds(resource, condition)) &&
        select(resource, path).some((value) => pointsTo(value, stack, referred)),
    ),
  );
}

function pointsTo(value: unknown, stack: JudgedStack, { type, name, stack: own, resource }: Referred): boolean {
  const text = JSON.stringify(value);
  if (stack.id === own.id && [`\${${type}.${name}.`, `\${${type}.${name}}`].some((token) => text.includes(token)))
    return true;
  return NAMES.some((attribute) => typeof resource[attribute] === 'string' && mentions(value, resource[attribute]));
}

/** The whole name, alone or at the end of an ARN. */
const mentions = (value: unknown, name: string): boolean => {
  if (Array.isArray(value)) return value.some((one) => mentions(one, name));
  if (isJson(value)) return Object.values(value).some((one) => mentions(one, name));
  return typeof value === 'string' && (value === name || value.endsWith(`/${name}`) || value.endsWith(`:${name}`));
};
