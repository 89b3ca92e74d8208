import type { Project } from '../manifest/names.ts';
import type { Manifest } from '../manifest/types.ts';
import { doctorTree } from '../report/doctor.ts';
import { expectedSecrets } from './expectations.ts';
import { type DoctorPorts, gather } from './gather.ts';
import { judge } from './judge.ts';
import { subjects } from './subjects.ts';
import { trusts } from './trust.ts';

const project: Project = {
  app: 'demo',
  accountId: '123456789012',
  region: 'us-east-1',
  domain: 'demo.example',
  urlPattern: 'https://{host}',
  repository: 'octo/app',
};

const secrets = ['/demo/staging/sentry-dsn'];

const trust = (...sub: readonly string[]): string =>
  JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': sub,
          },
        },
      },
    ],
  });

const CONTEXTS = [
  ...['ref:refs/heads/main', 'pull_request', 'environment:preview', 'environment:staging', 'environment:production'],
];
const role = (name: string): string => `arn:aws:iam::123456789012:role/demo-ci-${name}`;

/** An account and a repository where all is well; a test spoils one thing. */
const well = (changes: Partial<DoctorPorts> = {}): DoctorPorts => ({
  repository: async () => ({ id: 2, owner: 'octo', ownerId: 1, name: 'app' }),
  subject: async () => ({ usesDefault: true, claims: [], immutable: false }),
  variables: async (environment) =>
    new Map([
      ['AWS_ROLE_BUILD', role('build')],
      ['AWS_ROLE_PLAN', role('plan')],
      ['AWS_ROLE_PREVIEW', role('preview')],
      ['AWS_ROLE_DEPLOY', role(`deploy-${environment}`)],
    ]),
  account: async () => '123456789012',
  stateBucket: async () => true,
  trust: async () => trust(...CONTEXTS.map((context) => `repo:octo/app:${context}`)),
  blobMounting: async () => true,
  quota: async () => 1000,
  nameServers: async () => ['ns-1.example'],
  ownNameServers: async () => undefined,
  secret: async () => 'set',
  repositorySecrets: async () => [],
  ...changes,
});

const problems = async (changes: Partial<DoctorPorts> = {}, settings: Partial<Project> = {}) =>
  judge(await gather({ project: { ...project, ...settings }, secrets }, well(changes)))
    .flatMap(({ checks }) => checks)
    .filter(({ status }) => status !== 'ok');

test('all is well', async () => {
  expect(await problems()).toEqual([]);
  expect(doctorTree(judge(await gather({ project, secrets }, well())))).toMatch(/\n24 ok, 0 failed, 0 skipped$/);
});

test('both forms of the subject, and which one is sent', () => {
  const repository = { id: 2, owner: 'octo', ownerId: 1, name: 'app' };
  const template = { usesDefault: true, claims: [], immutable: false };
  expect(subjects(repository, template)).toEqual({
    ...{ old: 'repo:octo/app', immutable: 'repo:octo@1/app@2', sent: 'repo:octo/app' },
  });
  expect(subjects(repository, { ...template, immutable: true }).sent).toBe('repo:octo@1/app@2');
  expect(subjects(repository, { ...template, usesDefault: false, claims: ['job_workflow_ref'] }).sent).toBeUndefined();
});

test('a repository that sends the immutable form needs the variable, and roles that trust it', async () => {
  const immutable = { subject: async () => ({ usesDefault: true, claims: [], immutable: true }) };
  const found = await problems(immutable);
  expect(found[0]).toMatchObject({
    name: 'OIDC subject',
    status: 'failed',
    found: expect.stringMatching(/sends repo:octo@1\/app@2:.*trust repo:octo\/app:/),
    fix: expect.stringContaining('SLIPWAY_OIDC_SUBJECT to repo:octo@1/app@2'),
  });
  expect(found.slice(1).map(({ name }) => name)).toContain('demo-ci-deploy-staging for environment:staging');
  const settings = { oidcSubject: 'repo:octo@1/app@2' };
  const renewed = { ...immutable, trust: async () => trust(...CONTEXTS.map((one) => `repo:octo@1/app@2:${one}`)) };
  expect(await problems(renewed, settings)).toEqual([]);
});

