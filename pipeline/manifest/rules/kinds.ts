import type { Kind, Manifest } from '../types.ts';
import type { Finding } from './finding.ts';

/** Which kinds a field is for; a field of another kind is a contradiction, not something to ignore. */
const FIELD_KINDS = {
  cpu: ['web', 'worker', 'job'],
  port: ['web'],
  health: ['web'],
  routes: ['web', 'function'],
  scaling: ['web', 'worker'],
  timeout: ['function', 'job'],
  schedule: ['job'],
  checks: ['web', 'function'],
  migration: ['web', 'worker'],
  rollout: ['web', 'function'],
  provisionedConcurrency: ['function'],
  trigger: ['function'],
  rotates: ['function'],
} as const satisfies Partial<Record<keyof Manifest, readonly Kind[]>>;

const NEEDED = {
  web: ['cpu', 'port', 'health', 'routes'],
  worker: ['cpu'],
  function: ['timeout'],
  job: ['cpu', 'timeout'],
} as const satisfies Record<Kind, readonly (keyof Manifest)[]>;

export function fieldsOfTheKind(manifest: Manifest): Finding[] {
  return Object.entries(FIELD_KINDS)
    .filter(
      ([field, kinds]) =>
        manifest[field as keyof Manifest] !== undefined && !kinds.some((kind) => kind === manifest.kind),
    )
    .map(([field, kinds]) => ({
      field,
      value: manifest[field as keyof Manifest],
      problem: `does not belong to a ${manifest.kind}`,
      fix: `Remove it, or make the kind ${kinds.join(' or ')}`,
    }));
}

export function neededFields(manifest: Manifest): Finding[] {
  return NEEDED[manifest.kind]
    .filter((field) => manifest[field] === undefined)
    .map((field) => ({
      field,
      value: undefined,
      problem: `is missing; a ${manifest.kind} needs it`,
      fix: `Add ${field}`,
    }));
}

/** A function is called by the load balancer or by its trigger. */
export function functionCaller({ kind, routes, trigger, rotates }: Manifest): Finding[] {
  if (kind !== 'function') return [];
  const absent = (field: string, problem: string, fix: string): Finding => ({ field, value: undefined, problem, fix });
  if (trigger === undefined && routes === undefined)
    return [absent('routes', 'is missing; a function needs it or a trigger', 'Add routes')];
  if (trigger !== undefined && routes !== undefined)
    return [{ field: 'routes', value: routes, problem: 'is there beside a trigger', fix: 'Keep one of the two' }];
  if (trigger === 'rotation' && rotates === undefined)
    return [absent('rotates', 'is missing; the trigger rotation needs it', 'Name the secrets and their days')];
  if (trigger !== 'rotation' && rotates !== undefined)
    return [
      { field: 'rotates', value: rotates, problem: 'needs the trigger rotation', fix: 'Set trigger to rotation' },
    ];
  return [];
}
