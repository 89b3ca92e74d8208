import { finished, startGitHub, type TestGitHub, workflow } from '../testing/start.ts';

let site: TestGitHub;

beforeAll(async () => {
  site = await startGitHub({
    'README.md': 'one\n',
    '.github/workflows/labels.yml': workflow('{ pull_request: { types: [labeled, unlabeled] } }', 'echo labeled'),
  });
});
afterAll(async () => {
  await site.close();
  expect(site.events.filter(({ message }) => message.startsWith('bug'))).toEqual([]);
});

test('an issue is opened, found by its label, changed, closed and opened again', async () => {
  const made = await site.call('POST', '/issues', { title: 'Drift', body: 'one', labels: ['drift', 'infra'] });
  expect(made).toMatchObject({ status: 201, body: { number: 1, labels: [{ name: 'drift' }, { name: 'infra' }] } });
  expect(made.body).not.toHaveProperty('pull_request');
  const list = async (query: string) => (await site.call('GET', `/issues?${query}`)).body;
  expect(await list('labels=drift')).toMatchObject([{ number: 1, title: 'Drift' }]);
  expect(await list('labels=drift,other')).toEqual([]);
  const closed = await site.call('PATCH', '/issues/1', { state: 'closed', body: 'two' });
  expect(closed.body).toMatchObject({ state: 'closed', body: 'two', closed_at: expect.any(String) });
  expect(await list('labels=drift')).toEqual([]);
  expect(await list('state=all')).toMatchObject([{ number: 1 }]);
  expect((await site.call('PATCH', '/issues/1', { state: 'open' })).body).toMatchObject({ closed_at: null });
  expect((await site.call('POST', '/issues/1/comments', { body: 'gone' })).status).toBe(201);
  expect((await site.call('GET', '/issues/9')).status).toBe(404);
  expect((await site.call('POST', '/issues', { title: 'x' }, { issues: 'read' })).status).toBe(403);
});

test('labels of a pull request come and go, by API or by hand; only a person starts workflows with them', async () => {
  await site.github.commit({ branch: 'change', files: { 'README.md': 'two\n' }, message: 'Change' });
  const { number } = await site.github.openPullRequest({ head: 'change', title: 'Change' });
  expect((await site.call('POST', `/issues/${number}/labels`, { labels: ['a'] })).body).toMatchObject([{ name: 'a' }]);
  expect((await site.call('GET', `/pulls/${number}`)).body).toMatchObject({ labels: [{ name: 'a' }] });
  expect((await site.call('DELETE', `/issues/${number}/labels/a`)).body).toEqual([]);
  expect(site.github.runs.list()).toEqual([]);
  const labeled = await site.github.labelPullRequest(number, ['keep']);
  const unlabeled = await site.github.labelPullRequest(number, []);
  const runs = await finished(site, [...labeled.runs, ...unlabeled.runs]);
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(['success', 'success']);
  expect((await site.call('GET', `/issues?state=open`)).body).toMatchObject([{ number, pull_request: {} }, {}]);
});
