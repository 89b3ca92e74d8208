import { inspectFullPreview } from './inspect.ts';
import { moveRules } from './rules.ts';
import { good, project, reference } from './testing.ts';

const look = (json: unknown): readonly string[] => inspectFullPreview(json, { project, environment: 'pr-7' });

/** The stack with one thing changed: `resource.aws_iam_role.task.name`. */
function changed(path: string, value: unknown): object {
  const json = good();
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: any part of the document may be changed
  const place = steps.reduce<any>((part, step) => {
    part[step] ??= {};
    return part[step];
  }, json);
  place[last] = value;
  return json;
}

test('what main.ts makes of a full preview is taken', () => {
  expect(look(good())).toEqual([]);
});

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: ['*'], ...statement }] });
const template = (change: object): string => {
  const known = JSON.parse(good().resource.aws_ssm_parameter.web.insecure_value);
  return JSON.stringify({ ...known, ...change });
};
const host = (value: string) => [{ host_header: { values: [value] } }];
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table';
const ROLE = 'arn:aws:iam::123456789012:role/demo-staging-web-task';
const table = 'resource.aws_dynamodb_table.jobs';
const role = 'resource.aws_iam_role.task';
const access = 'resource.aws_iam_role_policy.access.policy';
const rule = 'resource.aws_lb_listener_rule.web';
const released = 'resource.aws_ssm_parameter.web.insecure_value';

