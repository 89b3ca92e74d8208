// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runWorkflow } from '../testing/run-workflow.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-standins-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const steps = (body: string): string => `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${body}`;

describe('aws-actions/configure-aws-credentials', () => {
  const requests: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify({ value: 'header.claims.signature' }));
    const body = new URLSearchParams(await text(request));
    requests.push(body);
    if (body.get('RoleArn')?.endsWith('/refused')) {
      response.statusCode = 403;
      return response.end(
        '<Error><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error>',
      );
    }
    const session = 'arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions';
    return response.end(
      `<Credentials><AccessKeyId>ASIAKEY</AccessKeyId><SecretAccessKey>secret-key</SecretAccessKey><SessionToken>session-token</SessionToken></Credentials><Arn>${session}</Arn>`,
    );
  });
  let address = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const login = (role: string) => `      - id: aws
        uses: aws-actions/configure-aws-credentials@v6
        with: { aws-region: us-east-1, role-to-assume: 'arn:aws:iam::123456789012:role/${role}' }
      - run: echo "$AWS_REGION key=$AWS_ACCESS_KEY_ID \${#AWS_SECRET_ACCESS_KEY} \${#AWS_SESSION_TOKEN} \${{ steps.aws.outputs.aws-account-id }}"
`;
  const host = () => ({
    openJob: () => ({
      token: 'ghs_0123456789',
      oidc: { url: `${address}/token?x=1`, token: 'request-token' },
      close: () => {},
    }),
  });

  test('exchanges the identity token for credentials of the following steps', async () => {
    const run = await runWorkflow(steps(login('deploy')), { host: host(), environment: { AWS_ENDPOINT_URL: address } });
    expect(run.output).toContain('us-east-1 key=*** 10 13 123456789012');
    expect(Object.fromEntries(requests[0] ?? [])).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      WebIdentityToken: 'header.claims.signature',
      RoleSessionName: 'GitHubActions',
    });
  });

  test('says why STS refused, and what a job without id-token lacks', async () => {
    const refused = await runWorkflow(steps(login('refused')), {
      host: host(),
      environment: { AWS_ENDPOINT_URL: address },
    });
    expect(refused.annotations.join()).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
    const without = await runWorkflow(steps(login('deploy')), { environment: { AWS_ENDPOINT_URL: address } });
    expect(without.annotations.join()).toContain('is the job missing the permission `id-token: write`?');
  });
});

describe('actions/cache', () => {
  const environment = (name: string, more: object = {}) => {
    const caches = join(root, name);
    mkdirSync(caches, { recursive: true });
    return { standInEnvironment: { SLIPWAY_STANDIN_CACHES: caches, ...more } };
  };
  const use = (key: string, more = ''): string => `      - id: cache
        uses: actions/cache@v5
        with: { path: "data\\nmore/file", key: ${key}${more} }
      - run: 'echo "hit=[\${{ steps.cache.outputs.cache-hit }}] $(cat data/a/b more/file 2>/dev/null | tr "\\n" ,)"'
      - run: mkdir -p data/a more; echo "from-${key}" > data/a/b; echo m > more/file
`;

  test('misses, saves, hits; a prefix finds the newest; a failed job saves nothing', async () => {
    const options = environment('plain');
    expect((await runWorkflow(steps(`${use('one')}      - run: exit 1\n`), options)).output).toContain('hit=[] ');
    expect((await runWorkflow(steps(use('one')), options)).output).toContain('hit=[] ');
    expect((await runWorkflow(steps(use('one')), options)).output).toContain('hit=[true] from-one,m,');
    const near = await runWorkflow(steps(use('two', ', restore-keys: o')), options);
    expect(near.output).toContain('hit=[false] from-one,m,');
    expect((await runWorkflow(steps(use('two')), options)).output).toContain('hit=[true] from-two,m,');
    const strict = await runWorkflow(steps(use('three', ', fail-on-cache-miss: true')), options);
    expect(strict.conclusion).toBe('failure');
  });

  test('links node_modules of the developer for the same lockfile only', async () => {
    const lockfile = join(root, 'package-lock.json');
    const modules = join(root, 'node_modules');
    writeFileSync(lockfile, '{"lockfileVersion":3}\n');
    mkdirSync(modules, { recursive: true });
    const options = environment('modules', { SLIPWAY_STANDIN_LOCKFILE: lockfile, SLIPWAY_STANDIN_MODULES: modules });
    const job = (version: number): string =>
      steps(`      - run: echo '{"lockfileVersion":${version}}' > package-lock.json
      - { id: cache, uses: actions/cache@v5, with: { path: node_modules, key: k } }
      - run: 'echo "hit=[\${{ steps.cache.outputs.cache-hit }}] $(readlink node_modules)"'
`);
    expect((await runWorkflow(job(3), options)).output).toContain(`hit=[true] ${modules}`);
    expect((await runWorkflow(job(2), options)).output).toContain('hit=[] \n');
  });
});

