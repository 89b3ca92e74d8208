// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { finished, startGitHub, type TestGitHub, workflow } from '../testing/start.ts';
import type { GitHubEvent } from '../types.ts';

let site: TestGitHub;
afterEach(() => site.close());

test('environments: own secrets and variables, protected branches, deployments that retire each other', async () => {
  site = await startGitHub({
    '.github/workflows/deploy.yml': `on: workflow_dispatch
jobs:
  deploy:
    runs-on: x
    environment: { name: production, url: 'https://{0}-\${{ steps.s.outputs.v }}' }
    steps: [{ id: s, run: 'echo "v=\${{ vars.WHO }}" >> "$GITHUB_OUTPUT"; test "\${{ secrets.KEY }}" = environment-secret' }]
  quiet:
    runs-on: x
    environment: { name: preview, deployment: false }
    steps: [{ run: 'test "\${{ secrets.KEY }}" = repository-secret' }]
`,
  });
  const { github } = site;
  github.setSecrets({ KEY: 'repository-secret' });
  github.setSecrets({ KEY: 'environment-secret' }, 'production');
  github.setVariables({ WHO: 'repository' });
  github.setVariables({ WHO: 'environment' }, 'production');
  await finished(site, [await github.dispatch('deploy.yml', 'main')]);
  const [run] = await finished(site, [await github.dispatch('deploy.yml', 'main')]);
  expect(run?.conclusion).toBe('success');
  expect(run?.jobs.find(({ key }) => key === 'deploy')?.environment?.url).toBe('https://{0}-environment');
  const { body } = await site.call('GET', '/deployments');
  const [latest, earlier] = body as unknown as { id: number }[];
  expect(body).toHaveLength(2);
  const states = async (id?: number) => (await site.call('GET', `/deployments/${id}/statuses`)).body;
  expect(await states(latest?.id)).toMatchObject([{ state: 'success' }, { state: 'in_progress' }]);
  expect(await states(earlier?.id)).toMatchObject([{ state: 'inactive' }, { state: 'success' }, {}]);
  github.protectEnvironment('production', ['main']);
  await github.commit({ branch: 'feature', files: { a: '1' }, message: 'A' });
  const [refused] = await finished(site, [await github.dispatch('deploy.yml', 'feature')]);
  expect(refused?.jobs.find(({ key }) => key === 'deploy')?.reason).toContain(
    '"feature" is not allowed to deploy to production',
  );
});

test('what a workflow changes with its token starts nothing, except a dispatch', async () => {
  const api = 'curl -sf -H "authorization: token ${{ github.token }}" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY';
  site = await startGitHub({
    '.github/workflows/first.yml': workflow(
      '{ workflow_dispatch: {} }',
      `${api}/git/refs" -d '{"ref":"refs/heads/made","sha":"\${{ github.sha }}"}'\n${api}/actions/workflows/second.yml/dispatches" -d '{"ref":"main"}'`,
      'permissions: { contents: write, actions: write }',
    ),
    '.github/workflows/second.yml': workflow('{ workflow_dispatch: {}, push: {} }', 'true'),
  });
  await finished(site, [await site.github.dispatch('first.yml', 'main')]);
  const second = site.github.runs.list({ workflow: 'second.yml' });
  expect(second.map(({ event }) => event)).toEqual(['workflow_dispatch']);
  await finished(
    site,
    second.map(({ id }) => id),
  );
});

test('an invalid workflow file is a failed run that says where', async () => {
  site = await startGitHub({ '.github/workflows/bad.yml': 'on: push\njobs:\n  a:\n    run-on: x\n    steps: []\n' });
  const [run] = await finished(
    site,
    (await site.github.push({ branch: 'main', files: { a: '1' }, message: 'A' })).runs,
  );
  expect(run).toMatchObject({ conclusion: 'failure', reason: expect.stringContaining('bad.yml:4:5') });
});

test('schedules, events of a run, cancelling', async () => {
  site = await startGitHub({
    '.github/workflows/nightly.yml': workflow('{ schedule: [{ cron: "0 3 * * *" }] }', 'echo started; sleep 30'),
  });
  const seen: GitHubEvent[] = [];
  const stop = site.github.onEvent((event) => {
    seen.push(event);
    if (event.type === 'line' && event.line === 'started') site.github.runs.cancel(event.run);
  });
  const [run] = await finished(site, [await site.github.schedule('nightly.yml')]);
  stop();
  expect(run).toMatchObject({ event: 'schedule', conclusion: 'cancelled', reason: 'The operation was canceled.' });
  const runStates = seen.flatMap((event) => (event.type === 'run' ? [event.run.status] : []));
  expect(runStates).toEqual(['queued', 'in_progress', 'completed']);
  await expect(site.github.dispatch('nightly.yml', 'main')).rejects.toThrow(
    "does not have 'workflow_dispatch' trigger",
  );
  await expect(site.github.dispatch('none.yml', 'main')).rejects.toThrow('no workflow none.yml');
});

test('a run that loses its runner fails, and nothing of it happens any more', async () => {
  const steps = 'echo started; trap "echo graceful" INT TERM; sleep 30';
  site = await startGitHub({
    '.github/workflows/nightly.yml': workflow('{ schedule: [{ cron: "0 3 * * *" }] }', steps),
  });
  const lines: string[] = [];
  const stop = site.github.onEvent((event) => {
    if (event.type !== 'line') return;
    lines.push(event.line);
    if (event.line === 'started') site.github.runs.lose(event.run);
  });
  const [run] = await finished(site, [await site.github.schedule('nightly.yml')]);
  stop();
  expect(run).toMatchObject({ conclusion: 'failure', reason: expect.stringContaining('lost communication') });
  expect(lines).not.toContain('graceful');
});
