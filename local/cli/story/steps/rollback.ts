import type { RunReport } from '../../cloud/wire.ts';
import { expectRun, StepFailed, type StepOutcome, type World } from '../world.ts';
import { emptyPlans } from './bootstrap.ts';
import { expectNoFailure } from './release.ts';

/** One dispatch with an empty target puts production back under load; the plan stays empty; deployments are frozen until `resume`. */
export async function rollback(world: World): Promise<StepOutcome> {
  const before = await world.environment('production');
  const { result: run, requests } = await world.underTraffic(['production'], () =>
    world.call<RunReport>('dispatch', {
      workflow: 'rollback.yml',
      inputs: { environment: 'production', target: '', reason: 'the story' },
    }),
  );
  expectRun(run, 'success');
  const after = await world.environment('production');
  if (!after.release || after.release.id === before.release?.id)
    throw new StepFailed('production still serves the release it had');
  if (!after.frozen) throw new StepFailed('automatic deployments of production are not frozen after the rollback');
  expectNoFailure(requests);
  await emptyPlans(world);
  const resumed = await world.call<RunReport>('dispatch', {
    workflow: 'rollback.yml',
    inputs: { environment: 'production', resume: 'true', reason: 'the story goes on' },
  });
  expectRun(resumed, 'success');
  if ((await world.environment('production')).frozen) throw new StepFailed('production is still frozen after resume');
  return {
    detail: {
      from: before.release?.commit,
      to: after.release.commit,
      services: Object.keys(after.release.services).sort(),
      rollbackSeconds: run.seconds,
      plan: 'No changes',
      frozen: after.frozen,
      resumed: true,
    },
    requests: { sent: requests.sent, failed: requests.failed },
  };
}
