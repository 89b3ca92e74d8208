import type { ManifestError } from '../pipeline/manifest/result.ts';
import type { EnvironmentSettings } from './environments.ts';

/** Where the data stands, for messages. */
const FILE = 'stacks/environments.ts';

type Environment = 'production' | 'staging' | 'preview';
export type Environments = Readonly<Record<Environment, EnvironmentSettings>>;

interface Finding {
  readonly field: string;
  readonly value: unknown;
  readonly problem: string;
  readonly fix: string;
}
type Rule = (settings: EnvironmentSettings, environment: Environment) => readonly Finding[];

const NETWORK = /^10\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;
const CRON = /^cron\(\S+ \S+ \S+ \S+ \S+ \S+\)$/;
/** What both Terraform and AWS take; the same list as in semantics/value-rules.ts without the rare ones. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const RULES: readonly Rule[] = [
  network,
  numbers,
  retention,
  capacity,
  deployment,
  protection,
  tracing,
  backup,
  officeHours,
  api,
  userPool,
];

/** Wrong and contradictory environment data, with the field and the way out. */
export function environmentErrors(profile: string, environments: Environments): readonly ManifestError[] {
  const each = (Object.keys(environments) as Environment[]).flatMap((environment) =>
    RULES.flatMap((rule) => rule(environments[environment], environment)).map((finding) => ({
      ...finding,
      file: FILE,
      field: `${profile}.${environment}.${finding.field}`,
    })),
  );
  return [...each, ...sharedNetwork(profile, environments)];
}

function network({ network: value }: EnvironmentSettings): readonly Finding[] {
  if (NETWORK.test(value)) return [];
  return [{ field: 'network', value, problem: 'is not the start of a private network', fix: 'Write 10.0 to 10.255' }];
}

function sharedNetwork(profile: string, { production, staging }: Environments): readonly ManifestError[] {
  if (production.network !== staging.network) return [];
  const fix = 'Give each its own, so that they can be connected one day';
  const field = `${profile}.staging.network`;
  return [{ file: FILE, field, value: staging.network, problem: 'is the network of production, too', fix }];
}

function numbers(settings: EnvironmentSettings): readonly Finding[] {
  const { tableLimits, reservedConcurrency = 1 } = settings;
  return [
    ...within('minimumTasks', settings.minimumTasks, [1, 100]),
    ...within('keyDeletionDays', settings.keyDeletionDays, [7, 30]),
    ...within('healthCheckSeconds', settings.healthCheckSeconds, [5, 300]),
    ...within('drainSeconds', settings.drainSeconds, [0, 3600]),
    ...within('tableLimits.reads', tableLimits.reads, [1, 40_000]),
    ...within('tableLimits.writes', tableLimits.writes, [1, 40_000]),
    ...within('reservedConcurrency', reservedConcurrency, [1, 1000]),
  ];
}

function within(field: string, value: number, [from, to]: readonly [number, number]): readonly Finding[] {
  if (Number.isInteger(value) && value >= from && value <= to) return [];
  return [
    { field, value, problem: `is not a whole number from ${from} to ${to}`, fix: `Write one from ${from} to ${to}` },
  ];
}

function retention({ logRetentionDays: value }: EnvironmentSettings): readonly Finding[] {
  if (RETENTION_DAYS.includes(value)) return [];
  const fix = `Use one of ${RETENTION_DAYS.join(', ')}`;
  return [{ field: 'logRetentionDays', value, problem: 'is not a number of days that CloudWatch keeps logs', fix }];
}

function capacity({ capacity: value }: EnvironmentSettings): readonly Finding[] {
  const field = 'capacity';
  const providers = value.map(({ capacityProvider }) => capacityProvider);
  if (new Set(providers).size !== providers.length)
    return [{ field, value: providers, problem: 'names a capacity provider twice', fix: 'Keep one entry for each' }];
  if (!value.some(({ weight }) => weight > 0))
    return [
      { field, value, problem: 'gives no capacity provider a weight', fix: 'Give one of them a weight of 1 or more' },
    ];
  if (value.filter(({ base = 0 }) => base > 0).length > 1)
    return [{ field, value, problem: 'has more than one base', fix: 'Keep the base of one capacity provider' }];
  return [];
}

