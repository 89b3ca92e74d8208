import { RESOURCE_TYPES, RESOURCES } from './access.ts';
import { fargateMemory } from './fargate.ts';
import type { ManifestError } from './result.ts';
import { rolloutFindings } from './rollout.ts';
import { covers } from './routes.ts';
import type { Kind, Manifest } from './types.ts';

type Finding = Omit<ManifestError, 'file'>;
/** One rule between the fields of a manifest whose shape is right. */
type Rule = (manifest: Manifest) => readonly Finding[];

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

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LAMBDA_MAXIMUM = { memory: 10240, timeout: 900 };
const RESERVED_VARIABLE =
  /^(?:PORT|HOST|PATH|HOME|NODE_ENV|AWS_.*|_.*|SLIPWAY_.*|TABLE_.*|BUCKET_.*|PREFIX_.*|QUEUE_.*|TOPIC_.*|LAMBDA_.*)$/;

const RULES: readonly Rule[] = [
  fieldsOfTheKind,
  neededFields,
  fargateSize,
  lambdaSize,
  scalingOrder,
  scalingBacklog,
  redundantRoutes,
  useNamesOneThing,
  variables,
  uniqueDeclarations,
  queueNames,
  functionCaller,
  tableAttributes,
  checkBodies,
  migrationOrder,
  rolloutFindings,
];

/** Contradictions inside one manifest. */
export function ruleErrors(manifest: Manifest, file: string): ManifestError[] {
  return RULES.flatMap((rule) => rule(manifest)).map((finding) => ({ file, ...finding }));
}

function fieldsOfTheKind(manifest: Manifest): Finding[] {
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

function neededFields(manifest: Manifest): Finding[] {
  return NEEDED[manifest.kind]
    .filter((field) => manifest[field] === undefined)
    .map((field) => ({
      field,
      value: undefined,
      problem: `is missing; a ${manifest.kind} needs it`,
      fix: `Add ${field}`,
    }));
}

function fargateSize({ kind, cpu, memory }: Manifest): Finding[] {
  if (kind === 'function' || cpu === undefined) return [];
  const allowed = fargateMemory(cpu);
  if (allowed.includes(memory)) return [];
  const problem = `is not a size that Fargate offers with cpu ${cpu}`;
  return [{ field: 'memory', value: memory, problem, fix: `Use one of ${shorten(allowed)}, or another cpu` }];
}

const shorten = (values: readonly number[]): string =>
  values.length <= 4 ? values.join(', ') : `${values.slice(0, 3).join(', ')}, ... ${values.at(-1)}`;

function lambdaSize(manifest: Manifest): Finding[] {
  if (manifest.kind !== 'function') return [];
  return (['memory', 'timeout'] as const)
    .filter((field) => (manifest[field] ?? 0) > LAMBDA_MAXIMUM[field])
    .map((field) => ({
      field,
      value: manifest[field],
      problem: `is more than Lambda allows (${LAMBDA_MAXIMUM[field]})`,
      fix: 'Lower it, or make the kind job',
    }));
}

function scalingOrder({ scaling }: Manifest): Finding[] {
  if (scaling === undefined || scaling.minimum <= scaling.maximum) return [];
  const problem = `is above scaling.maximum (${scaling.maximum})`;
  return [{ field: 'scaling.minimum', value: scaling.minimum, problem, fix: 'Make minimum at most maximum' }];
}

function scalingBacklog({ kind, scaling, owns, uses = [] }: Manifest): Finding[] {
  if (scaling === undefined) return [];
  const { backlog, minimum } = scaling;
  if (backlog === undefined) {
    if (minimum > 0) return [];
    const fix = 'Make it 1, or let a worker scale by its queue with scaling.backlog';
    return [{ field: 'scaling.minimum', value: 0, problem: 'needs something that starts a task again', fix }];
  }
  if (kind !== 'worker') {
    const problem = `does not belong to a ${kind}`;
    return [{ field: 'scaling.backlog', value: backlog, problem, fix: 'Remove it, or make the kind worker' }];
  }
  const received = uses.flatMap(({ queue, access }) => (queue !== undefined && access !== 'write' ? [queue] : []));
  const queues = [...(owns?.queues ?? []).map(({ name }) => name), ...received];
  if (queues.includes(backlog.queue)) return [];
  const fix = `Name a queue that it owns or reads (${queues.join(', ') || 'there is none'})`;
  return [{ field: 'scaling.backlog.queue', value: backlog.queue, problem: 'is not a queue of this worker', fix }];
}

function redundantRoutes({ routes = [] }: Manifest): Finding[] {
  return routes.flatMap((route, index) => {
    const outer = routes.find((other) => other !== route && covers(other, route));
    if (outer === undefined) return [];
    return [
      {
        field: `routes.${index}`,
        value: route,
        problem: `is already covered by ${outer}`,
        fix: 'Remove one of the two',
      },
    ];
  });
}

function useNamesOneThing({ uses = [] }: Manifest): Finding[] {
  return uses.flatMap((use, index): Finding[] => {
    const named = RESOURCE_TYPES.filter((type) => use[type] !== undefined);
    const field = `uses.${index}`;
    if (named.length !== 1) {
      const fix = 'Write one of "table", "bucket", "queue" and "topic"; one entry for each';
      return [{ field, value: use, problem: 'must name exactly one thing', fix }];
    }
    if (use.topic === undefined || use.access === 'write') return [];
    const fix = 'Write "write" to publish; to receive, own a queue and name the topic in its "topics"';
    return [
      { field: `${field}.access`, value: use.access, problem: 'is not possible: a topic is only written to', fix },
    ];
  });
}

function variables({ environment = {}, secrets = {} }: Manifest): Finding[] {
  const reserved = (['environment', 'secrets'] as const).flatMap((field) =>
    Object.entries(field === 'environment' ? environment : secrets)
      .filter(([name]) => RESERVED_VARIABLE.test(name))
      .map(([name, value]) => ({
        field: `${field}.${name}`,
        value,
        problem: 'is a variable that Slipway or AWS sets',
        fix: 'Choose another name',
      })),
  );
  const twice = Object.keys(secrets)
    .filter((name) => name in environment)
    .map((name) => ({
      field: `secrets.${name}`,
      value: secrets[name],
      problem: 'is also set under environment',
      fix: 'Keep it in one of the two',
    }));
  return [...reserved, ...twice];
}

function uniqueDeclarations({ owns }: Manifest): Finding[] {
  return Object.values(RESOURCES).flatMap((field) => {
    const names = (owns?.[field] ?? []).map(({ name }) => name);
    return names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [
            {
              field: `owns.${field}.${index}.name`,
              value: name,
              problem: 'is declared twice',
              fix: 'Remove one of the two',
            },
          ],
    );
  });
}

