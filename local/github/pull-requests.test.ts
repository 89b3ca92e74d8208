// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, outputOf, startGitHub, type TestGitHub, workflow } from './testing/start.ts';

let site: TestGitHub;
afterEach(() => site.close());

const COMMENT_ACTION = {
  'actions/comment/action.yml': `name: Comment
description: Writes a comment
inputs:
  body: { description: Text, required: true }
  token: { description: Token, default: '\${{ github.token }}' }
outputs:
  status: { description: HTTP status }
runs: { using: node24, main: main.mjs, post: post.mjs }
`,
  'actions/comment/main.mjs': `import { appendFileSync, readFileSync } from 'node:fs';
const { number } = JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8'));
const response = await fetch(\`\${process.env.GITHUB_API_URL}/repos/\${process.env.GITHUB_REPOSITORY}/issues/\${number}/comments\`, {
  method: 'POST',
  headers: { authorization: \`token \${process.env.INPUT_TOKEN}\` },
  body: JSON.stringify({ body: process.env.INPUT_BODY }),
});
appendFileSync(process.env.GITHUB_OUTPUT, \`status=\${response.status}\\n\`);
appendFileSync(process.env.GITHUB_STATE, 'said=it\\n');
appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# Commented\\n');
if (!response.ok) throw new Error((await response.json()).message);
`,
  'actions/comment/post.mjs': "console.log('post remembers ' + process.env.STATE_said);\n",
};

test('a pull request runs its own workflow: checkout, composite, action, comment, cache, artifacts', async () => {
  site = await startGitHub(
    {
      ...COMMENT_ACTION,
      'package-lock.json': '{"lockfileVersion":3}',
      '.github/actions/setup/action.yml': `name: Setup
description: Prepares
inputs: { greeting: { description: Word, default: hello } }
outputs: { said: { description: Words, value: '\${{ steps.say.outputs.said }}' } }
runs:
  using: composite
  steps:
    - uses: actions/setup-node@v6
      with: { node-version: '24' }
    - id: cache
      uses: actions/cache@v5
      with: { path: node_modules, key: "k-\${{ hashFiles('package-lock.json') }}" }
    - id: say
      shell: bash
      run: echo "said=\${{ inputs.greeting }} $(cat node_modules/marker) hit=\${{ steps.cache.outputs.cache-hit }} $(node -p 'process.version.slice(0, 3)')" >> "$GITHUB_OUTPUT"
`,
      '.github/workflows/pr.yml': `name: Pull request
on: { pull_request: { paths: ['src/**'] } }
permissions: { contents: read, pull-requests: write }
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs: { said: '\${{ steps.setup.outputs.said }}' }
    steps:
      - uses: actions/checkout@v6
        with: { persist-credentials: false }
      - id: setup
        uses: ./.github/actions/setup
        with: { greeting: moin }
      - run: 'mkdir out; cp src/new.txt out/; git log --format=%s > out/log.txt'
      - uses: actions/upload-artifact@v4
        with: { name: result, path: out }
  comment:
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
      - uses: actions/download-artifact@v4
        with: { name: result, path: got }
      - id: comment
        uses: ./actions/comment
        with: { body: '\${{ needs.build.outputs.said }}', nonsense: 1 }
      - run: 'echo "status \${{ steps.comment.outputs.status }}: $(ls got) $(wc -l < got/log.txt)"'
`,
    },
    {},
  );
  const modules = join(site.home, 'node_modules');
  mkdirSync(modules);
  writeFileSync(join(modules, 'marker'), 'from-the-developer');
  site = await site.restart({ dependencies: { lockfile: join(site.source, 'package-lock.json'), folder: modules } });
  await site.github.commit({ branch: 'feature', files: { 'docs.md': 'no code' }, message: 'Docs' });
  expect((await site.github.openPullRequest({ head: 'feature', title: 'Feature' })).runs).toEqual([]);
  const push = await site.github.push({ branch: 'feature', files: { 'src/new.txt': 'new\n' }, message: 'Code' });
  const [run] = await finished(site, push.runs);
  if (!run) throw new Error('no run');
  expect(run).toMatchObject({ conclusion: 'success', event: 'pull_request', headCommit: push.commit, pullRequest: 1 });
  expect(site.github.comments(1)).toMatchObject([
    { body: 'moin from-the-developer hit=true v24', author: 'github-actions[bot]' },
  ]);
  // The test merge is shallow: one commit of history.
  expect(outputOf(run)).toContain('status 201: log.txt\nnew.txt 1');
  expect(outputOf(run)).toContain('post remembers it');
  expect(run.jobs[1]?.summary).toBe('# Commented\n');
  expect(run.jobs.flatMap(({ annotations }) => annotations.map(({ message }) => message))).toEqual([
    "Unexpected input(s) 'nonsense', valid inputs are ['body', 'token']",
  ]);
  expect(existsSync(join(site.home, 'runs', String(run.id), 'work', '7'))).toBe(false);
  expect(existsSync(join(modules, 'marker'))).toBe(true);
});

