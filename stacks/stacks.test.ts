import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostEnvironment } from '../pipeline/manifest/names.ts';
import type { Statement } from './constructs/policy.ts';
import { project, type Synthesized, synthesize } from './testing/program.ts';

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
      });
    }
  });
});

describe('access', () => {
  const rolePolicy = (id: string, part: string): readonly Statement[] => {
    const { resources } = stack(id);
    const [name] = resources('aws_iam_role').find(([, role]) => String(role['name']).endsWith(part)) ?? [];
    const [, policy] =
      resources('aws_iam_role_policy').find(([, one]) => one['role'] === `\${aws_iam_role.${name}.name}`) ?? [];
    return policy === undefined ? [] : statements(policy['policy']);
  };

  test('what a service may do follows from what it owns and uses', () => {
    expect(rolePolicy('staging-app', 'mail-task')).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'dynamodb:GetItem',
          'dynamodb:BatchGetItem',
          'dynamodb:Query',
          'dynamodb:Scan',
          'dynamodb:DescribeTable',
        ],
        Resource: [
          'arn:aws:dynamodb:us-east-1:123456789012:table/staging-jobs',
          'arn:aws:dynamodb:us-east-1:123456789012:table/staging-jobs/index/*',
        ],
      },
    ]);
    const web = rolePolicy('staging-app', 'web-task').flatMap(({ Action, Resource }) =>
      Action.map((action) => `${action} ${Resource?.[0]}`),
    );
    expect(web).toContain('dynamodb:PutItem arn:aws:dynamodb:us-east-1:123456789012:table/staging-feedback');
    expect(web).toContain('s3:GetObject arn:aws:s3:::demo-123456789012-staging-results/*');
    expect(web.join()).not.toMatch(/s3:PutObject|staging-jobs/);
  });

  test('a preview writes only below its own prefix of staging buckets, and into its own tables', () => {
    const batch = rolePolicy('preview-pr-7', 'batch-task');
    const write = batch.find(({ Action }) => Action.includes('s3:PutObject'));
    expect(write?.Resource).toEqual(['arn:aws:s3:::demo-123456789012-staging-results/pr-7/*']);
    expect(JSON.stringify(batch)).toContain('table/pr-7-jobs');
    expect(JSON.stringify(batch)).not.toContain('table/staging');
  });

  test('roles of services are capped; no statement allows everything', () => {
    for (const { type, name, resource } of everything) {
      if (type === 'aws_iam_role' && !name.includes('-ci-')) expect(resource['permissions_boundary']).toBeTruthy();
      if (!['aws_iam_role_policy', 'aws_iam_policy'].includes(type)) continue;
      for (const { Action } of statements(resource['policy'])) {
        for (const action of Action) expect(action).not.toMatch(/^\*$|:\*$/);
      }
    }
  });

  test('the cap of an environment covers what its services are given', () => {
    for (const [id, boundary] of [
      ['staging-app', 'staging'],
      ['production-app', 'production'],
      ['preview-pr-7', 'preview'],
    ] as const) {
      const [, policy] =
        stack('account')
          .resources('aws_iam_policy')
          .find(([, one]) => one['name'] === `demo-boundary-${boundary}`) ?? [];
      const allowed = statements(policy?.['policy']);
      const given = stack(id)
        .resources('aws_iam_role_policy')
        .flatMap(([, one]) => statements(one['policy']));
      for (const { Action, Resource = [] } of given) {
        for (const action of Action)
          for (const resource of Resource)
            expect([id, action, resource, covers(allowed, action, resource)]).toEqual([id, action, resource, true]);
      }
    }
  });

  test('CI roles trust exact subjects of the configured form, and deployments only main', () => {
    const trusts = stack('account')
      .resources('aws_iam_role')
      .filter(([name]) => name.includes('-ci-'));
    const subjects = trusts.map(([, role]) => {
      const [{ Condition } = { Condition: undefined }] = statements(role['assume_role_policy']);
      expect(Object.keys(Condition ?? {})).toEqual(['StringEquals']);
      return Condition?.['StringEquals']?.['token.actions.githubusercontent.com:sub'];
    });
    expect(subjects.flat().sort()).toEqual([
      'repo:owner@1/demo@2:environment:preview',
      'repo:owner@1/demo@2:environment:production',
      'repo:owner@1/demo@2:environment:staging',
      'repo:owner@1/demo@2:ref:refs/heads/main',
    ]);
  });

  test('inline policies stay below what AWS takes for a role', () => {
    const { resources } = stack('account');
    for (const [name] of resources('aws_iam_role')) {
      const policies = resources('aws_iam_role_policy').filter(
        ([, one]) => one['role'] === `\${aws_iam_role.${name}.name}`,
      );
      const size = policies.reduce((sum, [, one]) => sum + String(one['policy']).length, 0);
      expect([name, size <= 10_240]).toEqual([name, true]);
    }
    for (const [, policy] of resources('aws_iam_policy'))
      expect(String(policy['policy']).length).toBeLessThanOrEqual(6_144);
  });
});

test('templates hold everything but the image', () => {
  for (const id of ['staging-app', 'production-app', 'preview-pr-7']) {
    const environment = id.startsWith('preview-') ? 'pr-7' : id.replace('-app', '');
    const templates = stack(id)
      .resources('aws_ssm_parameter')
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

function covers(allowed: readonly Statement[], action: string, resource: string): boolean {
  // A token only becomes an ARN in Terraform; the resource it stands for is named in the boundary by pattern.
  if (resource.startsWith('${')) return allowed.some(({ Action }) => Action.includes(action));
  return allowed.some(
    ({ Action, Resource = [] }) => Action.includes(action) && Resource.some((pattern) => matches(pattern, resource)),
  );
}

function matches(pattern: string, resource: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(resource);
}

test('the project of the tests is not the one of the repository', () => {
  expect(stack('account').text).toContain(project.accountId);
});
