import { describeErrors } from '../pipeline/manifest/result.ts';
import { type Environments, environmentErrors } from './environment-rules.ts';
import { ENVIRONMENTS, type EnvironmentSettings } from './environments.ts';

const { standard } = ENVIRONMENTS;
const api = {
  requestsPerSecond: 50,
  burst: 100,
  plans: { free: { requestsPerSecond: 5, burst: 10, requestsPerDay: 1000 } },
};
const userPool = { secondFactor: 'required', minimumPasswordLength: 14, tokenMinutes: 60 } as const;
const hours = { start: 'cron(0 8 ? * MON-FRI *)', stop: 'cron(0 18 ? * MON-FRI *)', timezone: 'Etc/UTC' };

const wrong = (environment: keyof Environments, change: Partial<EnvironmentSettings>): string =>
  describeErrors(
    environmentErrors('standard', { ...standard, [environment]: { ...standard[environment], ...change } }),
  );

test.each(Object.entries(ENVIRONMENTS))('the data of %s is right', (profile, environments) => {
  expect(environmentErrors(profile, environments)).toEqual([]);
});

test.each<[string, keyof Environments, Partial<EnvironmentSettings>, RegExp]>([
  [
    'a network that is none',
    'staging',
    { network: '172.16' },
    /staging\.network = "172\.16": .*private network\. Write 10/,
  ],
  ['a network twice', 'staging', { network: '10.20' }, /is the network of production, too\. Give each its own/],
  ['more than all', 'production', { tracing: { share: 5 } }, /tracing\.share = 5: .*up to 1, or remove tracing/],
  ['no tasks', 'production', { minimumTasks: 0 }, /production\.minimumTasks = 0: .*1 to 100/],
  ['half a second', 'production', { healthCheckSeconds: 0.5 }, /healthCheckSeconds = 0\.5/],
  [
    'a retention that CloudWatch lacks',
    'staging',
    { logRetentionDays: 31 },
    /logRetentionDays = 31: .*Use one of 1, 3/,
  ],
  [
    'no capacity',
    'staging',
    { capacity: [{ capacityProvider: 'FARGATE', weight: 0 }] },
    /no capacity provider a weight/,
  ],
  [
    'capacity twice',
    'staging',
    {
      capacity: [
        { capacityProvider: 'FARGATE', weight: 1 },
        { capacityProvider: 'FARGATE', weight: 1 },
      ],
    },
    /names a capacity provider twice/,
  ],
  [
    'two bases',
    'staging',
    {
      capacity: [
        { capacityProvider: 'FARGATE', weight: 1, base: 1 },
        { capacityProvider: 'FARGATE_SPOT', weight: 1, base: 1 },
      ],
    },
    /more than one base/,
  ],
  [
    'a deployment without room',
    'production',
    { maximumPercent: 100 },
    /maximumPercent = 100: leaves a deployment no room/,
  ],
  [
    'production without protection',
    'production',
    { deletionProtection: false },
    /leaves data without protection\. Write true/,
  ],
  [
    'a preview that cannot go',
    'preview',
    { deletionProtection: true },
    /keeps previews from being destroyed\. Write false/,
  ],
  [
    'a backup that never runs',
    'production',
    { backup: { schedule: '0 3 * * *', keepDays: 35 } },
    /backup\.schedule = "0 3/,
  ],
  ['production that sleeps', 'production', { officeHours: hours }, /send production to sleep\. Remove officeHours/],
  ['hours without scaling', 'preview', { officeHours: hours }, /needs scaling/],
  [
    'a time zone that is none',
    'staging',
    { officeHours: { ...hours, timezone: 'Mars/Base' } },
    /timezone = "Mars\/Base"/,
  ],
  ['an API without users', 'staging', { api }, /staging\.api = .*needs a user pool.*Add userPool/],
  [
    'a plan above the API',
    'production',
    { api: { ...api, requestsPerSecond: 1 }, userPool },
    /api\.plans\.free\.requestsPerSecond = 5: .*1 to 1/,
  ],
  [
    'short passwords',
    'production',
    { userPool: { ...userPool, minimumPasswordLength: 8 } },
    /minimumPasswordLength = 8/,
  ],
])('%s is refused with file, field, value and remedy', (_, environment, change, message) => {
  const text = wrong(environment, change);
  expect(text).toMatch(/^stacks\/environments\.ts: standard\./);
  expect(text).toMatch(message);
});

test('an API with users is right', () => {
  expect(wrong('production', { api, userPool })).toBe('');
});