/** With 100 and 100, ECS could neither stop an old task nor start a new one. */
function deployment({ minimumHealthyPercent, maximumPercent }: EnvironmentSettings): readonly Finding[] {
  const ranges = [
    ...within('minimumHealthyPercent', minimumHealthyPercent, [0, 100]),
    ...within('maximumPercent', maximumPercent, [100, 200]),
  ];
  if (ranges.length > 0 || maximumPercent > minimumHealthyPercent) return ranges;
  const problem = `leaves a deployment no room beside minimumHealthyPercent (${minimumHealthyPercent})`;
  return [{ field: 'maximumPercent', value: maximumPercent, problem, fix: 'Raise it to 200, or lower the other' }];
}

function protection({ deletionProtection: value }: EnvironmentSettings, environment: Environment): readonly Finding[] {
  const wanted = environment !== 'preview';
  if (value === wanted) return [];
  const problem = wanted ? 'leaves data without protection' : 'keeps previews from being destroyed';
  return [{ field: 'deletionProtection', value, problem, fix: `Write ${wanted}` }];
}

function tracing({ tracing: value }: EnvironmentSettings): readonly Finding[] {
  if (value === undefined || (value.share > 0 && value.share <= 1)) return [];
  const problem = 'is no share of all requests';
  return [
    { field: 'tracing.share', value: value.share, problem, fix: 'Write one above 0, up to 1, or remove tracing' },
  ];
}

function backup({ backup: value }: EnvironmentSettings): readonly Finding[] {
  if (value === undefined) return [];
  return [...cron('backup.schedule', value.schedule), ...within('backup.keepDays', value.keepDays, [1, 3650])];
}

function officeHours(
  { officeHours: value, scaling }: EnvironmentSettings,
  environment: Environment,
): readonly Finding[] {
  if (value === undefined) return [];
  const field = 'officeHours';
  const absent = (problem: string): Finding => ({ field, value, problem, fix: 'Remove officeHours' });
  return [
    ...(environment === 'production' ? [absent('would send production to sleep')] : []),
    ...(scaling ? [] : [absent('needs scaling, which is switched off')]),
    ...cron(`${field}.start`, value.start),
    ...cron(`${field}.stop`, value.stop),
    ...timezone(value.timezone),
  ];
}

function cron(field: string, value: string): readonly Finding[] {
  if (CRON.test(value)) return [];
  return [
    { field, value, problem: 'is no cron expression of AWS', fix: 'Write six fields, such as cron(0 3 * * ? *)' },
  ];
}

function timezone(value: string): readonly Finding[] {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return [];
  } catch {
    return [
      { field: 'officeHours.timezone', value, problem: 'is no time zone', fix: 'Write one such as Europe/Berlin' },
    ];
  }
}

function api({ api: value, userPool: pool }: EnvironmentSettings): readonly Finding[] {
  if (value === undefined) return [];
  const nobody = 'needs a user pool: a key alone does not say who somebody is';
  return [
    ...(pool === undefined ? [{ field: 'api', value, problem: nobody, fix: 'Add userPool, or remove api' }] : []),
    ...within('api.requestsPerSecond', value.requestsPerSecond, [1, 10_000]),
    ...within('api.burst', value.burst, [1, 5000]),
    ...Object.entries(value.plans).flatMap(([name, plan]) => [
      ...within(`api.plans.${name}.requestsPerSecond`, plan.requestsPerSecond, [1, value.requestsPerSecond]),
      ...within(`api.plans.${name}.burst`, plan.burst, [1, value.burst]),
      ...within(`api.plans.${name}.requestsPerDay`, plan.requestsPerDay, [1, 1_000_000_000]),
    ]),
  ];
}

function userPool({ userPool: value }: EnvironmentSettings): readonly Finding[] {
  if (value === undefined) return [];
  return [
    ...within('userPool.minimumPasswordLength', value.minimumPasswordLength, [12, 99]),
    ...within('userPool.tokenMinutes', value.tokenMinutes, [5, 60]),
  ];
}
