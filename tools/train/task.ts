import type { Feature, OutputDescription, Tolerance } from '../../services/kit/model/description.ts';
import type { TrainingOptions } from './adam.ts';
import type { Head } from './network.ts';

/** One row of real data: a value per feature (the number of the choice for a choice) and what came out. */
export interface Row {
  readonly values: readonly number[];
  readonly target: readonly number[];
}

/** Everything that distinguishes one model from another. */
export interface Task {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly features: readonly Feature[];
  readonly output: Omit<OutputDescription, 'datatype' | 'shape'>;
  readonly tolerance: Tolerance;
  /** Where its service takes inference requests, when that is not the protocol's own path. */
  readonly path?: string;
  readonly examples: readonly { readonly title: string; readonly values: readonly number[] }[];
  readonly data: { readonly source: string; readonly licence: string; readonly url: string };
  readonly rows: () => Row[];
  readonly head: Head;
  readonly hidden: readonly number[];
  readonly training: Omit<TrainingOptions, 'random'>;
}