test('a token without the permission gets 403 and is masked', async () => {
  site = await startGitHub({
    ...COMMENT_ACTION,
    '.github/workflows/pr.yml': `on: pull_request
permissions: { contents: read }
jobs:
  job:
    runs-on: x
    steps: [{ uses: actions/checkout@v6 }, { uses: ./actions/comment, with: { body: x } }, { if: always(), run: 'echo "token \${{ github.token }}"; printenv INPUT_TOKEN || true' }]
`,
  });
  await site.github.commit({ branch: 'feature', files: { a: '1' }, message: 'A' });
  const { runs } = await site.github.openPullRequest({ head: 'feature', title: 'Feature' });
  const [run] = await finished(site, runs);
  if (!run) throw new Error('no run');
  expect(run.conclusion).toBe('failure');
  expect(outputOf(run)).toContain('Resource not accessible by integration');
  expect(outputOf(run)).toContain('token ***');
  expect(site.github.comments(1)).toEqual([]);
});

test('merge: one commit with two parents, push and closed runs, the right refs', async () => {
  site = await startGitHub({
    '.github/workflows/push.yml': workflow('{ push: { branches: [main] } }', 'echo "$GITHUB_REF $GITHUB_SHA"'),
    '.github/workflows/closed.yml': workflow(
      '{ pull_request: { types: [closed] } }',
      'echo "$GITHUB_REF $GITHUB_HEAD_REF $GITHUB_BASE_REF ${{ github.event.action }} ${{ github.event.pull_request.merged }}"',
    ),
  });
  await site.github.commit({ branch: 'feature', files: { a: '1' }, message: 'A' });
  await site.github.openPullRequest({ head: 'feature', title: 'Feature' });
  const merged = await site.github.mergePullRequest(1);
  const runs = await finished(site, merged.runs);
  expect(runs.map(({ event }) => event)).toEqual(['push', 'pull_request']);
  expect(outputOf(runs[0])).toContain(`refs/heads/main ${merged.mergeCommit}`);
  expect(outputOf(runs[1])).toContain('refs/heads/main feature main closed true');
  const parents = execFileSync('git', ['-C', site.github.repositoryFolder, 'show', '-s', '--format=%P %s', 'main'], {
    encoding: 'utf8',
  });
  expect(parents).toMatch(/^[0-9a-f]{40} [0-9a-f]{40} Merge pull request #1 from feature/);
  await expect(site.github.mergePullRequest(1)).rejects.toThrow('is not open');
  expect((await site.github.push({ branch: 'main', files: { b: '1' }, message: 'x [skip ci]' })).runs).toEqual([]);
});

test('a conflict keeps a pull request from running and merging, and names the file', async () => {
  site = await startGitHub({ 'a.txt': 'one\n', '.github/workflows/pr.yml': workflow('pull_request', 'true') });
  await site.github.commit({ branch: 'feature', files: { 'a.txt': 'two\n' }, message: 'Two' });
  await site.github.push({ branch: 'main', files: { 'a.txt': 'three\n' }, message: 'Three' });
  const opened = await site.github.openPullRequest({ head: 'feature', title: 'Conflict' });
  expect(opened.runs).toEqual([]);
  expect(opened.testMerge).toBeUndefined();
  await expect(site.github.mergePullRequest(1)).rejects.toThrow('conflicts in a.txt');
});

test('a fork: no secrets, a token that reads', async () => {
  site = await startGitHub({
    '.github/workflows/pr.yml': workflow(
      'pull_request',
      'echo "secret=[${{ secrets.KEY }}] own=${{ github.event.pull_request.head.repo.full_name == github.repository }}"\ncurl -s -X POST -H "authorization: token ${{ github.token }}" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/1/comments" -d \'{"body":"x"}\'',
      'permissions: write-all',
    ),
  });
  site.github.setSecrets({ KEY: 'sesame' });
  await site.github.commit({ branch: 'theirs', files: { a: '1' }, message: 'A' });
  const [run] = await finished(
    site,
    (await site.github.openPullRequest({ head: 'theirs', title: 'Theirs', fork: true })).runs,
  );
  expect(outputOf(run)).toContain('secret=[] own=false');
  expect(outputOf(run)).toContain('Resource not accessible by integration');
});