/** A function is called by the load balancer or by its trigger. */
function functionCaller({ kind, routes, trigger, rotates }: Manifest): Finding[] {
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

function queueNames({ owns }: Manifest): Finding[] {
  return (owns?.queues ?? []).flatMap(({ name }, index) =>
    name.endsWith('-dead')
      ? [
          {
            field: `owns.queues.${index}.name`,
            value: name,
            problem: "has the name of another queue's dead letters",
            fix: 'Choose a name that does not end with -dead',
          },
        ]
      : [],
  );
}

function tableAttributes({ owns }: Manifest): Finding[] {
  return (owns?.tables ?? []).flatMap(({ partitionKey, sortKey, timeToLive }, index) => {
    const keys = [partitionKey, sortKey];
    const fix = 'Name another attribute';
    const field = (name: string): string => `owns.tables.${index}.${name}`;
    return [
      ...(sortKey === partitionKey
        ? [{ field: field('sortKey'), value: sortKey, problem: 'is the partition key, too', fix }]
        : []),
      ...(timeToLive !== undefined && keys.includes(timeToLive)
        ? [{ field: field('timeToLive'), value: timeToLive, problem: 'is a key, and keys are strings', fix }]
        : []),
    ];
  });
}

function checkBodies({ checks = [] }: Manifest): Finding[] {
  return checks.flatMap(({ method = 'GET', body, expect }, index) => [
    ...(body !== undefined && method === 'GET'
      ? [
          {
            field: `checks.${index}.body`,
            value: body,
            problem: 'is a body on a GET request',
            fix: 'Set method, or remove body',
          },
        ]
      : []),
    ...Object.entries(expect.json ?? {}).flatMap(([path, matcher]) =>
      'between' in matcher && matcher.between[0] > matcher.between[1]
        ? [
            {
              field: `checks.${index}.expect.json.${path}.between`,
              value: matcher.between,
              problem: 'has its higher number first',
              fix: 'Swap the two numbers',
            },
          ]
        : [],
    ),
  ]);
}

function migrationOrder({ migration }: Manifest): Finding[] {
  if (migration === undefined || migration.compatibleFrom <= migration.level) return [];
  const problem = `is above migration.level (${migration.level}), so not even the code that brings the migration would work`;
  return [{ field: 'migration.compatibleFrom', value: migration.compatibleFrom, problem, fix: 'Lower it' }];
}
