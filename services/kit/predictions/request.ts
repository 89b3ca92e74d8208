/** An asynchronous prediction: what was asked, and how far it is. The service `requests` writes it, `predictor` works on it. */
import type { Format } from '../transform/format.ts';

/** `uploading`: its file is not there yet. `waiting` and `running` may alternate. `done` and `failed` are final. */
export const STATES = ['uploading', 'waiting', 'running', 'done', 'failed'] as const;
export type State = (typeof STATES)[number];

export interface PredictionRequest {
  /** `-` for whoever belongs to nobody; no tenant can be called that. */
  readonly tenant: string;
  readonly id: string;
  readonly state: State;
  readonly model: string;
  readonly version?: string;
  readonly format: Format;
  /** Keys in the bucket of predictions. */
  readonly input: string;
  readonly output: string;
  /** Of what was asked, so that the same idempotency key with another request is noticed. */
  readonly fingerprint: string;
  /** Times that it was begun since it last came further. */
  readonly attempts: number;
  /** Why the last attempt did not end, or why there is no result. */
  readonly reason?: string;
  readonly rows?: number;
  readonly failed?: number;
  /** Version that answered. */
  readonly answeredBy?: string;
  /** The queue, the topics and the dead letters know how it ended. */
  readonly told?: boolean;
  /** Whole seconds since 1970, for the table's time to live. */
  readonly expiresAt: number;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

/** What a message in the queue says. */
export interface Reference {
  readonly tenant: string;
  readonly id: string;
}

export type Ending =
  | { readonly state: 'done'; readonly rows: number; readonly failed: number; readonly answeredBy: string }
  | { readonly state: 'failed'; readonly reason: string };

/** The seam to where requests are kept. All changes are conditional, so that nothing final is ever changed. */
export interface PredictionRequests {
  find(reference: Reference): Promise<PredictionRequest | undefined>;
  /** @returns what was there already */
  add(request: PredictionRequest): Promise<PredictionRequest | undefined>;
  /** Of one tenant, newest last by id. */
  list(tenant: string, limit: number): Promise<PredictionRequest[]>;
  /** Its file is there. */
  uploaded(reference: Reference): Promise<void>;
  /** Counts an attempt. Undefined when the request is final, unknown, or its file is not there. */
  begin(reference: Reference): Promise<PredictionRequest | undefined>;
  /** The attempt brought the request further: attempts are counted anew. */
  progressed(reference: Reference): Promise<void>;
  /** The attempt ended without a result. @param forgiven it was no fault of the request's */
  giveBack(reference: Reference, why: { readonly reason?: string; readonly forgiven: boolean }): Promise<void>;
  /** @returns the request as it ended; undefined when it was final already */
  finish(reference: Reference, ending: Ending, now: number): Promise<PredictionRequest | undefined>;
  told(reference: Reference): Promise<void>;
}

export const NOBODY = '-';
/** What models and files of a request's tenant are looked up with. */
export const tenantOf = ({ tenant }: Reference): string => (tenant === NOBODY ? '' : tenant);
