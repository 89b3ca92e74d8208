/** A tensor as the Open Inference Protocol v2 writes it in JSON; data in row-major order. */
export interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

/** How far an answer may be from the one before: `|new - old| <= absolute + relative * |old|`. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** A request that every release of a model has to answer alike. */
export interface GoldenRequest {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** In the checkout: what the model answered when it was made. In the ledger: what this release answered. */
  readonly outputs?: readonly Tensor[];
}

/** One model of a service, as a release needs to know it. */
export interface GoldenModel {
  readonly name: string;
  /** Below the environment's address. */
  readonly path: string;
  readonly tolerance: Tolerance;
  readonly golden: readonly GoldenRequest[];
}

/** Service -> its models that have golden requests. */
export type GoldenModels = Readonly<Record<string, readonly GoldenModel[]>>;

/** What a difference leads to: the release is put back; it is put back until someone accepts it; it is only told. */
export const PREDICTION_POLICIES = ['stop', 'ask', 'report'] as const;
export type PredictionPolicy = (typeof PREDICTION_POLICIES)[number];

/** What was said to one golden request. */
export type PredictionAnswer =
  | { readonly kind: 'answer'; readonly outputs: readonly Tensor[] }
  /** Any status but 200, or a body that is no answer. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'silent'; readonly reason: string };

/** One output of one golden request that changed, by its worst element. */
export interface PredictionDifference {
  readonly service: string;
  readonly model: string;
  /** Name of the golden request. */
  readonly golden: string;
  /** `miles_per_gallon`, or `probabilities[2]`; empty where there is no answer. */
  readonly output: string;
  readonly old: string;
  readonly new: string;
  /** Absent where the two cannot be subtracted. */
  readonly difference?: number;
  readonly allowed?: number;
  /** More than the model allows. */
  readonly beyond: boolean;
}

export interface PredictionReport {
  /** Golden requests that were asked. */
  readonly requests: number;
  /** Worst first. */
  readonly differences: readonly PredictionDifference[];
  /** What else is worth saying: new models, models that are gone, answers that vary by themselves. */
  readonly notes: readonly string[];
}

export const beyondTolerance = ({ differences }: PredictionReport): readonly PredictionDifference[] =>
  differences.filter(({ beyond }) => beyond);
