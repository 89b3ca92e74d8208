/** Where a model computes. All hosts look the same to whoever asks. */
import type { ModelDescription } from '../../../kit/model/description.ts';
import type { Graph } from '../../../kit/model/onnx-read.ts';
import type { Result } from '../../../kit/result.ts';
import type { Lane } from '../batching/executor.ts';

export const HOSTS = ['inline', 'family', 'runner'] as const;
export type HostKind = (typeof HOSTS)[number];

/** A model's files on this machine. */
export interface LocalModel {
  /** `acme/churn@3` */
  readonly key: string;
  readonly description: ModelDescription;
  readonly path: string;
  readonly onnx: Uint8Array;
  readonly graph: Graph;
}

/** A model that can answer: loaded, and warmed by a first answer. */
export interface Hosted {
  readonly kind: HostKind;
  readonly lane: Lane;
  /** Which member of its family; 0 for one that is alone. */
  readonly slot: number;
  /** Memory that it holds, about. */
  readonly bytes: number;
  /** Nothing of it may wait or run any more. */
  release(): Promise<void>;
}

export interface Host {
  /** @returns an error when the model is at fault */
  load(model: LocalModel): Promise<Result<Hosted>>;
}
