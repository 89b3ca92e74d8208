/** Answers one inference request, whatever form it came in. */
import { type Answer, refuse } from '../../../kit/http/answer.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { ModelDescription } from '../../../kit/model/description.ts';
import type { InferenceRequest } from '../../../kit/model/inference-request.ts';
import type { Tensors } from '../../../kit/model/session.ts';
import type { PredictionLog } from '../../../kit/prediction-log/log.ts';
import type { AnsweredPrediction } from '../../../kit/prediction-log/prediction.ts';
import type { Outcome, Timing } from '../batching/waiting.ts';
import type { Metrics } from '../metrics.ts';
import type { Lookup } from '../models/lookup.ts';
import type { Resident } from '../models/memory.ts';
import type { Serving } from '../models/registry.ts';
import { LARGEST_ANSWER_BYTES, tooLarge } from './answer-size.ts';
import type { ReadRequest } from './body.ts';
import { chooseTarget, deadlineOf, TENANT_HEADER, type Tenancy } from './caller.ts';

export interface Asked {
  readonly name: string;
  /** Absent: the one that serves. */
  readonly version?: string;
  readonly request: RoutedRequest;
  readonly read: (description: ModelDescription) => ReadRequest;
  /** Absent: as the Open Inference Protocol wants it. */
  readonly write?: (serving: Serving, request: InferenceRequest, outputs: Tensors) => ReturnType<Serving['write']>;
}

/** What is told and remembered about an answer. */
interface Answered {
  readonly request: InferenceRequest;
  readonly outcome: Outcome & { readonly kind: 'answered' };
  /** Whose request it was; empty for nobody's. */
  readonly tenant: string;
}

export type Infer = (asked: Asked) => Promise<Answer>;

export interface InferOptions {
  readonly lookUp: LookUp;
  readonly done: (resident: Resident<Serving>) => void;
  /** What a model was loaded into is gone. */
  readonly unload: (key: string) => void;
  readonly metrics: Metrics;
  readonly tenancy: Tenancy;
  readonly remember?: PredictionLog['record'];
}

export type LookUp = (name: string, tenant: string, version?: string) => Promise<Lookup> | Lookup;

