import type { Statement } from './constructs/policy.ts';
import { type Synthesized, synthesize } from './testing/program.ts';

type Action = { type: string; target_group_arn?: string };
type Rule = { priority: number; action: Action[]; condition: { path_pattern?: { values: string[] } }[] };

const of = (deployed: readonly string[]): Synthesized => {
  const stack = synthesize('/nowhere', { number: 7, place: 3, deployed }).get('preview-pr-7');
  if (stack === undefined) throw new Error('no preview');
  return stack;
};
const rulesOf = ({ resources }: Synthesized) =>
  resources('aws_lb_listener_rule')
    .map(([, rule]) => rule as unknown as Rule)
    .sort((left, right) => left.priority - right.priority)
    .map(({ priority, action: [action], condition }) => ({
      priority,
      paths: condition.flatMap(({ path_pattern }) => path_pattern?.values ?? []),
      shared: action?.target_group_arn?.startsWith('${data.') ?? false,
    }));

test('only what changed is deployed, with the tables that it reaches', () => {
  const scorer = of(['scorer']);
  const names = (type: string, key: string) => scorer.resources(type).map(([, resource]) => resource[key]);
  expect(names('aws_lambda_function', 'function_name')).toEqual(['pr-7-scorer']);
  expect(names('aws_ecs_service', 'name')).toEqual([]);
  expect(names('aws_dynamodb_table', 'name')).toEqual([]);
  expect(rulesOf(scorer)).toEqual([{ priority: 152, paths: ['/v1/score'], shared: false }]);
  expect(
    of(['web'])
      .resources('aws_dynamodb_table')
      .map(([, { name }]) => name),
  ).toEqual(['pr-7-feedback']);
});

test('a service that takes every path leaves the narrower ones to staging', () => {
  expect(rulesOf(of(['web']))).toEqual([
    { priority: 152, paths: ['/v1/score'], shared: true },
    { priority: 153, paths: ['/v1/*', '/*'], shared: false },
  ]);
});

test('with the header switched on, requests to staging that name the preview reach it, too', () => {
  const preview = { number: 7, place: 3, deployed: ['web'], header: true };
  const { resources } = synthesize('/nowhere', preview).get('preview-pr-7') ?? of([]);
  const rules = resources('aws_lb_listener_rule').map(([, rule]) => ({
    priority: Number(rule['priority']),
    text: JSON.stringify(rule['condition']),
  }));
  expect(rules.map(({ priority }) => priority).sort()).toEqual([152, 153, 154, 155]);
  const named = rules.filter(({ text }) => text.includes('x-slipway-preview'));
  expect(named.map(({ priority }) => priority).sort()).toEqual([154, 155]);
  for (const { text } of named) expect(text).toMatch(/staging\.demo\.example.*"pr-7"/);
});

test('a full preview has all that staging keeps and runs, under its own names, and nothing that outlives it', () => {
  const all = synthesize('/nowhere', { number: 7, place: 1, full: true });
  const full = all.get('preview-pr-7') ?? of([]);
  const own = (type: string, stack: string): string[] =>
    (all.get(stack) ?? of([])).resources(type).map(([, { name, bucket }]) => String(name ?? bucket));
  for (const type of ['aws_dynamodb_table', 'aws_s3_bucket', 'aws_ecs_service', 'aws_lb_target_group']) {
    const staging = [...own(type, 'staging-data'), ...own(type, 'staging-app')];
    expect(staging.length).toBeGreaterThan(0);
    expect(own(type, 'preview-pr-7').sort()).toEqual(staging.map((name) => name.replace('staging', 'pr-7')).sort());
  }
  expect(full.resources('aws_s3_bucket').every(([, bucket]) => bucket['force_destroy'] === true)).toBe(true);
  expect(full.text).not.toMatch(/prevent_destroy|staging-results|PREFIX_/);
  expect(full.resources('aws_secretsmanager_secret')).toEqual([]);
});

test('staging takes what previews leave over, and no robot looks', () => {
  const { resources } = synthesize().get('staging-app') ?? of([]);
  const rules = resources('aws_lb_listener_rule').map(([, rule]) => JSON.stringify(rule));
  expect(rules.filter((rule) => rule.includes('["staging.demo.example","*.preview.demo.example"]'))).toHaveLength(3);
  expect(rules.filter((rule) => rule.includes('Disallow: /'))).toHaveLength(1);
  expect(JSON.stringify(synthesize().get('production-app')?.all)).not.toContain('preview');
});

test('a preview reaches neither secrets of staging nor anything of production', () => {
  const all = synthesize();
  const account = all.get('bootstrap') ?? of([]);
  const [, boundary] =
    account.resources('aws_iam_policy').find(([, { name }]) => name === 'demo-boundary-preview') ?? [];
  const [, role] = account.resources('aws_iam_role').find(([, { name }]) => name === 'demo-ci-preview') ?? [];
  const attached = account
    .resources('aws_iam_policy')
    .filter(([, { name }]) => String(name).startsWith('demo-ci-preview-'));
  const own = all.get('preview-pr-7')?.resources('aws_iam_role_policy') ?? [];
  const policies = [boundary, ...attached.map(([, one]) => one), ...own.map(([, one]) => one)];
  const statements = policies.flatMap((one) => JSON.parse(String(one?.['policy'])).Statement as Statement[]);
  expect(policies.length).toBeGreaterThan(6);
  for (const { Action, Resource = [] } of statements) {
    const touches = Action.join();
    for (const resource of Resource) {
      expect(resource).not.toMatch(/production/);
      if (/secretsmanager:GetSecretValue/.test(touches)) expect(resource).toMatch(/secret:\/demo\/preview\//);
      // Reading staging's models is all: nothing of it is written, deleted or started.
      if (/staging/.test(resource) && /dynamodb/.test(touches)) throw new Error(`${touches} ${resource}`);
    }
  }
  // A workflow file that a pull request changed runs at another ref, and gets no identity.
  expect(String(role?.['assume_role_policy'])).toContain('"token.actions.githubusercontent.com:ref":"refs/heads/main"');
});
