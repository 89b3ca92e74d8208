/**
 * What `model.json` beside a `model.onnx` says: everything a server needs to check a request and everything a page needs
 * to build a form, so that neither knows a model by name.
 */
import type { Datatype } from './datatypes.ts';

/** A column of an input tensor as people see it. */
export type Feature = NumberFeature | ChoiceFeature;

export interface NumberFeature {
  readonly kind: 'number';
  readonly name: string;
  readonly title: string;
  /** Unit as printed after the value; empty when there is none. */
  readonly unit: string;
  /** Range seen in training; predictions outside it are extrapolations. */
  readonly minimum: number;
  readonly maximum: number;
  /** Step of the input field. */
  readonly step: number;
}

export interface ChoiceFeature {
  readonly kind: 'choice';
  readonly name: string;
  readonly title: string;
  readonly choices: readonly { readonly title: string; readonly value: number }[];
}

export interface InputDescription {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 stands for any size; the first dimension is the batch. */
  readonly shape: readonly number[];
  /** One per column; none when nobody described them. */
  readonly features: readonly Feature[];
}

export interface OutputDescription {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Name of each column, for a classifier. */
  readonly labels?: readonly string[];
}

/** How far an answer may be from the one before: `|new - old| <= absolute + relative * |old|`. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** A tensor as the Open Inference Protocol writes it in JSON. */
export interface GoldenTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly data: readonly (number | string)[];
}

/** A request whose answer is known: what a release, a publication and a page are checked with. */
export interface GoldenRequest {
  readonly name: string;
  readonly inputs: readonly GoldenTensor[];
  /** What the model answered when it was made; compared within the tolerance. */
  readonly outputs?: readonly GoldenTensor[];
}

export interface ModelDescription {
  readonly name: string;
  /** A whole number from 1 up, as text. */
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly inputs: readonly InputDescription[];
  readonly outputs: readonly OutputDescription[];
  readonly tolerance: Tolerance;
  readonly golden: readonly GoldenRequest[];
  /** Whose model it is; absent: everybody's. */
  readonly tenant?: string;
  /** Host name of the container that serves it; absent: whoever is asked. */
  readonly targetContainer?: string;
  /** Path below the environment's address that takes its inference requests; absent: `/v2/models/<name>/infer`. */
  readonly path?: string;
  /** Rows to try, in the order of the features. */
  readonly examples: readonly { readonly title: string; readonly values: readonly number[] }[];
  readonly metrics?: ModelMetrics;
  readonly data?: { readonly source: string; readonly licence: string; readonly url: string };
}

export interface ModelMetrics {
  /** What `model` and `baseline` count, lower is better. */
  readonly error: string;
  readonly model: number;
  /** The same error of a predictor that always answers the training mean. */
  readonly baseline: number;
  readonly trainingRows: number;
  readonly heldOutRows: number;
}
