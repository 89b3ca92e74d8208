import type { Template } from '../release/template.ts';

/** What a service is brought to. */
export interface Target {
  readonly digest: string;
  /** Becomes `SLIPWAY_RELEASE` of a new revision. */
  readonly commit: string;
  /** A revision that exists already; absent: one is made from the template and the digest. */
  readonly revision?: string;
}

/** Why a service did not come to serve its target, in words and evidence. */
export interface RolloutFailure {
  readonly message: string;
  readonly stoppedReason?: string;
  /** Health of the targets as the load balancer sees it. */
  readonly health?: readonly string[];
  /** The last log lines of the revision that failed, oldest first. */
  readonly logs?: readonly string[];
}

export type MoveResult =
  | { readonly ok: true; readonly revision: string }
  | { readonly ok: false; readonly failure: RolloutFailure };

/**
 * How one service moves from one revision to another; one implementation per kind. Expected failures are values, a call that AWS
 * refuses throws.
 */
export interface Mover {
  /** The revision that serves now; undefined when nothing does or the service does not exist. */
  serving(): Promise<string | undefined>;
  /** Whether the service can be brought to `target`; resolves to why not, in words. */
  prove(target: Target): Promise<string | undefined>;
  /** Makes the revision without sending it any work, where the kind allows that. */
  prepare(target: Target): Promise<Target>;
  /** Sends the work to `target` and resolves once it is the one that does it, or cannot. Stops watching when aborted. */
  move(target: Target, signal: AbortSignal): Promise<MoveResult>;
  /** There is no release to go back to: takes the service out of work as far as its kind allows. */
  withdraw(): Promise<void>;
}

export type MoverFor = (template: Template) => Mover;

export const failed = (failure: RolloutFailure): MoveResult => ({ ok: false, failure });
export const moved = (revision: string): MoveResult => ({ ok: true, revision });