test('a trust policy is judged by audience and ref, too', () => {
  const claims = { sub: 'repo:octo/app:environment:staging', ref: 'refs/heads/main' };
  expect(trusts(trust(claims.sub), claims)).toEqual({ ok: true, why: claims.sub });
  expect(trusts(trust('repo:octo/app:ref:refs/heads/main'), claims)).toEqual({
    ok: false,
    why: 'takes repo:octo/app:ref:refs/heads/main',
  });
  const other = trust(claims.sub).replace('sts.amazonaws.com', 'sts.example');
  expect(trusts(other, claims).ok).toBe(false);
  expect(trusts('{"Statement":[]}', claims)).toEqual({ ok: false, why: 'takes no token of GitHub' });
});

test.each<[string, Partial<DoctorPorts>, RegExp]>([
  ['another account', { account: async () => '210987654321' }, /credentials.*of account 210987654321/],
  ['no bucket', { stateBucket: async () => false }, /state bucket: is missing/],
  ['no role', { trust: async () => undefined }, /demo-ci-build for ref:refs\/heads\/main: there is no such role/],
  ['no environment', { variables: async () => undefined }, /environment staging: there is no such environment/],
  ['no variables', { variables: async () => new Map() }, /AWS_ROLE_PLAN: is missing/],
  ['mounting is off', { blobMounting: async () => false }, /ECR blob mounting: is off/],
  ['a secret without a value', { secret: async () => 'empty' }, /secret \/demo\/staging\/sentry-dsn: has no value/],
  [
    'Sentry without a token',
    { variables: async () => new Map([['SENTRY_ORG', 'acme']]) },
    /secret SENTRY_AUTH_TOKEN: is missing beside SENTRY_ORG/,
  ],
  ['a small quota', { quota: async () => 2 }, /Fargate on-demand vCPUs: 2, needs 6/],
  ['a domain that nobody answers for', { nameServers: async () => [] }, /zone of demo.example: nobody answers/],
])('%s is a failure with a way out', async (_what, changes, text) => {
  const tree = doctorTree(judge(await gather({ project, secrets }, well(changes))));
  expect(tree).toMatch(text);
  expect(tree).toMatch(/ {10}-> ./);
});

test('what may not be seen is skipped with the reason, not failed', async () => {
  const refuse = async (): Promise<never> => {
    throw new Error('Could not load credentials from any providers');
  };
  const found = await problems({
    account: refuse,
    stateBucket: refuse,
    trust: refuse,
    blobMounting: refuse,
    quota: refuse,
    secret: refuse,
  });
  expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['skipped']));
  expect(found[0]?.found).toBe('Could not load credentials from any providers');
});

test('a secret that no deployment has made yet is no failure', async () => {
  const found = await problems({ secret: async () => 'missing' });
  expect(found).toMatchObject([{ name: 'secret /demo/staging/sentry-dsn', status: 'skipped' }]);
});

describe('a zone of our own', () => {
  const wanted = ['ns-1.awsdns-01.com', 'ns-2.awsdns-02.net'];
  const zone = async (changes: Partial<DoctorPorts>) =>
    (await problems({ ownNameServers: async () => wanted, ...changes }, { zone: 'own' }))[0];

  test('is well once the registrar names its name servers, in whichever order and form', async () => {
    expect(await zone({ nameServers: async () => ['NS-2.awsdns-02.net.', 'ns-1.awsdns-01.com'] })).toBeUndefined();
  });

  test.each<[string, Partial<DoctorPorts>, RegExp, RegExp]>([
    ['is not there', { ownNameServers: async () => undefined }, /not there yet/, /npm run bootstrap/],
    ['is asked by nobody', { nameServers: async () => [] }, /nobody answers/, /ns-1\.awsdns-01\.com, ns-2/],
    [
      'is not the one that is asked',
      { nameServers: async () => ['ns.old.example'] },
      /ns\.old\.example answer/,
      /ns-1/,
    ],
  ])('%s: the way out is told', async (_what, changes, found, fix) => {
    expect(await zone(changes)).toMatchObject({
      name: 'zone of demo.example',
      status: 'failed',
      found: expect.stringMatching(found),
      fix: expect.stringMatching(fix),
    });
  });
});

test('secrets are those of services where they run', () => {
  const service = (name: string, environments?: readonly ['production']) =>
    ({ name, secrets: { DSN: `${name}-dsn` }, ...(environments && { environments }) }) as unknown as Manifest;
  expect(expectedSecrets(project, [service('web'), service('identity', ['production'])])).toEqual([
    '/demo/preview/web-dsn',
    '/demo/production/identity-dsn',
    '/demo/production/web-dsn',
    '/demo/staging/web-dsn',
  ]);
});
