/** From a prediction to an item of the table; what is too large for an item goes beside it. */
import { isText, toBytes } from '../model/datatypes.ts';
import type { Tensors } from '../model/session.ts';
import { NOBODY } from '../predictions/request.ts';
import type { Prediction } from './prediction.ts';

export interface PredictionRecord {
  readonly tenant: string;
  /** UUID version 7, so that ids sort by time. */
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly variant?: string;
  readonly rows: number;
  readonly milliseconds: number;
  readonly at: string;
  /** Whole seconds since 1970. */
  readonly expiresAt: number;
  /** Request, features and result; absent when they are an object of their own. */
  readonly parts?: Parts;
  /** Key of that object. */
  readonly object?: string;
  /** Addresses of the files of an asynchronous prediction. */
  readonly input?: string;
  readonly result?: string;
}

export interface Parts {
  readonly contentType: string;
  /** Text as it is, anything else in base64. */
  readonly request: string;
  readonly features: readonly ShownTensor[];
  readonly result: readonly ShownTensor[];
}

export interface ShownTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Little-endian values in base64; strings as they are. */
  readonly data: string | readonly string[];
}

/** An item costs by the kilobyte; an object costs as much as five of them. */
const LARGEST_PARTS = 8 * 1024;
const KEEP_SECONDS = 30 * 24 * 60 * 60;
const MILLISECONDS = 1000;

export interface Recorded {
  readonly record: PredictionRecord;
  /** To be written before the record is. */
  readonly object?: { readonly key: string; readonly body: string };
}

export function toRecord(
  prediction: Prediction,
  { id, now, prefix }: { readonly id: string; readonly now: number; readonly prefix: string },
): Recorded {
  const { model, version, variant, rows, milliseconds } = prediction;
  const tenant = prediction.tenant || NOBODY;
  const about = {
    tenant,
    id,
    model,
    version,
    ...(variant !== '' && { variant }),
    rows,
    milliseconds: Math.round(milliseconds * MILLISECONDS) / MILLISECONDS,
    at: new Date(now).toISOString(),
    expiresAt: Math.floor(now / MILLISECONDS) + KEEP_SECONDS,
  };
  if ('input' in prediction) return { record: { ...about, input: prediction.input, result: prediction.result } };
  const parts: Parts = {
    contentType: prediction.contentType,
    request: showBody(prediction.request, prediction.contentType),
    features: showTensors(prediction.inputs),
    result: showTensors(prediction.outputs),
  };
  const body = JSON.stringify(parts);
  if (body.length <= LARGEST_PARTS) return { record: { ...about, parts } };
  const key = `${prefix}log/${tenant}/${id}.json`;
  return { record: { ...about, object: key }, object: { key, body } };
}

const showBody = (body: Uint8Array, contentType: string): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(
    /json|text/.test(contentType) ? 'utf8' : 'base64',
  );

const showTensors = (tensors: Tensors): ShownTensor[] =>
  Object.entries(tensors).map(([name, { datatype, shape, data }]) => ({
    name,
    datatype,
    shape,
    data: isText(data) ? data : toBytes(data).toString('base64'),
  }));
