import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ACTIONS = join(import.meta.dirname, '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-action-'));
  for (const file of ['output', 'summary']) writeFileSync(join(folder, file), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a bundle as GitHub's runner does: plain Node, nothing of ours beside it, the workspace as working directory. */
function runBundle(
  name: string,
  inputs: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const variables = Object.fromEntries(
    Object.entries(inputs).map(([input, value]) => [`INPUT_${input.toUpperCase()}`, value]),
  );
  const env = {
    ...variables,
    GITHUB_WORKSPACE: folder,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    ...more,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ACTIONS, name, 'dist', 'main.mjs')], { cwd: folder, env }, (error, output) =>
      resolve({ code: error === null ? 0 : Number(error.code), output }),
    );
  });
}

test.each([
  ['build', {}, 'input "commit" is missing'],
  ['provision', {}, 'input "stacks" is missing'],
  ['deploy', {}, 'input "environment" is missing'],
  ['deploy', { environment: 'prod' }, 'input "environment" is "prod"; it has to be staging, production or pr-<number>'],
  ['rollback', { environment: '' }, 'input "environment" is missing'],
  [
    'preview',
    { command: 'shut' },
    'input "command" is "shut"; it has to be one of check-label, find-stacks, open, close, explain, run',
  ],
  ['sweep', { number: 'one' }, 'input "number" is "one"; it has to be a number from 1 to 999999'],
])('bundle %s with %j fails with one annotation that says what it takes', async (name, inputs, message) => {
  const { code, output } = await runBundle(name, inputs);
  expect(output.split('\n').filter((line) => line.startsWith('::error::'))).toEqual([`::error::${message}`]);
  expect(code).toBe(1);
  expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('');
});

describe('with an account', () => {
  const freeze = {
    by: 'ann',
    reason: 'bad answers',
    since: '2026-01-01T00:00:00.000Z',
    environment: 'production',
    item: 'freeze',
  };
  const item = Object.fromEntries(Object.entries(freeze).map(([name, value]) => [name, { S: value }]));
  const answers: Readonly<Record<string, object>> = { DeleteItem: { Attributes: item }, Query: { Items: [item] } };
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      // There are no releases and there is no history: what is asked for by a prefix.
      const answer = body.includes(':prefix') ? {} : (answers[operation] ?? {});
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
  });
  let account: Readonly<Record<string, string>>;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    account = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      SLIPWAY_APP: 'slipway',
      SLIPWAY_ACCOUNT_ID: '000000000000',
      SLIPWAY_DOMAIN: 'example.test',
      SLIPWAY_URL_PATTERN: 'https://{host}',
      GITHUB_REPOSITORY: 'acme/app',
    };
  });
  afterAll(() => void server.close());
  beforeEach(() => writeFileSync(join(folder, 'slipway.json'), '{}'));

  test('resume ends the freeze', async () => {
    const { code, output } = await runBundle('rollback', { environment: 'production', resume: 'true' }, account);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain('### production: automatic deployments resumed');
    expect(readFileSync(join(folder, 'output'), 'utf8')).toContain('resumed');
  });

  test('a frozen environment takes no deployment: a warning, a green run, and a summary that says how to go on', async () => {
    const images = JSON.stringify({ web: { digest: `sha256:${'a'.repeat(64)}` } });
    const inputs = { environment: 'production', images, commit: 'a'.repeat(40) };
    const { code, output } = await runBundle('deploy', inputs, account);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('::warning::production is frozen (bad answers)'),
    });
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain(
      'run the rollback workflow for `production` with `resume` checked',
    );
  });
});
