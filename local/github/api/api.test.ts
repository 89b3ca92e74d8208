import { startGitHub, type TestGitHub } from '../testing/start.ts';

let site: TestGitHub;

beforeAll(async () => {
  site = await startGitHub({
    'README.md': 'one\n',
    'src/a.ts': 'export const a = 1;\n',
    '.github/workflows/manual.yml': `name: Manual
on: { workflow_dispatch: { inputs: { target: { type: choice, options: [a, b], required: true }, dry: { type: boolean, default: true } } } }
jobs: { job: { runs-on: x, steps: [{ run: 'echo "\${{ inputs.target }} \${{ inputs.dry && 1 || 2 }} \${{ github.event.inputs.dry }}"' }] } }`,
  });
  await site.github.commit({
    branch: 'feature/ü',
    files: { 'README.md': 'two\n', 'src/b c.ts': 'b\n', 'src/a.ts': null },
    message: 'Change things\n\nbody',
  });
  await site.github.openPullRequest({ head: 'feature/ü', title: 'Feature', body: 'why' });
});
afterAll(async () => {
  await site.close();
  // An answer without GitHub's shape is a bug of the stand-in: it becomes a 500 and is logged.
  expect(site.events.filter(({ message }) => message.startsWith('bug'))).toEqual([]);
});

test('repository, branch, commits, contents', async () => {
  expect((await site.call('GET', '')).body).toMatchObject({ full_name: 'octo/app', default_branch: 'main' });
  const branch = await site.call('GET', '/branches/main');
  expect(branch.body).toMatchObject({ name: 'main', commit: { commit: { message: 'Seed' } } });
  const commits = await site.call('GET', '/commits?sha=feature/ü&per_page=1');
  expect(commits.body).toMatchObject([{ commit: { message: 'Change things\n\nbody' } }]);
  expect(commits.link).toContain('rel="next"');
  const commit = await site.call('GET', '/commits/feature%2F%C3%BC');
  expect(commit.body).toMatchObject({
    files: [{ filename: 'README.md' }, { filename: 'src/a.ts' }, { filename: 'src/b c.ts' }],
  });
  expect((await site.call('GET', '/commits/main')).status).toBe(200);
  const file = await site.call('GET', '/contents/src/a.ts');
  expect(Buffer.from(String(file.body['content']), 'base64').toString()).toBe('export const a = 1;\n');
  expect((await site.call('GET', '/contents/src?ref=feature/ü')).body).toMatchObject([
    { name: 'b c.ts', type: 'file' },
  ]);
  expect((await site.call('GET', '/contents/nothing')).status).toBe(404);
});

test('compare says ahead, behind, identical and which files', async () => {
  const { body } = await site.call('GET', '/compare/main...feature/ü');
  expect(body).toMatchObject({
    status: 'ahead',
    ahead_by: 1,
    behind_by: 0,
    files: [
      { filename: 'README.md', status: 'modified', additions: 1, deletions: 1, patch: '@@ -1 +1 @@\n-one\n+two' },
      { filename: 'src/a.ts', status: 'removed' },
      { filename: 'src/b c.ts', status: 'added' },
    ],
  });
  expect((await site.call('GET', '/compare/feature/ü...main')).body).toMatchObject({ status: 'behind' });
  expect((await site.call('GET', '/compare/main...main')).body).toMatchObject({ status: 'identical' });
  expect((await site.call('GET', '/compare/main...nothing')).status).toBe(404);
});

