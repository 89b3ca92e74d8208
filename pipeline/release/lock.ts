import { randomUUID } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import type { Ledger, Lock } from './ledger.ts';

/** Milliseconds that a lock outlives its holder's last sign of life. */
export const LEASE_MS = 30_000;
const RENEW_MS = LEASE_MS / 3;
const RETRY_MS = 1_000;

export interface LockRequest {
  readonly environment: string;
  readonly holder: string;
  readonly reason: string;
  /** Milliseconds to wait for whoever holds it. */
  readonly waitMs: number;
}

/** A lock that is held, until it is released or lost. */
export interface HeldLock {
  /** True when someone else has taken the lock over, because we looked dead. */
  lost(): boolean;
  release(): Promise<void>;
}

export type Locked = { readonly ok: true; readonly lock: HeldLock } | { readonly ok: false; readonly problem: string };

interface LockPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly onProgress: (message: string) => void;
}

/** Takes the lock of an environment and keeps it alive. A lock whose holder died expires after `LEASE_MS` and is taken over. */
export async function takeLock(request: LockRequest, { ledger, clock, onProgress }: LockPorts): Promise<Locked> {
  const { environment, holder, reason, waitMs } = request;
  const token = randomUUID();
  const deadline = clock.now() + waitMs;
  let announced = false;
  for (;;) {
    const now = clock.now();
    const lock: Lock = { token, holder, reason, since: new Date(now).toISOString(), expires: now + LEASE_MS };
    const attempt = await ledger.acquireLock(environment, lock, now);
    if (attempt.acquired) return { ok: true, lock: keep(environment, token, { ledger, clock }) };
    if (now >= deadline) return { ok: false, problem: describeLock(environment, attempt.lock) };
    if (!announced) onProgress(`Waiting: ${describeLock(environment, attempt.lock)}`);
    announced = true;
    await clock.sleep(RETRY_MS);
  }
}

function describeLock(environment: string, lock: Lock | undefined): string {
  if (lock === undefined) return `${environment} was locked a moment ago; try again`;
  return (
    `${environment} is locked by ${lock.holder} since ${lock.since} (${lock.reason}); try again when that is done` +
    ` - the lock of a run that died ends at ${new Date(lock.expires).toISOString()}`
  );
}

function keep(environment: string, token: string, { ledger, clock }: Pick<LockPorts, 'ledger' | 'clock'>): HeldLock {
  let lost = false;
  const renew = async (): Promise<void> => {
    // A renewal that cannot be sent is tried again next time; the head's compare-and-set guards what happens in between.
    if (!(await ledger.renewLock(environment, token, clock.now() + LEASE_MS).catch(() => true))) lost = true;
  };
  const stop = clock.every(RENEW_MS, () => void renew());
  // The lease ends by itself: failing to release must not turn a finished deployment into a failed one.
  const free = (): Promise<void> => ledger.releaseLock(environment, token).catch(() => undefined);
  const forget = whenInterrupted(free);
  return {
    lost: () => lost,
    async release() {
      stop();
      forget();
      await free();
    },
  };
}

/** Exit code of what Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * A run that is cancelled leaves its release `deploying`, for the next holder of the lock to settle. Whoever that is need not wait for the lease of a run that knows
 * that it ends. Returns how to stop listening.
 */
function whenInterrupted(free: () => Promise<void>): () => void {
  const end = (): void => void free().then(() => process.exit(INTERRUPTED));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  };
}
