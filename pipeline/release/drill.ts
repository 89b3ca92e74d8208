import type { ReleasePorts } from './ports.ts';
import { type Requester, recordEntry } from './record.ts';
import { resume } from './resume.ts';
import { rollback } from './rollback.ts';
import type { RollbackRequest } from './rollback-plan.ts';
import type { RollbackResult } from './rollback-result.ts';
import { pastRollbacks, type RollbackTimes } from './rollback-times.ts';

type RolledBack = Extract<RollbackResult, { outcome: 'rolled back' }>;

export type DrillResult =
  | {
      readonly outcome: 'drilled';
      readonly environment: string;
      readonly back: RolledBack;
      readonly forward: RolledBack;
      readonly times: RollbackTimes | undefined;
    }
  /** There was nothing to go back to, or somebody is busy: not the day for a drill. */
  | { readonly outcome: 'not drilled'; readonly environment: string; readonly reason: string }
  | {
      readonly outcome: 'failed';
      readonly environment: string;
      readonly step: 'back' | 'forward';
      readonly result: Exclude<RollbackResult, RolledBack>;
    };

export type DrillRequest = Pick<RollbackRequest, 'project' | 'environment'> & Requester;

/**
 * Rolls an environment back and forward again, so that a rollback is known to work, and how long it takes, before anyone needs it. Deployments are
 * frozen meanwhile and resumed after; when the way forward fails the freeze stays, because somebody has to look.
 */
export async function drill(request: DrillRequest, ports: ReleasePorts): Promise<DrillResult> {
  const started = ports.clock.now();
  const result = await attempt(request, ports);
  const { environment } = request;
  const known = result.outcome === 'drilled' ? { release: result.forward.release.id } : {};
  const entry = { environment, kind: 'drill', outcome: result.outcome, detail: detailOf(result), ...known } as const;
  await recordEntry(entry, request, { ports, started });
  return result;
}

async function attempt(request: DrillRequest, ports: ReleasePorts): Promise<DrillResult> {
  const { environment } = request;
  const { head, freeze, lock } = await ports.ledger.control(environment);
  const now = head && (await ports.ledger.release(environment, head.release));
  const notToday = (reason: string): DrillResult => ({ outcome: 'not drilled', environment, reason });
  if (now?.previous === undefined) return notToday('there is no release to go back to');
  if (freeze !== undefined) return notToday(`it is frozen by ${freeze.by}: ${freeze.reason}`);
  if (lock !== undefined && lock.expires > ports.clock.now()) return notToday(`${lock.holder} deploys to it`);

  const back = await rollback({ ...request, target: '', reason: 'drill: back' }, ports);
  if (back.outcome !== 'rolled back') {
    await resume(environment, ports, request);
    return { outcome: 'failed', environment, step: 'back', result: back };
  }
  const forward = await rollback({ ...request, target: now.restores ?? now.id, reason: 'drill: forward' }, ports);
  if (forward.outcome !== 'rolled back') return { outcome: 'failed', environment, step: 'forward', result: forward };
  await resume(environment, ports, request);
  return { outcome: 'drilled', environment, back, forward, times: await pastRollbacks(environment, ports.ledger) };
}

function detailOf(result: DrillResult): string {
  if (result.outcome === 'not drilled') return result.reason;
  if (result.outcome === 'failed') return `the way ${result.step} was ${result.result.outcome}`;
  const { back, forward } = result;
  return `back to ${back.to.id} in ${back.release.seconds} s, forward in ${forward.release.seconds} s`;
}
