/** A prediction as it is remembered: what was asked, what the model saw, what it answered, and which model that was. */
import type { Tensors } from '../model/session.ts';

interface About {
  /** Empty: nobody's. */
  readonly tenant: string;
  readonly model: string;
  readonly version: string;
  /** Which side of an experiment; empty when there is none. */
  readonly variant: string;
  readonly rows: number;
  readonly milliseconds: number;
}

/** One that was answered at once. */
export interface AnsweredPrediction extends About {
  /** As it was sent. */
  readonly request: Uint8Array;
  readonly contentType: string;
  /** What the model was given and gave. */
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/** One whose request and result are files. */
export interface FilePrediction extends About {
  /** Addresses (`s3://...`) of both. */
  readonly input: string;
  readonly result: string;
}

export type Prediction = AnsweredPrediction | FilePrediction;

/** About how much memory a waiting prediction holds. */
export function sizeOf(prediction: Prediction): number {
  if ('input' in prediction) return FIXED_BYTES;
  const tensors = [...Object.values(prediction.inputs), ...Object.values(prediction.outputs)];
  return tensors.reduce(
    (total, { data }) => total + data.length * VALUE_BYTES,
    FIXED_BYTES + prediction.request.length,
  );
}

const FIXED_BYTES = 500;
const VALUE_BYTES = 8;
