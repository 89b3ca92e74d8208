import type { RunReport } from '../../cloud/wire.ts';
import { answerWrongly, EDITED_FILE } from '../edit.ts';
import { bytesPushed, expectRun, StepFailed, type StepOutcome, type World } from '../world.ts';

/**
 * A commit whose service starts but answers wrongly reaches main: staging's checks stop it, staging serves the release before, production
 * was never touched, and the red run says which service and check, what was expected and what came. Then the commit is reverted.
 */
export async function badRelease(world: World): Promise<StepOutcome> {
  const [staging, production] = await Promise.all([world.environment('staging'), world.environment('production')]);
  const expected = await world.predict('staging');
  const { text } = await world.call<{ text: string }>('file', { path: EDITED_FILE });
  const bad = await world.call<{ commit: string; runs: RunReport[] }>('commit', {
    message: 'Speed up post-processing',
    files: { [EDITED_FILE]: answerWrongly(text) },
  });
  const run = bad.runs.find(({ workflow }) => workflow === 'deploy.yml');
  if (!run) throw new StepFailed('The bad commit started no deploy.yml');
  expectRun(run, 'failure');
  const explanation = explained(run);
  const [stagingAfter, productionAfter] = await Promise.all([
    world.environment('staging'),
    world.environment('production'),
  ]);
  if (stagingAfter.release?.id !== staging.release?.id)
    throw new StepFailed(`staging's head moved to ${stagingAfter.release?.id}`);
  if (productionAfter.release?.id !== production.release?.id)
    throw new StepFailed('production was touched by the bad release');
  const actual = await world.predict('staging');
  if (actual !== expected)
    throw new StepFailed(`staging answers ${actual}, expected ${expected} of the release before`);
  const revert = await world.call<{ runs: RunReport[] }>('commit', {
    message: 'Revert "Speed up post-processing"',
    files: { [EDITED_FILE]: text },
  });
  for (const after of revert.runs) expectRun(after, 'success');
  return {
    detail: {
      commit: bad.commit,
      run: run.conclusion,
      explanation,
      staging: stagingAfter.release?.id,
      productionTouched: false,
    },
    bytesPushed: bytesPushed([run, ...revert.runs]),
  };
}

/** The run's own summary, which has to name the service, the check, expected and actual. */
function explained(run: RunReport): string {
  const summary = run.jobs.map((job) => job.summary).join('\n');
  const missing = [/inference/, /fuel economy/i, /expected/i, /actual/i].filter((pattern) => !pattern.test(summary));
  if (missing.length > 0)
    throw new StepFailed(`The summary of run ${run.id} does not say ${missing.join(', ')}:\n${summary}`);
  return run.jobs.flatMap((job) => job.errors).join(' | ');
}
