import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIFECYCLE_RULES } from './constructs/lifecycle-rules.ts';

type Resource = Readonly<Record<string, unknown>>;

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'slipway-constructs-'));
afterAll(() => rmSync(folder, { recursive: true }));

function synthesize(profile: string): (stack: string, type: string) => readonly Resource[] {
  const outdir = join(folder, profile);
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'stacks/testing/everything.ts'],
    { cwd: ROOT, env: { ...process.env, CDKTF_OUTDIR: outdir, SLIPWAY_PROFILE: profile }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return (stack, type) => {
    const { resource } = JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
    return Object.values((resource[type] ?? {}) as Readonly<Record<string, Resource>>);
  };
}

const standard = synthesize('standard');
const shoestring = synthesize('shoestring');

const STATEFUL = [
  'aws_dynamodb_table',
  'aws_s3_bucket',
  'aws_secretsmanager_secret',
  'aws_cognito_user_pool',
  'aws_backup_vault',
];

describe('what must not be lost', () => {
  test.each(['staging-data', 'production-data'])('%s: Terraform refuses to destroy it', (stack) => {
    for (const resource of STATEFUL.flatMap((type) => standard(stack, type)))
      expect(resource['lifecycle']).toEqual({ prevent_destroy: true });
    expect(standard(stack, 'aws_dynamodb_table').map((one) => one['deletion_protection_enabled'])).not.toContain(false);
  });

  test('previews can go whole', () => {
    for (const resource of STATEFUL.flatMap((type) => standard('preview-pr-7', type)))
      expect(resource['lifecycle']).toBeUndefined();
  });
});

describe('repositories of images', () => {
  test('tags never move, every push is scanned, images are encrypted with our key', () => {
    const repositories = standard('account', 'aws_ecr_repository');
    expect(repositories.length).toBeGreaterThan(1);
    for (const repository of repositories) {
      expect(repository).toMatchObject({
        image_tag_mutability: 'IMMUTABLE',
        image_scanning_configuration: { scan_on_push: true },
        encryption_configuration: [{ encryption_type: 'KMS', kms_key: expect.stringContaining('key') }],
      });
    }
  });

  test('each has the lifecycle rules that a simulated year has been through', () => {
    const policies = standard('account', 'aws_ecr_lifecycle_policy');
    expect(policies).toHaveLength(standard('account', 'aws_ecr_repository').length);
    for (const { policy } of policies) expect(JSON.parse(String(policy))).toEqual({ rules: LIFECYCLE_RULES });
  });
});

describe('network', () => {
  const routes = (stack: string) =>
    standard(stack, 'aws_route').map(({ gateway_id, network_interface_id }) =>
      gateway_id ? 'internet' : network_interface_id && 'nat',
    );

  test('production: one NAT instance, tasks without public addresses, load balancer in public subnets', () => {
    expect(standard('production-platform', 'aws_autoscaling_group')).toHaveLength(1);
    expect(routes('production-platform')).toEqual(['internet', 'nat']);
    expect(standard('production-platform', 'aws_subnet')).toHaveLength(4);
    expect(String(standard('production-platform', 'aws_lb')[0]?.['subnets'])).not.toMatch(/private/);
    for (const { network_configuration } of standard('production-app', 'aws_ecs_service'))
      expect(network_configuration).toMatchObject({ assign_public_ip: false });
  });

  test('staging, and everything on a shoestring: none, and gateway endpoints all the same', () => {
    expect(standard('staging-platform', 'aws_autoscaling_group')).toEqual([]);
    expect(shoestring('production-platform', 'aws_autoscaling_group')).toEqual([]);
    expect(routes('staging-platform')).toEqual(['internet']);
    expect(standard('staging-platform', 'aws_vpc_endpoint')).toHaveLength(2);
  });
});

