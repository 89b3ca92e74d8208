import type { GitHub, GitHubEvent, Run } from '../../github/types.ts';
import type { CallContext } from './control.ts';
import type { RunReport } from './wire.ts';

/**
 * Waits for workflow runs, telling what they do meanwhile. When the caller goes away the runs are cancelled. A run that had nothing to do (every job skipped) is left
 * out of the report.
 */
export async function followRuns(github: GitHub, ids: readonly number[], call: CallContext): Promise<RunReport[]> {
  const followed = new Set(ids);
  const stop = github.onEvent((event) => {
    const text = describe(event, followed, github);
    if (text !== undefined) call.emit({ text });
  });
  const cancel = (): void => {
    for (const id of ids) github.runs.cancel(id);
  };
  if (call.signal.aborted) cancel();
  call.signal.addEventListener('abort', cancel, { once: true });
  try {
    const runs = await Promise.all(ids.map((id) => github.runs.wait(id)));
    return runs.filter(({ conclusion }) => conclusion !== 'skipped').map(reportRun);
  } finally {
    stop();
    call.signal.removeEventListener('abort', cancel);
  }
}

function describe(event: GitHubEvent, followed: ReadonlySet<number>, github: GitHub): string | undefined {
  if (event.type !== 'step' || !followed.has(event.run) || event.step.status !== 'in_progress') return undefined;
  const workflow = github.runs.get(event.run)?.workflow.split('/').at(-1) ?? '';
  return `${workflow} › ${event.job.name} › ${event.step.name}`;
}

export function reportRun(run: Run): RunReport {
  return {
    id: run.id,
    workflow: run.workflow.split('/').at(-1) ?? run.workflow,
    conclusion: (run.conclusion ?? 'failure') as RunReport['conclusion'],
    seconds: run.seconds ?? 0,
    jobs: run.jobs.map((job) => ({
      name: job.name,
      conclusion: job.conclusion ?? 'failure',
      seconds: job.seconds ?? 0,
      summary: job.summary,
      outputs: job.outputs,
      errors: [
        ...(job.reason === undefined ? [] : [job.reason]),
        ...job.annotations.filter(({ level }) => level === 'error').map(({ message }) => message),
      ],
    })),
  };
}
