import type { Tensors } from '../../../kit/model/session.ts';

/** Milliseconds that a batch took: to be put together, and to be computed. */
export interface BatchTiming {
  readonly batch: number;
  readonly compute: number;
  /** How it is told to callers, once somebody wrote it. */
  text: string | undefined;
}

/** Milliseconds that a request waited, and those of its batch. */
export interface Timing {
  readonly queue: number;
  readonly shared: BatchTiming;
}

export type Outcome =
  | { readonly kind: 'answered'; readonly outputs: Tensors; readonly timing: Timing }
  /** Its deadline passed before its turn came. */
  | { readonly kind: 'expired' }
  /** The model could not answer, and why: it hangs, or it took its process with it. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The model refused these inputs. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** Why a request is not even queued. */
export type Refusal = {
  /** `busy`: the server has too much to do. `too-many`: this tenant has. */
  readonly kind: 'busy' | 'too-many';
  readonly retrySeconds: number;
};

/** What a lane runs: several requests together. */
export interface Work {
  /** Empty for nobody in particular. */
  readonly tenant: string;
  readonly inputs: Tensors;
  readonly rows: number;
  /** Which tenant's weights, for a model that shares its graph with others. */
  readonly slot: number;
}

export interface Waiting extends Work {
  /** Sizes besides the rows: only equal ones fit into one batch. */
  readonly shape: string;
  readonly arrived: number;
  readonly deadline: number;
  readonly settle: (outcome: Outcome) => void;
}

/** What a run gave: the outputs of each request, and when which part of the work began. */
export interface BatchResult {
  readonly outputs: readonly Tensors[];
  /** When the inputs were put together and the computation began. */
  readonly packedAt: number;
}

/** A run may fail for all of its requests; `unavailable` says that it is the model's fault and not theirs. */
export class ModelUnavailable extends Error {
  override readonly name = 'ModelUnavailable';
}
