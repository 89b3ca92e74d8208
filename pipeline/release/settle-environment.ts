import { DEFAULT_LOCK_WAIT_MS } from './deploy.ts';
import { takeLock } from './lock.ts';
import { observeSettled } from './observe.ts';
import type { ReleasePorts } from './ports.ts';
import { recordEntry } from './record.ts';
import type { Settled } from './settle.ts';

/**
 * Finishes or undoes what a dead run left half done, without deploying anything. Waits for the dead run's lease; a lock that is still
 * held then belongs to a living run, and there is nothing to settle.
 */
export async function settleEnvironment(
  environment: string,
  actor: string,
  ports: ReleasePorts,
): Promise<readonly Settled[]> {
  const releases = await ports.ledger.releases(environment, 50);
  if (!releases.some(({ status }) => status === 'deploying')) return [];
  const locked = await takeLock(
    {
      environment,
      holder: actor,
      purpose: 'settle',
      reason: 'settle an interrupted deployment',
      waitMs: DEFAULT_LOCK_WAIT_MS,
    },
    { ...ports, onProgress: ports.progress.line },
  );
  if (!locked.ok) {
    ports.progress.line(locked.problem);
    return [];
  }
  try {
    const started = ports.clock.now();
    const { settled } = await observeSettled(environment, ports);
    for (const { release, outcome } of settled) {
      await recordEntry({ environment, kind: 'settle', release, outcome }, { actor }, { ports, started });
    }
    return settled;
  } finally {
    await locked.lock.release();
  }
}
