import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostEnvironment } from '../pipeline/manifest/names.ts';
import type { Statement } from './constructs/policy.ts';
import { type Synthesized, synthesize } from './testing/program.ts';

const stacks = synthesize();
const stack = (id: string): Synthesized => {
  const found = stacks.get(id);
  if (found === undefined) throw new Error(`no stack ${id}`);
  return found;
};
const everything = [...stacks].flatMap(([id, { all }]) =>
  all.map(([type, name, resource]) => ({ id, type, name, resource })),
);
const statements = (policy: unknown): readonly Statement[] => JSON.parse(String(policy)).Statement;

test('the program has the stacks of the design', () => {
  expect([...stacks.keys()].sort()).toEqual([
    'account',
    'bootstrap',
    'preview-pr-7',
    ...['app', 'data', 'platform'].map((layer) => `production-${layer}`),
    ...['app', 'data', 'platform'].map((layer) => `staging-${layer}`),
  ]);
});

test('synthesis is deterministic', () => {
  for (const [id, { text }] of synthesize()) expect(text).toBe(stack(id).text);
});

test('no digest and no commit enters a plan; images are the placeholder', () => {
  for (const [, { text }] of stacks) {
    expect(text).not.toMatch(/sha256:|@sha/);
    expect(text).not.toContain('SLIPWAY_RELEASE');
  }
  const [[, service] = []] = stack('staging-app').resources('aws_ecs_task_definition');
  expect(JSON.parse(String(service?.['container_definitions']))[0].image).toMatch(/:bootstrap$/);
});

describe('encryption', () => {
  const customerKey = expect.stringMatching(
    /^\$\{(?:aws_kms_key\..+\.arn|data\.aws_ssm_parameter\.parameter-key-arn\.insecure_value)\}$/,
  );
  const KEYS: Readonly<Record<string, (resource: Readonly<Record<string, unknown>>) => unknown>> = {
    aws_cloudwatch_log_group: (resource) => resource['kms_key_id'],
    aws_dynamodb_table: (resource) => (resource['server_side_encryption'] as { kms_key_arn: string }).kms_key_arn,
    aws_ecr_repository: (resource) => (resource['encryption_configuration'] as [{ kms_key: string }])[0].kms_key,
    aws_secretsmanager_secret: (resource) => resource['kms_key_id'],
    aws_lambda_function: (resource) => resource['kms_key_arn'],
    aws_scheduler_schedule: (resource) => resource['kms_key_arn'],
    aws_sns_topic: (resource) => resource['kms_master_key_id'],
    aws_cloudtrail: (resource) => resource['kms_key_id'],
  };

  test.each(Object.keys(KEYS))('every %s uses a key of ours', (type) => {
    const found = everything.filter((one) => one.type === type);
    expect(found.length).toBeGreaterThan(0);
    for (const { resource } of found) expect(KEYS[type]?.(resource)).toEqual(customerKey);
  });

  test('every bucket has all its companions, and denies plain HTTP', () => {
    for (const [id, { resources }] of stacks) {
      for (const [name] of resources('aws_s3_bucket')) {
        const of = (type: string) =>
          resources(type).filter(([, { bucket }]) => bucket === `\${aws_s3_bucket.${name}.id}`);
        for (const part of [
          'public_access_block',
          'ownership_controls',
          'versioning',
          'server_side_encryption_configuration',
          'lifecycle_configuration',
          'policy',
        ]) {
          expect([id, name, part, of(`aws_s3_bucket_${part}`).length]).toEqual([id, name, part, 1]);
        }
        const [[, policy] = []] = of('aws_s3_bucket_policy');
        expect(statements(policy?.['policy'])[0]).toMatchObject({
          Effect: 'Deny',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        });
      }
    }
  });

  test('states are encrypted and locked', () => {
    for (const [id, { text }] of stacks) {
      expect(JSON.parse(text).terraform.backend.s3).toEqual({
        bucket: 'demo-123456789012-state',
        key: `${id}.tfstate`,
        region: 'us-east-1',
        encrypt: true,
        use_lockfile: true,
        // The bootstrap stack makes the key; its own state is encrypted with S3's.
        ...(id === 'bootstrap' ? {} : { kms_key_id: 'arn:aws:kms:us-east-1:123456789012:alias/demo-state' }),
      });
    }
  });
});

test('templates hold everything but the image', () => {
  for (const id of ['staging-app', 'production-app', 'preview-pr-7']) {
    const environment = id.startsWith('preview-') ? 'pr-7' : id.replace('-app', '');
    const templates = stack(id)
      .resources('aws_ssm_parameter')
      .filter(([, { name }]) => String(name).includes('/services/'))
      .map(([, { name, insecure_value }]) => [name, JSON.parse(String(insecure_value))]);
    expect(templates.map(([name]) => name).sort()).toEqual(
      ['batch', 'mail', 'scorer', 'web'].map((service) => `/demo/${environment}/services/${service}`),
    );
    for (const [, template] of templates) {
      if (template.kind === 'function')
        expect(template).toMatchObject({ alias: 'live', functionName: `${environment}-scorer` });
      else {
        expect(template.cluster).toBe(hostEnvironment(environment));
        expect(template.taskDefinition.containerDefinitions[0]).not.toHaveProperty('image');
        expect(template.taskDefinition.containerDefinitions[0]).toMatchObject({
          readonlyRootFilesystem: true,
          user: '1000',
        });
      }
    }
  }
});

