import { join } from 'node:path';
import type { JavaScriptRuns } from '../definition/types.ts';
import { renderCondition } from '../expression/template.ts';
import { execute } from './execute.ts';
import { openStep, type StepRun } from './step-run.ts';
import type { ActionRun } from './uses.ts';

/** Runs `main` now and leaves `post` to the end of the job. Both see the same inputs, environment and state. */
export async function runJavaScript(run: ActionRun<JavaScriptRuns>): Promise<boolean> {
  const { job, frame, step, source, runs } = run;
  const state: Record<string, string> = {};
  const part = (file: string, target: StepRun): Promise<boolean> =>
    execute({
      job,
      frame,
      step: target,
      command: process.execPath,
      arguments: [join(source.action.folder, file)],
      folder: job.folders.workspace,
      environment: run.environment,
      runnerEnvironment: { ...actionEnvironment(run), ...stateEnvironment(state) },
      state,
    });
  if (runs.pre && !(await runPre(run, part))) return false;
  const { post } = runs;
  if (post) {
    job.posts.push({
      name: `Post ${run.name}`,
      condition: runs['post-if'] ?? 'always()',
      run: (target) => part(post, target),
    });
  }
  return part(runs.main, step);
}

/** GitHub runs `pre` of third-party actions only: a local one is not there yet when the job starts. */
async function runPre(
  run: ActionRun<JavaScriptRuns>,
  part: (file: string, step: StepRun) => Promise<boolean>,
): Promise<boolean> {
  const { source, step, runs, scope } = run;
  if (source.local) {
    step.annotate({
      level: 'warning',
      message: `\`pre\` execution is not supported for local action from '${run.definition.uses}'`,
    });
    return true;
  }
  if (!renderCondition(runs['pre-if'] ?? 'always()', scope)) return true;
  const pre = openStep(run.job, `Pre ${run.name}`);
  const succeeded = await part(runs.pre ?? '', pre);
  pre.close(succeeded ? 'success' : 'failure');
  return succeeded;
}

function actionEnvironment({ source, inputs, job, definition }: ActionRun<JavaScriptRuns>): Record<string, string> {
  const variables = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  return {
    ...Object.fromEntries(variables),
    GITHUB_ACTION: definition.id ?? `__${source.repository.replaceAll('/', '_') || 'self'}`,
    GITHUB_ACTION_REPOSITORY: source.repository,
    GITHUB_ACTION_REF: source.ref,
    ...(source.local ? {} : job.run.machine.standInEnvironment),
  };
}

function stateEnvironment(state: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
}
