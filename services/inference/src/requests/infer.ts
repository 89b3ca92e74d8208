/** Answers one inference request, whatever form it came in. */
import { type Answer, refuse } from '../../../kit/http/answer.ts';
import type { RoutedRequest } from '../../../kit/http/request.ts';
import type { InferenceRequest } from '../../../kit/model/inference-request.ts';
import type { Tensors } from '../../../kit/model/session.ts';
import type { Outcome, Timing } from '../batching/waiting.ts';
import type { Metrics } from '../metrics.ts';
import type { Resident } from '../models/memory.ts';
import type { Lookup, Serving } from '../models/registry.ts';
import type { ReadRequest } from './body.ts';
import { chooseTarget, deadlineOf, TENANT_HEADER, type Tenancy } from './caller.ts';

export interface Asked {
  readonly name: string;
  /** Absent: the one that serves. */
  readonly version?: string;
  readonly request: RoutedRequest;
  readonly read: (serving: Serving) => ReadRequest;
  /** Absent: as the Open Inference Protocol wants it. */
  readonly write?: (serving: Serving, request: InferenceRequest, outputs: Tensors) => ReturnType<Serving['write']>;
}

export type Infer = (asked: Asked) => Promise<Answer>;

export interface InferOptions {
  readonly lookUp: LookUp;
  readonly done: (resident: Resident<Serving>) => void;
  /** What a model was loaded into is gone. */
  readonly unload: (key: string) => void;
  readonly metrics: Metrics;
  readonly tenancy: Tenancy;
}

export type LookUp = (name: string, tenant: string, version?: string) => Promise<Lookup> | Lookup;

export function createInfer({ lookUp, done, unload, metrics, tenancy }: InferOptions): Infer {
  return async (asked) => {
    const { headers } = asked.request;
    const target = chooseTarget(asked.name, headers[TENANT_HEADER], tenancy);
    if (!target.ok) return refuse(target.status, target.error);
    const deadline = deadlineOf(headers);
    if (deadline === undefined) return refuse(400, 'x-request-timeout-ms has to be a number of milliseconds above 0');
    const lookup = await lookUp(target.name, target.tenant, asked.version);
    if (lookup.kind !== 'found') return refuseLookup(lookup, metrics);
    try {
      return await answer(lookup.resident.value, asked, { tenant: target.tenant, deadline });
    } finally {
      done(lookup.resident);
    }
  };

  async function answer(
    serving: Serving,
    asked: Asked,
    { tenant, deadline }: { readonly tenant: string; readonly deadline: number },
  ): Promise<Answer> {
    const read = asked.read(serving);
    if (!read.ok) return read.answer;
    const { inputs, rows } = read.value;
    const shape = serving.sizesVary ? showSizes(inputs) : '';
    const submitted = serving.lane.submit({ tenant, inputs, rows, shape, slot: serving.slot, deadline });
    if (!(submitted instanceof Promise)) {
      metrics.refused(serving.name, submitted.kind);
      const retry = { 'retry-after': String(submitted.retrySeconds) };
      if (submitted.kind === 'busy') return refuse(503, `${serving.name} is busy; try again`, retry);
      return refuse(429, `${tenant} has too many requests waiting; try again`, retry);
    }
    const outcome = await submitted;
    if (outcome.kind !== 'answered') return refuseOutcome(serving, outcome);
    metrics.answered(serving.name, rows, outcome.timing);
    const written = asked.write
      ? asked.write(serving, read.value, outcome.outputs)
      : serving.write(read.value, outcome.outputs);
    if (!written.ok) return refuse(422, written.error);
    const { headers, body } = written.value;
    return { status: 200, headers: { ...headers, 'server-timing': showTiming(outcome.timing) }, body };
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

const showSizes = (inputs: Tensors): string =>
  Object.entries(inputs)
    .map(([name, { shape }]) => `${name} ${shape.slice(1).join()}`)
    .sort()
    .join(';');

/** https://www.w3.org/TR/server-timing: milliseconds. */
const showTiming = ({ queue, batch, compute }: Timing): string =>
  `queue;dur=${short(queue)}, batch;dur=${short(batch)}, compute;dur=${short(compute)}`;

const short = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

/** ONNX Runtime says in one line what it did not like; where in its own sources is of no use to a caller. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);
