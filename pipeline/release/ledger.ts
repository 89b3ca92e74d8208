import type { Release } from './types.ts';

/** Which release an environment is at. */
export interface Head {
  readonly release: string;
  /** Counts the moves of the head; a move names the version that it saw. */
  readonly version: number;
  /** The newest commit that this environment is known to be at; also moves when a commit changes no service. */
  readonly commit: string;
}

/** Who deploys to an environment right now. */
export interface Lock {
  /** Random; proves that it is ours. */
  readonly token: string;
  readonly holder: string;
  readonly reason: string;
  /** ISO time. */
  readonly since: string;
  /** Milliseconds since the epoch; the holder renews it while it lives. */
  readonly expires: number;
}

/** Automatic deployments are paused. */
export interface Freeze {
  readonly by: string;
  readonly reason: string;
  /** ISO time. */
  readonly since: string;
}

export interface Control {
  readonly head?: Head;
  readonly lock?: Lock;
  readonly freeze?: Freeze;
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
  /** Moves the head unless it is no longer at version `from` (0: there is no head). Resolves to whether it moved. */
  moveHead(environment: string, move: { from: number; release: string; commit: string }): Promise<boolean>;
  /** Forgets the head of an environment that was destroyed; its releases stay on record. */
  dropHead(environment: string): Promise<void>;
  /** Takes the lock when it is free or expired at `now`. */
  acquireLock(environment: string, lock: Lock, now: number): Promise<LockAttempt>;
  /** Resolves to false when the lock is no longer ours. */
  renewLock(environment: string, token: string, expires: number): Promise<boolean>;
  releaseLock(environment: string, token: string): Promise<void>;
  freeze(environment: string, freeze: Freeze): Promise<void>;
  /** Ends the freeze; resolves to what it was. */
  resume(environment: string): Promise<Freeze | undefined>;
}
