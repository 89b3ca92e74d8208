import { hostEnvironment, isPreview, type Profile, type Project } from '../pipeline/manifest/names.ts';

/** What differs between environments; everything else is the same on purpose. Checked by environment-rules.ts before anything is synthesized. */
export interface EnvironmentSettings {
  /** First two octets of the network, so that networks could be peered one day. */
  readonly network: string;
  /**
   * How tasks reach the world. `gateway`: from private addresses, through one NAT gateway (37 dollars a month). `instance`: the same through a small instance of our own (9 dollars); minutes without a way out when it is
   * replaced. `none`: tasks have public addresses (3.65 dollars each).
   */
  readonly nat: 'gateway' | 'instance' | 'none';
  readonly logRetentionDays: number;
  /** Share of Fargate and Fargate Spot; Spot costs about a third and may be interrupted. */
  readonly capacity: readonly {
    readonly capacityProvider: 'FARGATE' | 'FARGATE_SPOT';
    readonly weight: number;
    readonly base?: number;
  }[];
  /** Tasks that a service has at least, whatever its manifest says. */
  readonly minimumTasks: number;
  /** Services scale with their load. Previews do not. */
  readonly scaling: boolean;
  /** Hours in which services run; outside of them they have no tasks. Absent: always. */
  readonly officeHours?: OfficeHours;
  /** Deleting tables, load balancers and user pools needs a change here first. */
  readonly deletionProtection: boolean;
  readonly keyDeletionDays: number;
  readonly containerInsights: 'enabled' | 'disabled';
  /** Seconds between two health checks; two good ones make a target healthy. */
  readonly healthCheckSeconds: number;
  /** Seconds that a stopping target may still finish its requests. */
  readonly drainSeconds: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** Requests per second that a table takes at most: the bill of a mistake is bounded. */
  readonly tableLimits: { readonly reads: number; readonly writes: number };
  /** Executions that a function has for itself and at most. Absent in accounts whose quota is 10: AWS refuses it there. */
  readonly reservedConcurrency?: number;
  /** Alarms on each service and one dashboard. */
  readonly serviceAlarms: boolean;
  /**
   * Web services tell X-Ray about a share of their requests, from 0 to 1. The first 100,000 traces a month are free, a million more cost five dollars. Functions and the API are traced
   * by AWS, by the account's rule. Absent: not.
   */
  readonly tracing?: { readonly share: number };
  /** Nightly backups of the tables, beside point in time recovery. Absent: none. */
  readonly backup?: { readonly schedule: string; readonly keepDays: number };
  /** A REST API in front of the services for programs with API keys. It needs the user pool. Absent: none. */
  readonly api?: ApiSettings;
  /** A pool of people who sign in. Absent: none. */
  readonly userPool?: UserPoolSettings;
}

export interface OfficeHours {
  /** EventBridge cron expressions. */
  readonly start: string;
  readonly stop: string;
  readonly timezone: string;
}

/** Usage plans by name; every API key belongs to one, and is throttled and counted by itself. */
export interface ApiSettings {
  readonly plans: Readonly<Record<string, UsagePlan>>;
  /** Requests per second of all keys together. */
  readonly requestsPerSecond: number;
  readonly burst: number;
}

export interface UsagePlan {
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly requestsPerDay: number;
}

export interface UserPoolSettings {
  /** Everybody needs a second factor, or only who wants one. */
  readonly secondFactor: 'required' | 'optional';
  readonly minimumPasswordLength: number;
  /** Minutes that an access token lasts. */
  readonly tokenMinutes: number;
}

type LongLived = 'production' | 'staging' | 'preview';

const production: EnvironmentSettings = {
  network: '10.20',
  nat: 'instance',
  logRetentionDays: 365,
  capacity: [
    // One task that nobody interrupts; the others may go with two minutes' notice.
    { capacityProvider: 'FARGATE', weight: 0, base: 1 },
    { capacityProvider: 'FARGATE_SPOT', weight: 1 },
  ],
  minimumTasks: 2,
  scaling: true,
  deletionProtection: true,
  keyDeletionDays: 30,
  containerInsights: 'enabled',
  healthCheckSeconds: 10,
  drainSeconds: 30,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  tableLimits: { reads: 4000, writes: 1000 },
  reservedConcurrency: 20,
  serviceAlarms: true,
  backup: { schedule: 'cron(0 3 * * ? *)', keepDays: 35 },
  api: {
    requestsPerSecond: 200,
    burst: 400,
    plans: {
      trial: { requestsPerSecond: 2, burst: 10, requestsPerDay: 2000 },
      standard: { requestsPerSecond: 20, burst: 60, requestsPerDay: 200_000 },
    },
  },
  userPool: { secondFactor: 'required', minimumPasswordLength: 14, tokenMinutes: 60 },
};

const staging: EnvironmentSettings = {
  ...without(production, ['backup', 'api', 'userPool']),
  network: '10.10',
  nat: 'none',
  logRetentionDays: 30,
  capacity: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
  minimumTasks: 1,
  healthCheckSeconds: 5,
  drainSeconds: 10,
  tableLimits: { reads: 400, writes: 100 },
  reservedConcurrency: 5,
  serviceAlarms: false,
};

const preview: EnvironmentSettings = {
  ...without(staging, ['reservedConcurrency']),
  logRetentionDays: 7,
  scaling: false,
  deletionProtection: false,
  drainSeconds: 5,
  minimumHealthyPercent: 0,
  maximumPercent: 100,
};

/** Everything that runs for the smallest bill that still keeps the controls, but for the waivers that name this profile. */
const shoestring: Readonly<Record<LongLived, EnvironmentSettings>> = {
  production: {
    ...production,
    nat: 'none',
    // An interruption costs the minute that ECS takes to start another task.
    capacity: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    minimumTasks: 1,
    containerInsights: 'disabled',
  },
  staging: {
    ...staging,
    containerInsights: 'disabled',
    officeHours: { start: 'cron(0 8 ? * MON-FRI *)', stop: 'cron(0 18 ? * MON-FRI *)', timezone: 'Etc/UTC' },
  },
  preview,
};

export const ENVIRONMENTS: Readonly<Record<Profile, Readonly<Record<LongLived, EnvironmentSettings>>>> = {
  standard: { production, staging, preview },
  shoestring,
};

/** Settings of `staging`, `production` or a preview `pr-<n>`. */
export function environmentSettings({ project, environment }: Settled): EnvironmentSettings {
  const settings = ENVIRONMENTS[project.profile ?? 'standard'];
  return settings[isPreview(environment) ? 'preview' : hostEnvironment(environment)];
}

interface Settled {
  readonly project: Pick<Project, 'profile'>;
  readonly environment: string;
}

/** The same without some of the optional settings. */
function without<Key extends keyof EnvironmentSettings>(
  settings: EnvironmentSettings,
  keys: readonly Key[],
): Omit<EnvironmentSettings, Key> {
  const left = Object.entries(settings).filter(([key]) => !keys.some((one) => one === key));
  return Object.fromEntries(left) as unknown as Omit<EnvironmentSettings, Key>;
}
