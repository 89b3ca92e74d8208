import type { RunReport } from '../../cloud/wire.ts';
import { bytesPushed, expectRun, StepFailed, type StepOutcome, type World } from '../world.ts';

/** The pull request is merged while requests flow; staging is released, then production; no request fails. */
export async function release(world: World, pullRequest: number): Promise<StepOutcome> {
  const before = await world.environment('production');
  const { result: merged, requests } = await world.underTraffic(['staging', 'production'], () =>
    world.call<{ commit: string; runs: RunReport[] }>('merge', { number: pullRequest }),
  );
  for (const run of merged.runs) expectRun(run, 'success');
  const [staging, production] = await Promise.all([world.environment('staging'), world.environment('production')]);
  if (production.release?.commit !== merged.commit || production.release.id === before.release?.id) {
    throw new StepFailed(`production serves ${production.release?.commit ?? 'nothing'}, expected ${merged.commit}`);
  }
  expectNoFailure(requests);
  const detail = { commit: merged.commit, staging: staging.release?.id, production: production.release.id };
  return { detail, requests: { sent: requests.sent, failed: requests.failed }, bytesPushed: bytesPushed(merged.runs) };
}

export function expectNoFailure(requests: { sent: number; failed: number; failures: readonly string[] }): void {
  if (requests.sent === 0) throw new StepFailed('No request was sent while the release went on');
  if (requests.failed > 0) {
    throw new StepFailed(`${requests.failed} of ${requests.sent} requests failed: ${requests.failures.join(' | ')}`);
  }
}