test.each<[what: string, path: string, value: unknown, because: string]>([
  // Terraform itself.
  ['a provisioner', `${table}.provisioner`, [{ 'local-exec': {} }], 'provisioner'],
  ['a program as a data source', 'data.external.x', { program: ['sh'] }, 'external'],
  ['a request by a data source', 'data.http.x', {}, 'http'],
  ['a call of a function by a data source', 'data.aws_lambda_invocation.x', {}, 'aws_lambda_invocation'],
  ['another provider', 'terraform.required_providers.evil', { source: 'a/b' }, 'provider evil'],
  ['a module', 'module.m', { source: './x' }, 'module'],
  ['the state of another preview', 'terraform.backend.s3.key', 'preview-pr-8.tfstate', 'state'],
  ['an import', 'import', [{ to: 'aws_dynamodb_table.jobs', id: 'x' }], '"import"'],
  ['another account', 'provider.aws.0.allowed_account_ids', ['210987654321'], 'account'],
  ["another preview's tags", 'provider.aws.0.default_tags', [{ tags: { Environment: 'pr-8' } }], 'tags'],
  ['a second provider', 'provider.aws.1', { region: 'eu-west-1', alias: 'b' }, 'account, region'],
  ['a name that is computed', `${table}.name`, reference('join("-", ["pr", "8"])'), 'computes'],
  ['an expression in another', `${table}.hash_key`, reference(`"${reference('timestamp()')}"`), 'computes'],
  ['a file of the machine', `${table}.hash_key`, reference('file("/proc/self/environ")'), 'file('],
  ['a directive', `${table}.hash_key`, '%{ if true }id%{ endif }', 'computes'],
  // What is not the preview's.
  ['a database', 'resource.aws_db_instance.x', { identifier: 'pr-7-db' }, 'type that previews are not made of'],
  ['a gateway', 'resource.aws_nat_gateway.x', {}, 'type that previews are not made of'],
  ['a managed policy', 'resource.aws_iam_policy.x', { name: 'demo-pr-7-x' }, 'type that previews are not made of'],
  ['a user', 'resource.aws_iam_user.x', { name: 'demo-pr-7-x' }, 'type that previews are not made of'],
  ["staging's table", `${table}.name`, 'staging-jobs', 'is not its own'],
  ["another preview's table", `${table}.name`, 'pr-70-jobs', 'is not its own'],
  ["production's key", 'data.aws_ssm_parameter.key.name', '/demo/production/platform/key-arn', 'reads'],
  ["the ARN of staging's secret", 'data.aws_ssm_parameter.key.name', '/demo/staging/platform/secret/dsn', 'reads'],
  ['a tag that hides from the sweep', `${table}.tags`, { Environment: 'staging' }, 'sets the tag'],
  ['a table that cannot be deleted', `${table}.deletion_protection_enabled`, true, 'could not be deleted'],
  ['a table that is paid by the hour', `${table}.billing_mode`, 'PROVISIONED', 'paid for'],
  ['a bucket that keeps its content', 'resource.aws_s3_bucket.files.force_destroy', false, 'could not be destroyed'],
  ['a thousand of one', `${table}.count`, 1000, 'has a count'],
  ['what AWS has named', `${table}.hash_key`, 'sg-0123456789abcdef0', 'names sg-'],
  // Roles.
  ['a role without a boundary', `${role}.permissions_boundary`, undefined, 'permissions boundary'],
  [
    "a role below staging's boundary",
    `${role}.permissions_boundary`,
    'arn:aws:iam::123456789012:policy/demo-boundary-staging',
    'permissions boundary',
  ],
  ['a policy of AWS', `${role}.managed_policy_arns`, ['arn:aws:iam::aws:policy/AdministratorAccess'], 'managed_policy'],
  ['a policy inside', `${role}.inline_policy`, [{ name: 'x' }], 'inline_policy'],
  ["the pipeline's role", `${role}.name`, 'demo-ci-preview', 'is not its own'],
  ['a role for an account', `${role}.assume_role_policy`, policy({ Principal: { AWS: '210987654321' } }), 'lets in'],
  ['a role for everybody', `${role}.assume_role_policy`, policy({ Principal: '*' }), 'lets in'],
  ['everything', access, policy({ Action: '*' }), 'allows *'],
  ['a change of access', access, policy({ Action: ['iam:PutRolePolicy'] }), 'allows iam:PutRolePolicy'],
  ['roles of others', access, policy({ Action: 'iam:PassRole', Resource: ROLE }), 'allows access to'],
  ['all but something', access, policy({ NotAction: 'iam:*' }), 'uses NotAction'],
  ['every table', access, policy({ Action: 'dynamodb:Scan' }), 'allows access to *'],
  [
    'a table of staging',
    access,
    policy({ Action: 'dynamodb:Scan', Resource: `${TABLE}/staging-jobs` }),
    'staging-jobs',
  ],
  ['tables of all previews', access, policy({ Action: 'dynamodb:Scan', Resource: `${TABLE}/pr-*` }), 'another preview'],
  ['a policy that is none', access, 'all', 'is no policy'],
  [
    "staging's secret",
    access,
    policy({
      Action: 'secretsmanager:GetSecretValue',
      Resource: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:/demo/staging/dsn-??????',
    }),
    'staging/dsn',
  ],
  [
    'a bucket for everybody',
    'resource.aws_s3_bucket_policy.x',
    { bucket: reference('aws_s3_bucket.files.id'), policy: policy({ Principal: '*', Action: 's3:GetObject' }) },
    'lets in',
  ],
  // The listener, which all share.
  ["staging's host", `${rule}.condition`, host('staging.demo.example'), 'other hosts'],
  ["another preview's host", `${rule}.condition`, host('pr-8.preview.demo.example'), 'other hosts'],
  ['every host', `${rule}.condition`, [{ path_pattern: { values: ['/*'] } }], 'other hosts'],
  ['a pattern of hosts', `${rule}.condition`, host('*.demo.example'), 'other hosts'],
  ['a number before all others', `${rule}.priority`, 2, 'the number 2'],
  ['a number that is computed', `${rule}.priority`, reference('aws_x.y.z'), 'the number'],
  ['another listener', `${rule}.listener_arn`, reference('data.aws_ssm_parameter.key.value'), "staging's listener"],
  ['a redirect', `${rule}.action`, [{ type: 'redirect', redirect: { host: 'example.org' } }], 'something else'],
  // What a release does.
  ["a release into staging's service", released, template({ serviceName: 'staging-web' }), 'something else'],
  ["a release into production's cluster", released, template({ cluster: 'production' }), 'another cluster'],
  ['tasks with another role', released, template({ taskDefinition: { taskRoleArn: ROLE } }), 'another role'],
  ['images from elsewhere', released, template({ repositoryUrl: 'example.org/evil' }), 'images from elsewhere'],
  ['a hundred tasks', released, template({ desiredCount: 100 }), '100 tasks'],
])('%s is refused', (_what, path, value, because) => {
  expect(look(changed(path, value)).join('\n')).toContain(because);
});

test('a rule for requests to staging that name the preview is taken', () => {
  const named = { http_header: { http_header_name: 'x-slipway-preview', values: ['pr-7'] } };
  const condition = [...host('staging.demo.example'), named];
  expect(look(changed(`${rule}.condition`, condition))).toEqual([]);
  const other = [...host('staging.demo.example'), { http_header: { http_header_name: 'host', values: ['pr-7'] } }];
  expect(look(changed(`${rule}.condition`, other)).join()).toContain('other hosts');
});

test('rules move to the place that the preview has, and nothing else changes', () => {
  const json = good();
  const moved = moveRules(json, 12) as typeof json;
  expect(moved.resource.aws_lb_listener_rule.web.priority).toBe(json.resource.aws_lb_listener_rule.web.priority + 550);
  moved.resource.aws_lb_listener_rule.web.priority -= 550;
  expect(moved).toEqual(json);
});