test('on a shoestring, staging has no tasks at night and on weekends', () => {
  const actions = shoestring('staging-app', 'aws_appautoscaling_scheduled_action');
  expect(actions.filter(({ name }) => name === 'staging-web-cpu-stop')).toMatchObject([
    { schedule: 'cron(0 18 ? * MON-FRI *)', scalable_target_action: { min_capacity: '0', max_capacity: '0' } },
  ]);
  expect(actions.filter(({ name }) => name === 'staging-web-cpu-start')).toMatchObject([
    { scalable_target_action: { min_capacity: '1', max_capacity: '3' } },
  ]);
  expect(standard('staging-app', 'aws_appautoscaling_scheduled_action')).toEqual([]);
});

test('a zone of our own is kept, lets only Amazon issue certificates, and tells its name servers', () => {
  const [zone] = standard('account', 'aws_route53_zone');
  expect(zone).toMatchObject({ name: 'demo.example', force_destroy: false, lifecycle: { prevent_destroy: true } });
  expect(standard('account', 'aws_route53_record')).toMatchObject([
    { type: 'CAA', name: 'demo.example', records: ['0 issue "amazon.com"', '0 issuewild "amazon.com"'] },
  ]);
  const told = standard('account', 'aws_ssm_parameter').find(({ name }) => String(name).endsWith('/name-servers'));
  expect(told?.['insecure_value']).toMatch(/^\$\{join\(",", aws_route53_zone\..+\.name_servers\)\}$/);
});

test('the state bucket, which is older than its state, is taken over', () => {
  const stack = JSON.parse(readFileSync(join(folder, 'standard/stacks/bootstrap/cdk.tf.json'), 'utf8'));
  const [{ to, id }] = stack.import;
  expect(id).toBe('demo-123456789012-state');
  expect(stack.resource.aws_s3_bucket[to.split('.')[1]].bucket).toBe(id);
});

describe('API and users', () => {
  test('a request needs a token and a key; the key has a plan with a limit and a quota of its own', () => {
    expect(standard('production-app', 'aws_api_gateway_method')).toMatchObject([
      { http_method: 'ANY', authorization: 'COGNITO_USER_POOLS', api_key_required: true },
    ]);
    const plans = standard('production-app', 'aws_api_gateway_usage_plan');
    expect(plans.map(({ name }) => name)).toEqual(['demo-production-standard', 'demo-production-trial']);
    for (const plan of plans) expect(plan).toMatchObject({ throttle_settings: {}, quota_settings: { period: 'DAY' } });
    expect(standard('staging-app', 'aws_api_gateway_rest_api')).toEqual([]);
  });

  test('the organisation comes from the trigger, and nobody can write one into themselves', () => {
    const [pool] = standard('production-data', 'aws_cognito_user_pool');
    expect(pool?.['lambda_config']).toEqual({
      pre_token_generation_config: {
        lambda_arn: 'arn:aws:lambda:us-east-1:123456789012:function:production-identity:live',
        lambda_version: 'V2_0',
      },
    });
    expect(pool?.['schema']).toBeUndefined();
    const [client] = standard('production-data', 'aws_cognito_user_pool_client');
    expect(client?.['write_attributes']).toEqual(['email', 'name', 'locale']);
    const callers = standard('production-app', 'aws_lambda_permission').map(({ principal }) => principal);
    expect(callers).toContain('cognito-idp.amazonaws.com');
  });

  test('a secret is renewed by the function that says so, only where it is', () => {
    expect(standard('production-app', 'aws_secretsmanager_secret_rotation')).toMatchObject([
      { secret_id: '/demo/production/sentry-dsn', rotation_rules: { automatically_after_days: 30 } },
    ]);
    expect(standard('preview-pr-7', 'aws_secretsmanager_secret_rotation')).toEqual([]);
  });
});

test('a topic feeds a queue, whose dead letters raise an alarm', () => {
  expect(standard('staging-data', 'aws_sns_topic_subscription')).toMatchObject([
    { protocol: 'sqs', raw_message_delivery: true },
  ]);
  const [queue] = standard('staging-data', 'aws_sqs_queue').filter(({ name }) => name === 'staging-outbox');
  expect(JSON.parse(String(queue?.['redrive_policy']))).toMatchObject({ maxReceiveCount: 3 });
  const alarms = standard('staging-data', 'aws_cloudwatch_metric_alarm').map(({ alarm_name }) => alarm_name);
  expect(alarms).toContain('staging-outbox-dead-waiting');
});