test('pull requests and their comments', async () => {
  expect((await site.call('GET', '/pulls')).body).toMatchObject([{ number: 1, head: { ref: 'feature/ü' } }]);
  expect((await site.call('GET', '/pulls?head=octo:other')).body).toEqual([]);
  expect((await site.call('GET', '/pulls/1')).body).toMatchObject({ mergeable: true, merged: false, title: 'Feature' });
  expect((await site.call('GET', '/pulls/1/files')).body).toMatchObject([{ filename: 'README.md' }, {}, {}]);
  expect((await site.call('GET', '/issues/1')).body).toMatchObject({ number: 1, comments: 0 });
  const created = await site.call('POST', '/issues/1/comments', { body: 'first' });
  expect(created.status).toBe(201);
  const id = created.body['id'];
  expect((await site.call('PATCH', `/issues/comments/${id}`, { body: 'changed' })).body).toMatchObject({
    body: 'changed',
  });
  expect((await site.call('GET', `/issues/comments/${id}`)).body).toMatchObject({ body: 'changed' });
  expect((await site.call('GET', '/issues/1/comments')).body).toMatchObject([{ body: 'changed' }]);
  expect((await site.call('DELETE', `/issues/comments/${id}`)).status).toBe(204);
  expect((await site.call('GET', '/issues/1/comments')).body).toEqual([]);
  expect((await site.call('PATCH', '/pulls/1', { title: 'Better' })).body).toMatchObject({ title: 'Better' });
});

test('a pull request made, closed, reopened and merged through the API', async () => {
  await site.github.commit({ branch: 'second', files: { 'second.txt': '2' }, message: 'Second' });
  const made = await site.call('POST', '/pulls', { head: 'second', base: 'main', title: 'Second' });
  expect(made.status).toBe(201);
  const number = made.body['number'];
  expect((await site.call('POST', '/pulls', { head: 'second', base: 'main', title: 'Again' })).status).toBe(422);
  expect((await site.call('PATCH', `/pulls/${number}`, { state: 'closed' })).body).toMatchObject({ state: 'closed' });
  expect((await site.call('PUT', `/pulls/${number}/merge`, {})).status).toBe(405);
  await site.call('PATCH', `/pulls/${number}`, { state: 'open' });
  const merged = await site.call('PUT', `/pulls/${number}/merge`, {});
  expect(merged.body).toMatchObject({ merged: true });
  const sha = merged.body['sha'];
  expect((await site.call('GET', `/commits/${sha}/pulls`)).body).toMatchObject([{ number }]);
  expect((await site.call('GET', '/git/ref/heads/main')).body).toMatchObject({ object: { sha } });
});

test('refs', async () => {
  const { body } = await site.call('GET', '/git/ref/heads/main');
  const { sha } = body['object'] as unknown as { sha: string };
  expect((await site.call('POST', '/git/refs', { ref: 'refs/tags/v1', sha })).status).toBe(201);
  expect((await site.call('POST', '/git/refs', { ref: 'refs/tags/v1', sha })).status).toBe(422);
  expect((await site.call('PATCH', '/git/refs/heads/feature/ü', { sha })).status).toBe(422);
  expect((await site.call('DELETE', '/git/refs/tags/v1')).status).toBe(204);
  expect((await site.call('GET', '/git/ref/tags/v1')).status).toBe(404);
});

test('deployments: a success retires the one before, an active one cannot be deleted', async () => {
  const deploy = async () => {
    const made = await site.call('POST', '/deployments', {
      ref: 'main',
      environment: 'staging',
      auto_merge: false,
      required_contexts: [],
    });
    expect(made.status).toBe(201);
    const status = await site.call('POST', `/deployments/${made.body['id']}/statuses`, {
      state: 'success',
      environment_url: 'http://staging.localhost',
    });
    expect(status.status).toBe(201);
    return Number(made.body['id']);
  };
  const [first, second] = [await deploy(), await deploy()];
  const states = async (id: number) =>
    ((await site.call('GET', `/deployments/${id}/statuses`)).body as unknown as { state: string }[]).map(
      ({ state }) => state,
    );
  expect(await states(first)).toEqual(['inactive', 'success']);
  expect(await states(second)).toEqual(['success']);
  expect((await site.call('GET', '/deployments?environment=staging')).body).toMatchObject([
    { id: second },
    { id: first },
  ]);
  expect((await site.call('DELETE', `/deployments/${second}`)).status).toBe(422);
  expect((await site.call('DELETE', `/deployments/${first}`)).status).toBe(204);
  expect((await site.call('GET', `/deployments/${first}`)).status).toBe(404);
  expect((await site.call('GET', '/environments')).body).toMatchObject({ environments: [{ name: 'staging' }] });
  expect((await site.call('GET', '/environments/staging')).status).toBe(200);
});

