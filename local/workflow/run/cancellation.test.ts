import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConcurrency } from '../plan/concurrency.ts';
import { runWorkflow } from '../testing/run-workflow.ts';

/** Living processes (zombies are dead) of the process groups. */
const survivors = (groups: readonly number[]): readonly string[] =>
  execFileSync('ps', ['-eo', 'pgid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => groups.includes(Number.parseInt(line, 10)) && !/^\s*\d+\s+Z/.test(line));
const jobs = (body: string): string => `on: push\njobs:\n${body}`;
const oneJob = (steps: string): string => jobs(`  a: { runs-on: ubuntu-latest, steps: [${steps}] }`);

describe('cancellation', () => {
  test('stops the running step, runs always() steps and leaves no process', async () => {
    const cancel = new AbortController();
    const run = await runWorkflow(
      oneJob(
        `{run: "trap '' INT TERM; sleep 30 & echo started; wait"}, {if: always(), run: echo tidy}, {run: echo nope}`,
      ),
      { signal: cancel.signal, onLine: (line) => line === 'started' && cancel.abort() },
    );
    expect(run.conclusion).toBe('cancelled');
    expect(run.output).toContain('tidy');
    expect(run.output).not.toContain('nope');
    expect(survivors(run.processes.started)).toEqual([]);
    expect(run.processes.ended.toSorted()).toEqual(run.processes.started.toSorted());
  });

  test('a process that outlives its step dies with the job', async () => {
    const run = await runWorkflow(oneJob(`{run: "sleep 30 > /dev/null 2>&1 & echo up"}, {run: echo next}`));
    expect(run.conclusion).toBe('success');
    expect(survivors(run.processes.started)).toEqual([]);
  });

  test('the end of the runner kills at once and runs nothing more', async () => {
    const kill = new AbortController();
    const run = await runWorkflow(
      oneJob(`{run: "trap '' INT TERM; echo started; sleep 30"}, {if: always(), run: echo tidy}`),
      {
        killSignal: kill.signal,
        onLine: (line) => line === 'started' && kill.abort(),
      },
    );
    expect(run.conclusion).toBe('cancelled');
    expect(run.output).not.toContain('tidy');
    expect(survivors(run.processes.started)).toEqual([]);
  });

  test('a newer run of the group replaces the waiting one and, if wanted, the running one', async () => {
    const concurrency = createConcurrency();
    const workflow = (cancel: boolean, script: string) =>
      `on: push\nconcurrency: { group: g, cancel-in-progress: ${cancel} }\njobs: { a: { runs-on: x, steps: [{run: "${script}"}] } }`;
    const first = runWorkflow(workflow(false, 'sleep 30'), { host: { concurrency } });
    await sleep(50);
    const second = runWorkflow(workflow(false, 'true'), { host: { concurrency } });
    await sleep(50);
    const third = runWorkflow(workflow(true, 'true'), { host: { concurrency } });
    expect((await second).conclusion).toBe('cancelled');
    expect((await second).reason).toContain("higher priority waiting request for 'g'");
    expect((await first).conclusion).toBe('cancelled');
    expect((await third).conclusion).toBe('success');
  });
});
