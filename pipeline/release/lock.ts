import { randomUUID } from 'node:crypto';
import type { Lock, Purpose } from './ledger.ts';
import type { ReleasePorts } from './ports.ts';
import { recordEntry } from './record.ts';

/** Milliseconds that a lock outlives its holder's last sign of life. */
export const LEASE_MS = 30_000;
/** A holder looks this often whether somebody asks it to stop. */
const RENEW_MS = 2_000;
const RETRY_MS = 1_000;
/** A holder that is asked to stop and lives has done so by then; the lock is taken over from one that did not. */
export const HANDOVER_MS = 10_000;

export interface LockRequest {
  readonly environment: string;
  readonly holder: string;
  readonly reason: string;
  readonly purpose?: Purpose;
  /** Milliseconds to wait for whoever holds it. */
  readonly waitMs: number;
  /** `deploy`: asks a deployment to stop. `any`: asks whoever holds it, and takes the lock over when it does not react. */
  readonly stop?: 'deploy' | 'any';
  /** Looked at again and again while waiting: a reason to give up. */
  readonly giveUp?: () => Promise<string | undefined>;
}

/** A lock that is held, until it is released or lost. */
export interface HeldLock {
  /** Aborted when the work has to end early: its reason says who wants that. */
  readonly signal: AbortSignal;
  /** True when someone else has taken the lock over. */
  lost(): boolean;
  release(): Promise<void>;
}

export type Locked =
  | { readonly ok: true; readonly lock: HeldLock }
  | { readonly ok: false; readonly problem: string; readonly gaveUp: boolean };

interface LockPorts extends Pick<ReleasePorts, 'ledger' | 'clock' | 'progress'> {
  readonly onProgress: (message: string) => void;
}

/** Takes the lock of an environment and keeps it alive. A lock whose holder died expires after `LEASE_MS` and is taken over. */
export async function takeLock(request: LockRequest, ports: LockPorts): Promise<Locked> {
  const { environment, holder, reason, purpose, waitMs, stop, giveUp } = request;
  const { ledger, clock, onProgress } = ports;
  const token = randomUUID();
  const started = clock.now();
  /** The token of the holder that was asked to stop, and when. */
  let asked: { readonly token: string; readonly at: number } | undefined;
  let held: Lock | undefined;
  let announced = false;
  for (;;) {
    const now = clock.now();
    const since = new Date(now).toISOString();
    const lock: Lock = { token, holder, reason, since, expires: now + LEASE_MS, ...(purpose && { purpose }) };
    const over = stop === 'any' && asked !== undefined && now - asked.at >= HANDOVER_MS ? asked.token : undefined;
    const attempt = await ledger.acquireLock(environment, lock, now, over);
    if (attempt.acquired) {
      if (over !== undefined && held !== undefined) await recordTakeover(held, request, ports);
      return { ok: true, lock: keep(environment, token, ports) };
    }
    held = attempt.lock;
    if (held !== undefined && held.token !== asked?.token && mayAsk(stop, held)) {
      asked = { token: held.token, at: now };
      await ledger.askToStop(environment, held.token, { by: holder, reason });
      onProgress(`Asked ${held.holder} to stop (${held.reason})`);
    }
    if (now - started >= waitMs) return { ok: false, gaveUp: false, problem: describeLock(environment, held) };
    if (!announced) onProgress(`Waiting: ${describeLock(environment, held)}`);
    announced = true;
    const gaveUp = await giveUp?.();
    if (gaveUp !== undefined) return { ok: false, gaveUp: true, problem: gaveUp };
    await clock.sleep(RETRY_MS);
  }
}

function recordTakeover(held: Lock, { environment, holder, reason }: LockRequest, ports: LockPorts): Promise<void> {
  const detail = `${reason}; the lock was held by ${held.holder} since ${held.since} (${held.reason})`;
  const line = { environment, kind: 'takeover', outcome: 'taken over', detail } as const;
  return recordEntry(line, { actor: holder }, { ports, started: ports.clock.now() });
}

const mayAsk = (stop: LockRequest['stop'], { purpose }: Lock): boolean =>
  stop === 'any' || (stop === 'deploy' && purpose === 'deploy');

function describeLock(environment: string, lock: Lock | undefined): string {
  if (lock === undefined) return `${environment} was locked a moment ago; try again`;
  return (
    `${environment} is locked by ${lock.holder} since ${lock.since} (${lock.reason}); try again when that is done, or take it over` +
    ` with "take-over" - the lock of a run that died ends at ${new Date(lock.expires).toISOString()}`
  );
}

function keep(environment: string, token: string, { ledger, clock, onProgress }: LockPorts): HeldLock {
  const ended = new AbortController();
  let lost = false;
  let released = false;
  const end = (reason: string): void => {
    if (ended.signal.aborted || released) return;
    onProgress(`Ending early: ${reason}`);
    ended.abort(new Error(reason));
  };
  const renew = async (): Promise<void> => {
    // A renewal that cannot be sent is tried again next time; the head's compare-and-set guards what happens in between.
    const answer = await ledger.renewLock(environment, token, clock.now() + LEASE_MS).catch(() => 'unknown' as const);
    if (answer === 'unknown') return;
    lost ||= answer === undefined;
    if (answer === undefined) end('another run took the lock over');
    else if (answer.asked !== undefined) end(`stopped by ${answer.asked.by} (${answer.asked.reason})`);
  };
  const stop = clock.every(RENEW_MS, () => void renew());
  // The lease ends by itself: failing to release must not turn a finished deployment into a failed one.
  const free = (): Promise<void> => ledger.releaseLock(environment, token).catch(() => undefined);
  const forget = whenInterrupted(free);
  return {
    signal: ended.signal,
    lost: () => lost,
    async release() {
      released = true;
      stop();
      forget();
      await free();
    },
  };
}

/** Why a lock's holder has to end early, in words; undefined while it need not. */
export const endedEarly = ({ signal }: Pick<HeldLock, 'signal'>): string | undefined =>
  signal.aborted ? String(signal.reason instanceof Error ? signal.reason.message : signal.reason) : undefined;

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
