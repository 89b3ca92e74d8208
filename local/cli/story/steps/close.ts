import type { PullRequestReport, RunReport } from '../../cloud/wire.ts';
import { expectRun, StepFailed, type StepOutcome, type World } from '../world.ts';

/** The pull request is closed (merging closed it): its preview is gone, and the sweep finds nothing left of it. */
export async function close(world: World, pullRequest: number): Promise<StepOutcome> {
  const closed = await world.call<{ pullRequest: PullRequestReport; runs: RunReport[] }>('pr-close', {
    number: pullRequest,
  });
  for (const run of closed.runs) expectRun(run, 'success');
  // What a preview does not answer itself, staging does; without any service of its own that is everything.
  const [answer, staging] = await Promise.all([world.predict(`pr-${pullRequest}`), world.predict('staging')]);
  if (answer !== staging) {
    throw new StepFailed(`The preview pr-${pullRequest} still answers ${answer}, and staging ${staging}`);
  }
  const sweep = await world.call<RunReport>('dispatch', { workflow: 'sweep.yml', inputs: {} });
  expectRun(sweep, 'success');
  const output = (name: string): string[] => {
    const text = sweep.jobs.map((job) => job.outputs[name] ?? '').find((value) => value !== '');
    if (text === undefined) throw new StepFailed(`sweep.yml has no output ${name}`);
    return JSON.parse(text) as string[];
  };
  const left = output('left');
  if (left.length > 0) throw new StepFailed(`The sweep found ${left.join(', ')} left`);
  return { detail: { pullRequest, state: closed.pullRequest.state, left, sweptSeconds: sweep.seconds } };
}