export function createInfer({ lookUp, done, unload, metrics, tenancy, remember }: InferOptions): Infer {
  return async (asked) => {
    const { headers } = asked.request;
    const target = chooseTarget(asked.name, headers[TENANT_HEADER], tenancy);
    if (!target.ok) return refuse(target.status, target.error);
    const deadline = deadlineOf(headers);
    if (deadline === undefined) return refuse(400, 'x-request-timeout-ms has to be a number of milliseconds above 0');
    const found = lookUp(target.name, target.tenant, asked.version);
    const lookup = found instanceof Promise ? await inTime(found, deadline) : found;
    if (!lookup) {
      metrics.refused('none', 'expired');
      return refuse(504, `${target.name} was not loaded before the deadline of this request`);
    }
    if (lookup.kind !== 'found') return refuseLookup(lookup, metrics);
    const { resident } = lookup;
    try {
      const submitted = submit(resident.value, asked, { tenant: target.tenant, deadline });
      if (!('outcome' in submitted)) return submitted;
      const outcome = await submitted.outcome;
      return outcome.kind === 'answered'
        ? write(resident.value, asked, { request: submitted.request, outcome, tenant: target.tenant })
        : refuseOutcome(resident.value, outcome);
    } finally {
      done(resident);
    }
  };

  /** Undefined when the deadline passes first; what is found then is let go. */
  async function inTime(found: Promise<Lookup>, deadline: number): Promise<Lookup | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), deadline - performance.now());
    const first = await Promise.race([found, late]).finally(() => clearTimeout(timer));
    if (!first)
      found.then(
        (lookup) => lookup.kind === 'found' && done(lookup.resident),
        () => undefined,
      );
    return first;
  }

  function submit(
    { name, lane, slot, sizesVary, rowBytes, description }: Serving,
    asked: Asked,
    { tenant, deadline }: { readonly tenant: string; readonly deadline: number },
  ): Answer | { readonly outcome: Promise<Outcome>; readonly request: InferenceRequest } {
    const read = asked.read(description);
    if (!read.ok) return read.answer;
    const request = read.value;
    const { inputs, rows } = request;
    if (rows * rowBytes > LARGEST_ANSWER_BYTES) return refuse(413, `${name}: ${tooLarge(rows * rowBytes)}`);
    const shape = sizesVary ? showSizes(inputs) : '';
    const outcome = lane.submit({ tenant, inputs, rows, shape, slot, deadline });
    if (outcome instanceof Promise) return { outcome, request };
    metrics.refused(name, outcome.kind);
    const retry = { 'retry-after': String(outcome.retrySeconds) };
    if (outcome.kind === 'busy') return refuse(503, `${name} is busy; try again`, retry);
    return refuse(429, `${tenant} has too many requests waiting; try again`, retry);
  }

  function write(serving: Serving, asked: Asked, { request, outcome, tenant }: Answered): Answer {
    metrics.answered(serving.name, request.rows, outcome.timing);
    const written = asked.write
      ? asked.write(serving, request, outcome.outputs)
      : serving.write(request, outcome.outputs);
    if (!written.ok) return refuse(422, written.error);
    const { headers, body } = written.value;
    const timed = { ...headers, 'server-timing': showTiming(outcome.timing) };
    const id = remember?.(describeAnswer(serving, asked.request, { request, outcome, tenant }));
    return { status: 200, headers: id === undefined ? timed : { ...timed, [PREDICTION_HEADER]: id }, body };
  }

  function refuseOutcome({ name, key }: Serving, outcome: Exclude<Outcome, { kind: 'answered' }>): Answer {
    metrics.refused(name, outcome.kind);
    if (outcome.kind === 'expired') return refuse(504, `${name} did not get to this request before its deadline`);
    if (outcome.kind === 'failed') return refuse(422, `${name} cannot compute this: ${messageOf(outcome.error)}`);
    // What it was loaded into may be gone; whoever asks next finds it loaded anew, or set apart.
    unload(key);
    return refuse(503, `${name} is not available: ${outcome.reason}`, { 'retry-after': '1' });
  }
}

export function refuseLookup(lookup: Exclude<Lookup, { kind: 'found' }>, metrics?: Metrics): Answer {
  if (lookup.kind === 'unknown') return refuse(404, lookup.error);
  metrics?.refused('none', lookup.kind);
  const retry = lookup.kind === 'full' ? 1 : lookup.retrySeconds;
  return refuse(503, lookup.error, { 'retry-after': String(retry) });
}

/** Under which id the prediction is remembered: what feedback about it names. */
const PREDICTION_HEADER = 'x-slipway-prediction';
const VARIANT_HEADER = 'x-slipway-variant';

function describeAnswer(
  { name, description }: Serving,
  { headers, body }: RoutedRequest,
  { request, outcome, tenant }: Answered,
): AnsweredPrediction {
  const { queue, shared } = outcome.timing;
  return {
    tenant,
    model: name,
    version: description.version,
    variant: (headers[VARIANT_HEADER] ?? '').slice(0, LONGEST_VARIANT),
    rows: request.rows,
    milliseconds: queue + shared.batch + shared.compute,
    request: body as Uint8Array,
    contentType: headers['content-type'] ?? 'application/json',
    inputs: request.inputs,
    outputs: outcome.outputs,
  };
}

const LONGEST_VARIANT = 64;

const showSizes = (inputs: Tensors): string =>
  Object.entries(inputs)
    .map(([name, { shape }]) => `${name} ${shape.slice(1).join()}`)
    .sort()
    .join(';');

/** https://www.w3.org/TR/server-timing: milliseconds. What a batch shares is written once. */
function showTiming(timing: Timing): string {
  const { shared } = timing;
  shared.text ??= `, batch;dur=${short(shared.batch)}, compute;dur=${short(shared.compute)}`;
  return `queue;dur=${short(timing.queue)}${shared.text}`;
}

const short = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

/** ONNX Runtime says in one line what it did not like; where in its own sources is of no use to a caller. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);
