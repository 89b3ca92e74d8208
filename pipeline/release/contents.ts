import { isDeepStrictEqual } from 'node:util';
import type { TaskDefinitionInput } from '../ports/ecs.ts';
import type { FunctionContents } from '../ports/inspect.ts';

/** What a revision consists of, in the same words for every kind. */
export interface Contents {
  readonly digest: string;
  /** Plain environment variables, without the release's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Environment variable -> ARN (or name) of its secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Everything else that a template says: cpu, memory, roles, ports, ... */
  readonly settings: Readonly<Record<string, unknown>>;
}

const OWN_VARIABLE = 'SLIPWAY_RELEASE';
/** What DescribeTaskDefinition says about a revision beyond what was registered. */
const DESCRIBED =
  /^(?:taskDefinitionArn|revision|status|requiresAttributes|compatibilities|registered.*|deregisteredAt)$/;

/** Pure. */
export function contentsOfTask(input: TaskDefinitionInput): Contents {
  const { containerDefinitions = [], ...task } = input;
  const { image = '', environment = [], secrets = [], ...container } = containerDefinitions[0] ?? {};
  const settings = [...Object.entries(task), ...Object.entries(container)];
  return {
    digest: digestOf(image),
    environment: byName(environment.map(({ name, value }) => [name, value])),
    secrets: byName(secrets.map(({ name, valueFrom }) => [name, valueFrom])),
    settings: Object.fromEntries(settings.filter(([name]) => !DESCRIBED.test(name) && name !== 'name')),
  };
}

/** Pure. A function is given the name of a secret as `<VARIABLE>_FROM`. */
export function contentsOfFunction({
  image,
  environment,
  memory,
  timeout,
  roleArn,
  architecture,
}: FunctionContents): Contents {
  const variables = Object.entries(environment);
  const isSecret = (name: string): boolean => name.endsWith('_FROM');
  return {
    digest: digestOf(image),
    environment: byName(variables.filter(([name]) => !isSecret(name))),
    secrets: byName(variables.filter(([name]) => isSecret(name)).map(([name, value]) => [name.slice(0, -5), value])),
    settings: { memory, timeout, roleArn, architecture },
  };
}

const digestOf = (image: string): string => image.split('@')[1] ?? '';

const byName = (pairs: readonly (readonly [string | undefined, string | undefined])[]): Record<string, string> =>
  Object.fromEntries(
    pairs.flatMap(([name = '', value = '']) => (name === '' || name === OWN_VARIABLE ? [] : [[name, value]])),
  );

export interface Difference {
  readonly name: string;
  /** Absent: it is new. */
  readonly from?: string;
  /** Absent: it goes away. */
  readonly to?: string;
}

/** What differs between two sets of named texts, by name. Pure. */
export function differences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    if (from === to) return [];
    return [{ name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}

/** The same for settings, whose values may be anything. ECS fills in defaults when it registers: what it added is no difference. Pure. */
export function settingDifferences(before: Contents['settings'], after: Contents['settings']): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    if (isEmpty(from) && isEmpty(to)) return [];
    if (!isEmpty(to) && covers(from, to)) return [];
    return [{ name, ...(isEmpty(from) ? {} : { from: inWords(from) }), ...(isEmpty(to) ? {} : { to: inWords(to) }) }];
  });
}

const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

/** Whether `registered` says everything that `wanted` says. */
function covers(registered: unknown, wanted: unknown): boolean {
  if (isEmpty(wanted) && isEmpty(registered)) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(registered) &&
      registered.length === wanted.length &&
      wanted.every((item, index) => covers(registered[index], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return isDeepStrictEqual(registered, wanted);
  if (typeof registered !== 'object' || registered === null) return false;
  return Object.entries(wanted).every(([name, value]) => covers((registered as Record<string, unknown>)[name], value));
}
