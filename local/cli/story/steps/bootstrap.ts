import type { RunReport } from '../../cloud/wire.ts';
import { bytesPushed, expectRun, type StepOutcome, type World } from '../world.ts';

/** The working tree becomes `main`; every stack is applied, every service released; a second plan of each stack is empty. */
export async function bootstrap(world: World): Promise<StepOutcome> {
  const { commit, runs } = await world.call<{ commit: string; runs: RunReport[] }>('bootstrap');
  for (const run of runs) expectRun(run, 'success');
  const stacks = await emptyPlans(world);
  return { detail: { commit, stacks, plan: 'No changes' }, bytesPushed: bytesPushed(runs) };
}

/** Plans every stack through drift.yml; returns their names, all of which have nothing to change. */
export async function emptyPlans(world: World): Promise<string[]> {
  const run = await world.call<RunReport>('dispatch', { workflow: 'drift.yml', inputs: {} });
  expectRun(run, 'success');
  const changes = run.jobs.map((job) => job.outputs['changes'] ?? '').filter((text) => text !== '');
  return changes.flatMap((text) => (JSON.parse(text) as { stack: string }[]).map(({ stack }) => stack));
}
