import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const USAGE_FILE = 'usage.json';

/** Assumptions about one environment: name -> quantity a month. What is not given is 0. */
export type Assumptions = Readonly<Record<string, number>>;

export interface Usage {
  readonly hoursPerMonth: number;
  readonly officeHoursPerMonth: number;
  readonly previewHoursPerDay: number;
  readonly environments: Readonly<Record<string, Assumptions>>;
}

/** Names that the rules know; anything else in the file is a slip of the pen. */
export const ASSUMPTIONS = [
  ...['zones', 'guardDutyEventsMillions', 'guardDutyGigabytes', 'bucketGigabytes', 'imageGigabytes'],
  ...['tableWritesMillions', 'tableReadsMillions', 'tableGigabytes', 'logGigabytes', 'logStoredGigabytes'],
  ...['loadBalancerUnits', 'natGigabytes', 'endpointGigabytes', 'requestsMillions', 'apiRequestsMillions'],
  ...['keyRequests10k', 'secretRequests10k', 'flowLogGigabytes', 'functionRequestsMillions', 'functionMilliseconds'],
  ...['jobRuns', 'jobSeconds', 'queueRequestsMillions', 'tracesMillions', 'users', 'backupGigabytes'],
  ...['runtimeMonitoredCpus', 'workerHours'],
] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];

const ENVIRONMENTS = ['account', 'production', 'staging', 'preview'];
const HOURS = ['hoursPerMonth', 'officeHoursPerMonth', 'previewHoursPerDay'] as const;

/** @throws Error that names the file, the field and the way out */
export function loadUsage(root: string): Usage {
  return parseUsage(JSON.parse(readFileSync(join(root, USAGE_FILE), 'utf8')) as unknown);
}

export function parseUsage(value: unknown): Usage {
  const file = value as Usage;
  const problems = [
    ...HOURS.filter((name) => !isQuantity(file[name])).map((name) => `${name} has to be a number of hours`),
    ...ENVIRONMENTS.filter((name) => typeof file.environments?.[name] !== 'object').map(
      (name) => `environments.${name} is missing`,
    ),
    ...Object.entries(file.environments ?? {}).flatMap(([environment, assumptions]) =>
      Object.entries(assumptions).flatMap(([name, quantity]) => {
        const field = `environments.${environment}.${name}`;
        if (!(ASSUMPTIONS as readonly string[]).includes(name))
          return [`${field} is unknown; known are ${ASSUMPTIONS.join(', ')}`];
        return isQuantity(quantity) ? [] : [`${field} has to be a number that is not negative`];
      }),
    ),
  ];
  if (problems.length > 0) throw new Error(`${USAGE_FILE}: ${problems.join('; ')}`);
  return file;
}

const isQuantity = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
