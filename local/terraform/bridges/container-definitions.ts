import { isDeepStrictEqual } from 'node:util';
import type { Equivalence } from '../engine/equal.ts';

/** Members of a container definition that ECS fills in if they are left out. */
const DEFAULTS: Readonly<Record<string, unknown>> = { cpu: 0, essential: true };
/** Lists whose order means nothing. */
const UNORDERED: Readonly<Record<string, string>> = { environment: 'name', secrets: 'name', environmentFiles: 'value' };

/**
 * True if two JSON texts register the same containers: order of variables, absent and empty lists, and what ECS fills in are no
 * differences. Follows `containerDefinitionsAreEquivalent` of the real provider.
 */
export const sameContainers: Equivalence = (left, right) => {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  try {
    return isDeepStrictEqual(normalize(JSON.parse(left)), normalize(JSON.parse(right)));
  } catch {
    return false;
  }
};

function normalize(definitions: unknown): unknown {
  if (!Array.isArray(definitions)) return definitions;
  const byName = [...(definitions as Record<string, unknown>[])].sort(by('name'));
  return byName.map((definition) => clean({ ...DEFAULTS, ...lowerFirst(definition) }));
}

function clean(definition: Record<string, unknown>): unknown {
  const entries = Object.entries(definition).filter(([, value]) => !isAbsent(value));
  return Object.fromEntries(entries.map(([name, value]) => [name, cleanMember(name, value)]));
}

function cleanMember(name: string, value: unknown): unknown {
  if (name === 'portMappings' && Array.isArray(value)) return value.map((mapping) => clean(portMapping(mapping)));
  if (!Array.isArray(value))
    return typeof value === 'object' ? clean(lowerFirst(value as Record<string, unknown>)) : value;
  const items = value.map((item) => (typeof item === 'object' && item !== null ? clean(lowerFirst(item)) : item));
  const key = UNORDERED[name];
  return key ? (items as Record<string, unknown>[]).sort(by(key)) : items;
}

// With awsvpc networking ECS answers the container's port as the host's port.
function portMapping(mapping: Record<string, unknown>): Record<string, unknown> {
  const { hostPort, ...rest } = lowerFirst(mapping);
  const isImplied = hostPort === undefined || hostPort === 0 || hostPort === rest['containerPort'];
  return { protocol: 'tcp', ...rest, ...(isImplied ? {} : { hostPort }) };
}

const isAbsent = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0) || isEmptyObject(value);

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const lowerFirst = (record: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );

const by = (key: string) => (a: Record<string, unknown>, b: Record<string, unknown>) =>
  String(a[key]) < String(b[key]) ? -1 : 1;
