import type { Template } from '../release/template.ts';

/** What a service is brought to. */
export interface Target {
  readonly digest: string;
  /** Becomes `SLIPWAY_RELEASE` of a new revision. */
  readonly commit: string;
  /** A revision that exists already; absent: one is made from the template and the digest. */
  readonly revision?: string;
  /** `prepare` made the revision just now: nothing has ever served it, so it is tried out as the manifest says. */
  readonly isNew?: true;
}

/** Why a service did not come to serve its target, in words and evidence. */
export interface RolloutFailure {
  readonly message: string;
  readonly stoppedReason?: string;
  /** Health of the targets as the load balancer sees it. */
  readonly health?: readonly string[];
  /** What the health check itself was answered, asked by us: `GET http://10.0.1.7:8080/health -> 500: no model`. */
  readonly healthAnswer?: string;
  /** The last log lines of the revision that failed, oldest first, without what looks like a secret. */
  readonly logs?: readonly string[];
}

/** Why, as far as it can be found out. */
export type Evidence = Omit<RolloutFailure, 'message'>;

/** Tells people how a move goes: `1 of 2 tasks run`. */
export type Say = (detail: string) => void;

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
  /** Sends the work to `target` and resolves once it is the one that does it, or cannot. Stops watching when aborted. Safely repeatable. */
  move(target: Target, signal: AbortSignal, say?: Say): Promise<MoveResult>;
  /** What its logs and its health say about a revision that serves but does not answer as expected. */
  explain(revision: string): Promise<Evidence>;
  /** Removes revisions that nothing needs any more, where keeping them costs something. `needed`: those of the releases on record. */
  tidy?(needed: ReadonlySet<string>): Promise<void>;
  /** There is no release to go back to: takes the service out of work as far as its kind allows. */
  withdraw(): Promise<void>;
}

export type MoverFor = (template: Template) => Mover;

export const failed = (failure: RolloutFailure): MoveResult => ({ ok: false, failure });
export const moved = (revision: string): MoveResult => ({ ok: true, revision });
