// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of workflow files look like template strings
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startGitHub, type TestGitHub, workflow } from '../testing/start.ts';

let site: TestGitHub;
afterEach(() => site.close());

test('a local GitHub that is killed: the next one cancels its run and kills what is left of it', async () => {
  site = await startGitHub({
    '.github/workflows/long.yml': `on: workflow_dispatch
jobs: { job: { runs-on: x, environment: staging, steps: [{ run: 'sleep 300 & echo "pid $$"; wait' }] } }`,
  });
  const { home } = site;
  await site.github.close();
  const script = `
    import { createGitHub } from ${JSON.stringify(join(import.meta.dirname, '..', 'github.ts'))};
    import { openStore } from ${JSON.stringify(join(import.meta.dirname, '..', '..', 'state', 'store.ts'))};
    const store = openStore(${JSON.stringify(join(home, 'state.db'))});
    const github = await createGitHub({ home: ${JSON.stringify(home)}, store, now: Date.now, log: () => {} },
      { repository: 'octo/app', runnerEnvironment: { PATH: process.env.PATH } });
    github.onEvent((event) => event.type === 'line' && console.log(event.line));
    await github.dispatch('long.yml', 'main');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let group = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    group = Number(/^pid (\d+)/.exec(line)?.[1] ?? 0);
    if (group) break;
  }
  const died = once(child, 'exit');
  child.kill('SIGKILL');
  await died;
  const living = (): readonly string[] =>
    execFileSync('ps', ['-eo', 'pgid=,stat=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => Number.parseInt(line, 10) === group && !/^\s*\d+\s+Z/.test(line));
  expect(living()).not.toEqual([]);
  site = await site.restart();
  expect(site.github.runs.list()).toMatchObject([
    {
      status: 'completed',
      conclusion: 'cancelled',
      reason: expect.stringContaining('runner was lost'),
      jobs: [{ conclusion: 'cancelled' }],
    },
  ]);
  expect(living()).toEqual([]);
  expect((await site.call('GET', '/deployments/1/statuses')).body).toMatchObject([{ state: 'error' }, {}]);
  expect(existsSync(join(home, 'runs', '1', 'work'))).toBe(false);
});

test('closing kills what runs, and a taken port is said', async () => {
  site = await startGitHub({
    '.github/workflows/w.yml': workflow('workflow_dispatch', 'trap "" INT TERM; echo up; sleep 300'),
  });
  const up = new Promise((resolve) =>
    site.github.onEvent((event) => event.type === 'line' && event.line === 'up' && resolve(0)),
  );
  await site.github.dispatch('w.yml', 'main');
  await up;
  const port = Number(new URL(site.github.url).port);
  await expect(startGitHub({}, { port }).then(({ close }) => close())).rejects.toThrow(
    `Port ${port} of the local GitHub is already in use`,
  );
  site = await site.restart();
  expect(site.github.runs.list()).toMatchObject([{ conclusion: 'cancelled', reason: 'The local GitHub was closed' }]);
});