test('Terraform never scales, re-releases or re-points what a release owns', () => {
  const { resources } = stack('production-app');
  for (const [, service] of resources('aws_ecs_service')) {
    expect(service).toMatchObject({
      desired_count: 0,
      lifecycle: { ignore_changes: ['task_definition', 'desired_count'] },
    });
  }
  expect(resources('aws_lambda_function')[0]?.[1]).toMatchObject({ lifecycle: { ignore_changes: ['image_uri'] } });
  expect(resources('aws_lambda_alias')[0]?.[1]).toMatchObject({
    lifecycle: { ignore_changes: ['function_version', 'routing_config'] },
  });
  const families = resources('aws_ecs_task_definition').map(([, { family }]) => family);
  expect(families.sort()).toEqual(['production-mail', 'production-web']);
});

describe('a service whose requests are shifted', () => {
  const rollout = { strategy: 'canary', percent: 20, bakeMinutes: 10 } as const;
  const shifted = synthesize('/nowhere', { number: 7, place: 7 }, (manifest) =>
    manifest.kind === 'web' || manifest.kind === 'function' ? { ...manifest, rollout } : manifest,
  );
  const resources = (id: string, type: string) =>
    (shifted.get(id)?.resources(type) ?? []).map(([, resource]) => resource);

  test('has two target groups behind one rule with the weights, which belong to ECS', () => {
    expect(resources('production-app', 'aws_lb_target_group').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['production-web', 'production--web']),
    );
    const rules = resources('production-app', 'aws_lb_listener_rule').filter(
      ({ lifecycle }) => lifecycle !== undefined,
    );
    expect(rules).toMatchObject([
      {
        condition: [{}, { path_pattern: { values: ['/*', '/v1/*'] } }],
        action: [{ type: 'forward', forward: { target_group: [{ weight: 100 }, { weight: 0 }] } }],
        lifecycle: { ignore_changes: ['action'] },
      },
    ]);
    expect(resources('production-app', 'aws_ecs_service').find(({ name }) => name === 'production-web')).toMatchObject({
      deployment_configuration: { strategy: 'CANARY', canary_configuration: { canary_percent: 20 } },
      alarms: { alarm_names: ['demo-production-service-errors'], rollback: true },
      load_balancer: [{ advanced_configuration: { role_arn: expect.stringContaining('role') } }],
      lifecycle: { ignore_changes: ['task_definition', 'desired_count', 'deployment_configuration'] },
    });
    const alarms = resources('production-platform', 'aws_cloudwatch_metric_alarm').map(({ alarm_name }) => alarm_name);
    expect(alarms).toContain('demo-production-service-errors');
  });

  test('rolls in a preview', () => {
    expect(resources('preview-pr-7', 'aws_lb_target_group').some(({ name }) => String(name).includes('--'))).toBe(
      false,
    );
    const templates = resources('preview-pr-7', 'aws_ssm_parameter').map(({ insecure_value }) =>
      String(insecure_value),
    );
    expect(templates.some((template) => template.includes('"rollout"'))).toBe(false);
    const own = resources('production-app', 'aws_ssm_parameter').map(({ insecure_value }) => String(insecure_value));
    expect(own.filter((template) => template.includes('"rollout"'))).toHaveLength(2);
  });
});

test('one firewall stands before everything that answers, and only the account has it', () => {
  const acls = everything.filter(({ type }) => type === 'aws_wafv2_web_acl').map(({ id }) => id);
  expect(acls).toEqual(['account']);
  const behind = everything
    .filter(({ type }) => type === 'aws_wafv2_web_acl_association')
    .map(({ id, resource }) => [id, String(resource['resource_arn']).split('.')[0], resource['web_acl_arn']]);
  const firewall = `\${data.aws_ssm_parameter.parameter-web-acl-arn.insecure_value}`;
  expect(behind).toEqual([
    ['staging-platform', '${aws_lb', firewall],
    ['production-platform', '${aws_lb', firewall],
    ['production-app', '${aws_api_gateway_stage', firewall],
  ]);
});

test("without being asked for one, nobody makes a zone: it is the registrar's business", () => {
  expect(everything.filter(({ type }) => type === 'aws_route53_zone')).toEqual([]);
});

test('a preview costs next to nothing of its own', () => {
  const types = new Set(stack('preview-pr-7').all.map(([type]) => type));
  for (const type of [
    'aws_lb',
    'aws_kms_key',
    'aws_vpc',
    'aws_wafv2_web_acl',
    'aws_ecs_cluster',
    'aws_secretsmanager_secret',
    'aws_appautoscaling_target',
  ]) {
    expect([type, types.has(type)]).toEqual([type, false]);
  }
});

test('the provider is imported by deep path, in one file', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  for (const file of files) {
    const imports = [
      ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/from '((?:@cdktf|cdktf|constructs)[^']*)'/g),
    ].map(([, name]) => name);
    if (file !== 'cdktf.ts') expect([file, imports]).toEqual([file, []]);
    else
      for (const name of imports)
        expect(name).toMatch(/^(?:cdktf|constructs|@cdktf\/provider-aws\/lib\/[\w-]+\/index\.js)$/);
  }
});
