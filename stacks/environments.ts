import { hostEnvironment, isPreview } from '../pipeline/manifest/names.ts';

/** What differs between environments; everything else is the same on purpose. */
export interface EnvironmentSettings {
  /** First two octets of the network, so that networks could be peered one day. */
  readonly network: string;
  readonly logRetentionDays: number;
  /** Share of Fargate and Fargate Spot; Spot costs about a third and may be interrupted. */
  readonly capacity: readonly {
    readonly capacityProvider: 'FARGATE' | 'FARGATE_SPOT';
    readonly weight: number;
    readonly base?: number;
  }[];
  /** Deleting tables and load balancers needs a change here first. */
  readonly deletionProtection: boolean;
  readonly keyDeletionDays: number;
  readonly containerInsights: 'enabled' | 'disabled';
  /** Seconds between two health checks; two good ones make a target healthy. */
  readonly healthCheckSeconds: number;
  /** Seconds that a stopping target may still finish its requests. */
  readonly drainSeconds: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
}

const production: EnvironmentSettings = {
  network: '10.20',
  logRetentionDays: 365,
  capacity: [
    { capacityProvider: 'FARGATE', weight: 1, base: 1 },
    { capacityProvider: 'FARGATE_SPOT', weight: 1 },
  ],
  deletionProtection: true,
  keyDeletionDays: 30,
  containerInsights: 'enabled',
  healthCheckSeconds: 10,
  drainSeconds: 30,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
};

const staging: EnvironmentSettings = {
  ...production,
  network: '10.10',
  logRetentionDays: 30,
  capacity: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
  containerInsights: 'disabled',
  healthCheckSeconds: 5,
  drainSeconds: 10,
};

const preview: EnvironmentSettings = {
  ...staging,
  logRetentionDays: 7,
  deletionProtection: false,
  drainSeconds: 5,
  minimumHealthyPercent: 0,
  maximumPercent: 100,
};

/** Settings of `staging`, `production` or a preview `pr-<n>`. */
export function environmentSettings(environment: string): EnvironmentSettings {
  if (isPreview(environment)) return preview;
  return hostEnvironment(environment) === 'production' ? production : staging;
}