describe('actions/checkout', () => {
  const repository = join(root, 'bare.git');
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  let commit = '';
  beforeAll(() => {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
    git('init', '-q', '-b', 'main', 'work');
    for (const number of [1, 2]) {
      writeFileSync(join(root, 'work', 'file'), String(number));
      git('-C', 'work', 'add', '-A');
      git('-C', 'work', ...identity, 'commit', '-qm', `commit ${number}`);
    }
    git('-C', 'work', 'tag', 'v1', 'HEAD~1');
    git('clone', '-q', '--bare', 'work', repository);
    commit = git('-C', 'work', 'rev-parse', 'HEAD');
  });
  const checkout = (inputs: string, script: string) =>
    runWorkflow(
      steps(`      - { id: c, uses: actions/checkout@v6, with: { ${inputs} } }\n      - run: '${script}'\n`),
      {
        standInEnvironment: { SLIPWAY_STANDIN_REPOSITORY: repository },
        github: {
          event: {},
          ref: 'refs/heads/main',
          ref_name: 'main',
          sha: git('-C', 'work', 'rev-parse', 'HEAD'),
          repository: 'octo/app',
        },
      },
    );

  test('the commit of the event as a branch, with one commit of history', async () => {
    const run = await checkout(
      '',
      'echo "$(git branch --show-current) $(git log --format=%s) [$(git status --porcelain)] ${{ steps.c.outputs.commit }}"',
    );
    expect(run.output).toContain(`main commit 2 [] ${commit}`);
  });

  test('another ref, all of the history, a folder', async () => {
    expect((await checkout('ref: v1', 'cat file')).output).toMatch(/\n1$/);
    expect(
      (await checkout('fetch-depth: 0', 'git log --format=%s; git rev-parse origin/main v1 | wc -l')).output,
    ).toMatch(/commit 2\ncommit 1\n2$/);
    expect((await checkout('path: sub/folder', 'cat sub/folder/file')).output).toMatch(/\n2$/);
  });

  test('what it cannot do is an error, and nobody can push around the rules', async () => {
    expect((await checkout('ref: nothing', 'true')).annotations.join()).toContain("name 'nothing' could not be found");
    expect((await checkout('repository: other/thing', 'true')).annotations.join()).toContain('octo/app only');
    expect((await checkout('lfs: true', 'true')).annotations.join()).toContain('does not support lfs');
    expect((await checkout('path: ../out', 'true')).annotations.join()).toContain('not under the workspace');
    expect((await checkout('', 'git push -q origin HEAD:refs/heads/x')).conclusion).toBe('failure');
  });
});

test('setup-node and setup-terraform say what is missing', async () => {
  const node = await runWorkflow(steps('      - { uses: actions/setup-node@v6, with: { node-version: 20 } }\n'));
  expect(node.annotations.join()).toContain('node-version asks for 20');
  const terraform = await runWorkflow(steps('      - { uses: hashicorp/setup-terraform@v4 }\n'), {
    environment: { PATH: '/nowhere' },
  });
  expect(terraform.annotations.join()).toContain('terraform is not on the PATH');
});