test('workflows, dispatch with typed inputs, runs and jobs', async () => {
  expect((await site.call('GET', '/actions/workflows')).body).toMatchObject({ workflows: [{ name: 'Manual' }] });
  const dispatch = (inputs: object) =>
    site.call('POST', '/actions/workflows/manual.yml/dispatches', { ref: 'main', inputs });
  expect((await dispatch({})).body).toMatchObject({ message: "Required input 'target' not provided" });
  expect((await dispatch({ target: 'c' })).status).toBe(422);
  expect((await dispatch({ target: 'a', other: 1 })).status).toBe(422);
  expect((await dispatch({ target: 'a', dry: 'false' })).status).toBe(204);
  const [run] = site.github.runs.list({ workflow: 'manual.yml' });
  const done = await site.github.runs.wait(run?.id ?? 0);
  expect(done).toMatchObject({ conclusion: 'success', name: 'Manual', event: 'workflow_dispatch' });
  expect((await site.call('GET', `/actions/runs/${done.id}`)).body).toMatchObject({
    status: 'completed',
    conclusion: 'success',
  });
  expect((await site.call('GET', '/actions/runs?event=workflow_dispatch')).body).toMatchObject({ total_count: 1 });
  expect((await site.call('GET', '/actions/workflows/manual.yml/runs')).body).toMatchObject({ total_count: 1 });
  expect((await site.call('GET', `/actions/runs/${done.id}/jobs`)).body).toMatchObject({
    jobs: [{ name: 'job', steps: [{ conclusion: 'success' }] }],
  });
  expect((await site.call('POST', `/actions/runs/${done.id}/cancel`)).status).toBe(409);
});

test('variables and the form of OIDC subjects', async () => {
  expect((await site.call('POST', '/actions/variables', { name: 'A', value: '1' })).status).toBe(201);
  expect((await site.call('PATCH', '/actions/variables/A', { value: '2' })).status).toBe(204);
  expect((await site.call('GET', '/actions/variables/A')).body).toMatchObject({ value: '2' });
  expect((await site.call('GET', '/actions/variables')).body).toMatchObject({ total_count: 1 });
  expect(
    (await site.call('PUT', '/actions/oidc/customization/sub', { use_default: false, include_claim_keys: ['repo'] }))
      .status,
  ).toBe(201);
  expect((await site.call('GET', '/actions/oidc/customization/sub')).body).toMatchObject({
    include_claim_keys: ['repo'],
  });
});

describe('refusals', () => {
  test.each([
    ['an unknown path', 'GET', '/stargazers', undefined, 501],
    ['an unknown query parameter', 'GET', '/pulls?nonsense=1', undefined, 422],
    ['a query parameter of the wrong type', 'GET', '/pulls?per_page=many', undefined, 422],
    ['an unknown property', 'POST', '/issues/1/comments', { body: 'x', nonsense: 1 }, 422],
    ['a missing property', 'POST', '/issues/1/comments', {}, 422],
    ['an unknown pull request', 'GET', '/pulls/99', undefined, 404],
    ['a malformed path', 'GET', '/contents/%E0%A4%A', undefined, 400],
  ])('%s', async (_, method, path, body, status) => {
    expect((await site.call(method, path, body)).status).toBe(status);
  });

  test('no token, a wrong token, a token without the permission, another repository', async () => {
    expect((await fetch(`${site.github.url}/repos/octo/app/pulls`)).status).toBe(401);
    const refused = await site.call(
      'POST',
      '/issues/1/comments',
      { body: 'x' },
      { contents: 'read', 'pull-requests': 'read' },
    );
    expect(refused).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by integration', status: '403' },
    });
    expect((await site.call('GET', '/../other/pulls')).status).toBe(404);
  });

  test('a body that is no JSON', async () => {
    const response = await fetch(`${site.github.url}/repos/octo/app/issues/1/comments`, {
      method: 'POST',
      headers: { authorization: `token ${site.github.issueToken({ issues: 'write' })}` },
      body: '{',
    });
    expect(response.status).toBe(400);
  });
});
