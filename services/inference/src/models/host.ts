/** Where a model computes. All hosts look the same to whoever asks. */
import type { ModelDescription } from '../../../kit/model/description.ts';
import type { Graph } from '../../../kit/model/onnx-read.ts';
import type { Result } from '../../../kit/result.ts';
import type { Lane } from '../batching/executor.ts';

export const HOSTS = ['inline', 'family', 'runner'] as const;
export type HostKind = (typeof HOSTS)[number];

/** A model on this machine. */
export interface LocalModel {
  /** `acme/churn@3` */
  readonly key: string;
  readonly description: ModelDescription;
  /** A file that begins with the ONNX file, and how long that is. */
  readonly path: string;
  readonly bytes: number;
}

/** One that may compute in this process. */
export interface ReadModel extends LocalModel {
  readonly onnx: Uint8Array;
  readonly graph: Graph;
}

/** Everybody's models that load in the server itself; with more than this it would be noticed. */
const SHARED_BYTES = 2 * 1024 * 1024;
/** A run copies the weights of each row's tenant. */
const TENANT_BYTES = 300_000;

/** Whether a model is small enough to compute in this process. Of others not even the file is read here: their own process does. */
export const isSmall = ({ tenant }: ModelDescription, bytes: number): boolean =>
  bytes <= (tenant === undefined ? SHARED_BYTES : TENANT_BYTES);

/** A model that can answer: loaded, and warmed by a first answer. */
export interface Hosted {
  readonly kind: HostKind;
  readonly lane: Lane;
  /** Which member of its family; 0 for one that is alone. */
  readonly slot: number;
  /** Memory that it holds, about. */
  readonly bytes: number;
  /** Milliseconds that its first answer took, a part of loading it; 0 where others were answered before by the same graph. */
  readonly firstRun: number;
  /** Nothing of it may wait or run any more. */
  release(): Promise<void>;
}

export interface Host<Model extends LocalModel = LocalModel> {
  /** @returns an error when the model is at fault */
  load(model: Model): Promise<Result<Hosted>>;
}
