// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintWorkflows } from './lint.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-lint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function lint(workflow: string): Promise<readonly string[]> {
  mkdirSync(join(root, '.github/workflows'), { recursive: true });
  writeFileSync(join(root, '.github/workflows/w.yml'), workflow);
  const { files, findings } = await lintWorkflows(root);
  expect(files).toBe(1);
  return findings.map(({ line, rule }) => `${line} ${rule}`);
}

const SHA = 'a'.repeat(40);
const clean = `on: pull_request
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@${SHA} # v6
        with: { persist-credentials: false }
      - env: { TITLE: '\${{ github.event.pull_request.title }}' }
        run: echo "$TITLE \${{ github.sha }} \${{ github.event.number }}"
`;

/** The code of a pull request in a folder, and one more step. */
const beside = (step: string): string =>
  clean
    .replace('on: pull_request', 'on: pull_request_target')
    .replace('false }', 'false, path: pull-request, ref: "${{ github.event.pull_request.head.sha }}" }')
    .concat(`      - ${step}\n`);

test('a careful workflow has no findings', async () => {
  expect(await lint(clean)).toEqual([]);
});

test.each([
  ['a tag instead of a commit', clean.replace(`@${SHA}`, '@v6'), ['9 unpinned-uses']],
  [
    'no permissions',
    clean.replace('permissions: {}\n', '').replace('    permissions: { contents: read }\n', ''),
    ['4 permissions'],
  ],
  ['writing for all jobs', clean.replace('permissions: {}', 'permissions: { contents: write }'), ['2 permissions']],
  ['write-all', clean.replace('{ contents: read }', 'write-all'), ['7 permissions']],
  ['no timeout', clean.replace('    timeout-minutes: 5\n', ''), ['5 timeout']],
  [
    'kept credentials',
    clean.replace('        with: { persist-credentials: false }\n', ''),
    ['9 persisted-credentials'],
  ],
  [
    'code of a pull request beside secrets',
    clean
      .replace('on: pull_request', 'on: pull_request_target')
      .replace('false }', 'false, ref: "${{ github.event.pull_request.head.sha }}" }'),
    ['10 privileged-checkout'],
  ],
  ['code of a pull request as data in a folder', beside('run: node tool.ts pull-request/main.ts'), []],
  ['a script of that folder that is run', beside('run: node pull-request/main.ts'), ['10 privileged-checkout']],
  ['an action of that folder', beside('uses: ./pull-request/actions/build'), ['10 privileged-checkout']],
  [
    'inherited secrets',
    `on: push\npermissions: {}\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets: inherit\n`,
    ['6 inherited-secrets'],
  ],
  ['an invalid file', clean.replace('runs-on', 'run-on'), ['5 invalid', '5 invalid']],
])('%s', async (_, workflow, findings) => {
  expect(await lint(workflow)).toEqual(findings);
});

test.each([
  'github.event.pull_request.title',
  'github.head_ref',
  "github['head_ref']",
  'toJSON(github.event)',
  "format('{0}', github.event.comment.body)",
  'github.event.commits[0].message',
  'inputs.name',
  'env.TITLE',
])('%s expanded into a script', async (expression) => {
  const findings = await lint(clean.replace('github.sha', expression.replaceAll('"', '')));
  expect(findings).toEqual(['12 injection']);
});
