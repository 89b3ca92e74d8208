import { join } from 'node:path';
import { costTable, difference } from '../report/cost.ts';
import { ALLOWANCES, granted } from './allowances.ts';
import { estimate, perDay } from './estimate.ts';
import { FIXED } from './fixed.ts';
import { isFree } from './free.ts';
import { METERED } from './metered.ts';
import { PRICES, priceOf } from './prices.ts';
import { environmentOf, synthesizedResources } from './resources.ts';
import { loadUsage, parseUsage } from './usage.ts';

const usage = loadUsage(join(import.meta.dirname, '..', '..'));

test('every price has a source, a date and a region, and is there once', () => {
  expect(new Set(PRICES.map(({ key }) => key)).size).toBe(PRICES.length);
  for (const price of PRICES) {
    expect(price).toEqual({
      key: expect.stringMatching(/./),
      unit: expect.stringMatching(/./),
      usd: expect.any(Number),
      source: expect.stringMatching(/./),
      asOf: expect.stringMatching(/^(\d{4}(-\d\d){0,2}|unknown)$/),
      region: 'us-east-1',
    });
  }
  expect(() => priceOf('gold')).toThrow('gold');
});

test('no type is both priced and free', () => {
  expect([...Object.keys(FIXED), ...Object.keys(METERED)].filter(isFree)).toEqual([]);
});

test('tasks are read from the templates, although Terraform has not replaced their expressions yet', () => {
  const expression = `\${element(split(",", data.aws_ssm_parameter.p.insecure_value), 0)}`;
  const template = {
    service: 'web',
    kind: 'web',
    serviceName: 'production-web',
    desiredCount: 3,
    taskDefinition: { cpu: '1024', memory: '2048', runtimePlatform: { cpuArchitecture: 'X86_64' } },
  };
  const text = JSON.stringify({ ...template, subnetIds: ['SUBNET'] }).replace('SUBNET', expression);
  const resources = synthesizedResources({
    resource: {
      aws_ssm_parameter: { t: { name: '/slipway/production/services/web', insecure_value: text } },
      aws_ecs_service: {
        web: {
          name: 'production-web',
          capacity_provider_strategy: [
            { capacity_provider: 'FARGATE', weight: 1, base: 1 },
            { capacity_provider: 'FARGATE_SPOT', weight: 1 },
          ],
          network_configuration: { assign_public_ip: true },
        },
      },
    },
  });
  const { lines } = estimate('production', resources, usage);
  // One by the base, of the other two one each.
  expect(lines.map(({ what, quantity }) => [what, quantity])).toEqual([
    ['Fargate x86, 1 vCPU', 2 * 730],
    ['Fargate x86, 2 GB', 2 * 2 * 730],
    ['Fargate Spot, 1 vCPU', 730],
    ['Fargate Spot, 2 GB', 2 * 730],
    ['public IPv4 addresses', 3 * 730],
  ]);
});

test('a type that nobody priced is named, not passed over', () => {
  const cost = estimate('production', [{ address: 'aws_gold_bar.b', type: 'aws_gold_bar', values: {} }], usage);
  expect(cost.unknown).toEqual(['aws_gold_bar']);
  expect(costTable([cost], usage)).toContain('Without a price: aws_gold_bar');
});

test('what is never charged is shared by all environments of the account, and told', () => {
  const alarms = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      address: `aws_cloudwatch_metric_alarm.a${index}`,
      type: 'aws_cloudwatch_metric_alarm',
      values: {},
    }));
  const costs = [estimate('production', alarms(8), usage), estimate('staging', alarms(6), usage)];
  expect(granted(costs)).toEqual([{ what: 'alarms', quantity: 10, saved: expect.closeTo(1, 6) }]);
  expect(granted(costs.slice(1))).toEqual([{ what: 'alarms', quantity: 6, saved: expect.closeTo(0.6, 6) }]);
  expect(costTable(costs, usage)).toMatch(/never charged: alarms +10 +-\$1\.00\ntotal +a month +\$0\.40/);
  for (const { prices, source, asOf } of ALLOWANCES) {
    for (const key of prices) expect(priceOf(key).key).toBe(key);
    expect([source, asOf]).toEqual([expect.stringMatching(/./), expect.stringMatching(/^\d{4}/)]);
  }
});

test('a job runs as often as its schedule says, where and with which address it says', () => {
  const template = {
    service: 'batch',
    kind: 'job',
    taskDefinition: { family: 'staging-batch', cpu: '256', memory: '512' },
  };
  const schedule = {
    name: 'staging-batch',
    schedule_expression: 'rate(1 day)',
    target: {
      ecs_parameters: {
        capacity_provider_strategy: [{ capacity_provider: 'FARGATE_SPOT', weight: 1 }],
        network_configuration: { assign_public_ip: true },
      },
    },
  };
  const resources = [
    {
      address: 'aws_ssm_parameter.t',
      type: 'aws_ssm_parameter',
      values: { name: '/slipway/staging/services/batch', insecure_value: JSON.stringify(template) },
    },
    { address: 'aws_scheduler_schedule.s', type: 'aws_scheduler_schedule', values: schedule },
  ];
  const hours = ((usage.hoursPerMonth / 24) * (usage.environments['staging']?.['jobSeconds'] ?? 0)) / 3600;
  expect(estimate('staging', resources, usage).lines.map(({ what, quantity }) => [what, quantity])).toEqual([
    ['Fargate Spot, 0.25 vCPU', expect.closeTo(hours / 4, 6)],
    ['Fargate Spot, 0.5 GB', expect.closeTo(hours / 2, 6)],
    ['public IPv4 addresses', expect.closeTo(hours, 6)],
  ]);
});

test('a preview is told by the day', () => {
  const cost = estimate('pr-7', [{ address: 'aws_kms_key.k', type: 'aws_kms_key', values: {} }], usage);
  expect(perDay(cost, usage)).toBeCloseTo(24 / 730, 5);
  expect(costTable([cost], usage)).toMatch(/one preview \(pr-7\) +a day +\$0\.03/);
});

test('environments of stacks, and differences in words', () => {
  expect(['account', 'bootstrap', 'staging-app', 'preview-pr-3'].map(environmentOf)).toEqual([
    'account',
    'account',
    'staging',
    'pr-3',
  ]);
  expect([3.65, -1, 0.001].map(difference)).toEqual(['+$3.65', '-$1.00', 'no difference']);
});

test.each<[object, RegExp]>([
  [{ environments: {} }, /hoursPerMonth has to be a number.*environments\.account is missing/],
  [{ ...usage, environments: { ...usage.environments, staging: { tea: 1 } } }, /environments\.staging\.tea is unknown/],
  [{ ...usage, environments: { ...usage.environments, staging: { zones: -1 } } }, /staging\.zones has to be a number/],
])('usage.json that makes no sense is refused: %#', (value, problem) => {
  expect(() => parseUsage(value)).toThrow(problem);
});
