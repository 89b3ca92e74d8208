import type { ReleasePorts } from './ports.ts';
import { type Requester, recordEntry } from './record.ts';
import { resume } from './resume.ts';
import { rollback } from './rollback.ts';
import type { RollbackRequest } from './rollback-plan.ts';
import type { RollbackResult } from './rollback-result.ts';
import { pastRollbacks, type RollbackTimes } from './rollback-times.ts';
import type { Release } from './types.ts';

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
  const before = now && (await servedBefore(now, ports));
  if (now === undefined || before === undefined) return notToday('there is no release to go back to');
  if (freeze !== undefined) return notToday(`it is frozen by ${freeze.by}: ${freeze.reason}`);
  if (lock !== undefined && lock.expires > ports.clock.now()) return notToday(`${lock.holder} deploys to it`);

  const back = await rollback({ ...request, target: before, reason: 'drill: back' }, ports);
  if (back.outcome !== 'rolled back') {
    await resume(environment, ports, request);
    return { outcome: 'failed', environment, step: 'back', result: back };
  }
  const forward = await rollback({ ...request, target: contentOf(now), reason: 'drill: forward' }, ports);
  if (forward.outcome !== 'rolled back') return { outcome: 'failed', environment, step: 'forward', result: forward };
  await resume(environment, ports, request);
  return { outcome: 'drilled', environment, back, forward, times: await pastRollbacks(environment, ports.ledger) };
}

/** What a release serves: a rollback serves what an earlier one made. */
const contentOf = ({ id, restores }: Release): string => restores ?? id;

/** The last release that served something else than `now` does, wherever a rollback has been in between. */
async function servedBefore(now: Release, { ledger }: ReleasePorts): Promise<string | undefined> {
  let { previous } = now;
  while (previous !== undefined) {
    const release = await ledger.release(now.environment, previous);
    if (release === undefined) return undefined;
    if (contentOf(release) !== contentOf(now) && release.partial === undefined) return contentOf(release);
    previous = release.previous;
  }
  return undefined;
}

/** Why a rollback did not happen, in words. */
export function problemOf(result: Exclude<RollbackResult, RolledBack>): string {
  if (result.outcome === 'refused') return `refused: ${result.problems.join('; ')}`;
  if (result.outcome === 'stopped') return `stopped: ${result.message}`;
  if (result.outcome === 'already there') return `release ${result.to.id} served already`;
  return `failed: ${result.release.failure ?? ''}`;
}

function detailOf(result: DrillResult): string {
  if (result.outcome === 'not drilled') return result.reason;
  if (result.outcome === 'failed') return `the way ${result.step}: ${problemOf(result.result)}`;
  const { back, forward } = result;
  return `back to ${back.to.id} in ${back.release.seconds} s, forward in ${forward.release.seconds} s`;
}
