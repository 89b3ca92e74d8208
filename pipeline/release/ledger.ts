import type { Approval, Release } from './types.ts';

/** Which release an environment is at. */
export interface Head {
  readonly release: string;
  /** Counts the moves of the head; a move names the version that it saw. */
  readonly version: number;
  /** The newest commit that this environment is known to be at; also moves when a commit changes no service. */
  readonly commit: string;
}

/** What a lock is held for. */
export type Purpose = 'deploy' | 'rollback' | 'settle' | 'close';

/** Who deploys to an environment right now. */
export interface Lock {
  /** Random; proves that it is ours. */
  readonly token: string;
  readonly holder: string;
  readonly purpose?: Purpose;
  readonly reason: string;
  /** ISO time. */
  readonly since: string;
  /** Milliseconds since the epoch; the holder renews it while it lives. */
  readonly expires: number;
  /** Somebody who waits for this lock and wants the holder to stop. */
  readonly asked?: StopRequest;
}

/** A holder of the lock is asked to end early and hand it over. */
export interface StopRequest {
  readonly by: string;
  readonly reason: string;
}

/** Automatic deployments are paused. */
export interface Freeze {
  readonly by: string;
  readonly reason: string;
  /** ISO time. */
  readonly since: string;
}

/** The newest commit that waits for the lock. */
export interface Waiting {
  readonly commit: string;
  readonly holder: string;
  /** Milliseconds since the epoch; whoever waits renews it. */
  readonly expires: number;
}

/** A migration that was started: what the data of a service is at, whatever code serves it. */
export interface AppliedMigration {
  readonly level: number;
  readonly compatibleFrom: number;
  readonly release: string;
  /** ISO time. */
  readonly at: string;
  /** False: it was started, and nobody saw it succeed; the data may be at this level or below. */
  readonly done: boolean;
}

export interface Control {
  readonly head?: Head;
  readonly lock?: Lock;
  readonly freeze?: Freeze;
  readonly queue?: Waiting;
  /** Service -> the migrations that were run for it, oldest first. */
  readonly migrations?: Readonly<Record<string, readonly AppliedMigration[]>>;
}

/** A commit that waits for somebody's consent, or got it. */
export interface ApprovalRequest {
  readonly commit: string;
  readonly by: string;
  /** ISO time. */
  readonly since: string;
  readonly approval?: Approval;
}

/** One line of the environment's history: something that was done or refused, by whom, and what came of it. Never changed. */
export interface Entry {
  /** Sortable id: time first. */
  readonly id: string;
  readonly environment: string;
  readonly kind: 'deploy' | 'rollback' | 'resume' | 'takeover' | 'approve' | 'settle' | 'drill';
  readonly actor: string;
  /** What started it: `push`, `workflow_dispatch`, ... */
  readonly trigger: string;
  readonly outcome: string;
  /** ISO time. */
  readonly at: string;
  readonly seconds: number;
  readonly commit?: string;
  readonly release?: string;
  readonly detail?: string;
}

export type LockAttempt = { readonly acquired: true } | { readonly acquired: false; readonly lock: Lock | undefined };

/**
 * The append-only record of releases of each environment, with a head that moves by compare-and-set. Reads are strongly
 * consistent.
 */
export interface Ledger {
  control(environment: string): Promise<Control>;
  /** Newest first. */
  releases(environment: string, limit: number): Promise<readonly Release[]>;
  release(environment: string, id: string): Promise<Release | undefined>;
  /** Adds a release or updates its status. */
  saveRelease(release: Release): Promise<void>;
  /**
   * Moves the head unless it is no longer at version `from` (0: there is no head). Resolves to whether it is there now: the same move
   * once more, as clients send it when an answer was lost, is a success too.
   */
  moveHead(environment: string, move: { from: number; release: string; commit: string }): Promise<boolean>;
  /** Forgets the head of an environment that was destroyed; its releases stay on record. */
  dropHead(environment: string): Promise<void>;
  /** Takes the lock when it is free, ours already or expired at `now`, or, with `over`, from the holder with that token. */
  acquireLock(environment: string, lock: Lock, now: number, over?: string): Promise<LockAttempt>;
  /** Resolves to the lock as it is now; undefined when it is no longer ours. */
  renewLock(environment: string, token: string, expires: number): Promise<Lock | undefined>;
  /** Asks the holder with that token to stop; whoever asked first stays on record. */
  askToStop(environment: string, token: string, request: StopRequest): Promise<void>;
  releaseLock(environment: string, token: string): Promise<void>;
  /** Says that a commit waits, unless another one than `over` does. Resolves to whether it is now on record. */
  enqueue(environment: string, waiting: Waiting, now: number, over?: string): Promise<boolean>;
  dequeue(environment: string, commit: string): Promise<void>;
  freeze(environment: string, freeze: Freeze): Promise<void>;
  /** Ends the freeze; resolves to what it was. */
  resume(environment: string): Promise<Freeze | undefined>;
  saveMigrations(environment: string, service: string, applied: readonly AppliedMigration[]): Promise<void>;
  saveApprovalRequest(environment: string, request: ApprovalRequest): Promise<void>;
  /** Those of commits that begin so. */
  approvalRequests(environment: string, commitPrefix: string): Promise<readonly ApprovalRequest[]>;
  /** Adds a line to the history. */
  record(entry: Entry): Promise<void>;
  /** Newest first. */
  history(environment: string, limit: number): Promise<readonly Entry[]>;
}
