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
          'sqs:ReceiveMessage',
          'sqs:DeleteMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueAttributes',
          'sqs:SendMessage',
          'sqs:GetQueueUrl',
        ],
        Resource: ['arn:aws:sqs:us-east-1:123456789012:staging-outbox'],
      },
      {
        Effect: 'Allow',
        Action: ['sqs:SendMessage'],
        Resource: ['arn:aws:sqs:us-east-1:123456789012:staging-outbox-dead'],
      },
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
      if (type === 'aws_iam_role') expect(resource['permissions_boundary']).toBeTruthy();
      if (!['aws_iam_role_policy', 'aws_iam_policy'].includes(type)) continue;
      // What the pipeline may never do says so by allowing the rest; a boundary grants nothing.
      if (name === 'boundary-ci') continue;
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
        stack('bootstrap')
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
    const trusts = stack('bootstrap')
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
      // Plans of pull requests, which change nothing.
      'repo:owner@1/demo@2:pull_request',
      // Building and looking for drift.
      'repo:owner@1/demo@2:ref:refs/heads/main',
      'repo:owner@1/demo@2:ref:refs/heads/main',
    ]);
  });

  test('inline policies stay below what AWS takes for a role', () => {
    const { resources } = stack('bootstrap');
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
