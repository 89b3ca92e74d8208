/** One message of the queue from start to end. Every step may be the last one before a kill; whoever gets the message next goes on from there. */
import type { Message, Queue } from '../../kit/aws/queue.ts';
import type { Publish } from '../../kit/aws/topic.ts';
import type { Log } from '../../kit/log.ts';
import type { PredictionLog } from '../../kit/prediction-log/log.ts';
import {
  type Ending,
  type PredictionRequest,
  type PredictionRequests,
  type Reference,
  tenantOf,
} from '../../kit/predictions/request.ts';
import { isRecord } from '../../kit/result.ts';
import type { ErrorReporter } from '../../kit/sentry.ts';
import type { Computer, ComputerOutcome } from '../../kit/transform/computer.ts';
import { createHeartbeat } from './heartbeat.ts';

export interface Worker {
  readonly queue: Queue;
  readonly requests: PredictionRequests;
  readonly computer: Pick<Computer, 'compute'>;
  readonly publishDone: Publish;
  readonly publishFailed: Publish;
  /** Removes what was saved while the result was made. */
  readonly forget: (output: string) => Promise<void>;
  /** Where results lie, for notifications: `s3://bucket/`. */
  readonly location: string;
  readonly visibilitySeconds: number;
  readonly predictions: Pick<PredictionLog, 'record'>;
  readonly log: Log;
  readonly reporter: ErrorReporter;
  readonly now: () => number;
}

/** Attempts that brought a request no further. */
export const MAXIMUM_ATTEMPTS = 5;
/** As `deadLetterAfter` in service.json: the queue itself would put the message aside next time, without a reason. */
const MAXIMUM_RECEIVES = 10;
/** Seconds until a message whose attempt broke is tried again, times the attempts. */
const RETRY_SECONDS = 5;

/** @throws when the table or the queue does not answer; the message comes back by itself */
export async function workOn(message: Message, worker: Worker): Promise<void> {
  const { queue, requests, log } = worker;
  const reference = readReference(message.body);
  if (!reference) {
    await queue.bury(message.body, 'the message names no request');
    return queue.remove(message);
  }
  const request = await requests.begin(reference);
  if (request) return attempt(message, request, worker);
  const ended = await requests.find(reference);
  if (!ended) {
    await queue.bury(message.body, 'there is no such request');
    return queue.remove(message);
  }
  // Somebody was killed between the end of the request and that of its message. One that still uploads gets a message of its own later.
  if (ended.state !== 'uploading') await tell(ended, worker);
  log.info('message of a request that needs no work', { request: ended.id, state: ended.state });
  return queue.remove(message);
}

async function attempt(message: Message, request: PredictionRequest, worker: Worker): Promise<void> {
  if (request.attempts > MAXIMUM_ATTEMPTS || message.received >= MAXIMUM_RECEIVES) {
    const last = request.reason === undefined ? 'the worker ended' : request.reason;
    const reason = `given up after ${message.received - 1} attempts that did not end; the last one: ${last}`;
    return end(message, request, worker, { state: 'failed', reason });
  }
  const { tenant, model, version, input, output, format } = { ...request, tenant: tenantOf(request) };
  const started = worker.now();
  const heartbeat = createHeartbeat(worker.queue, message, worker.visibilitySeconds);
  const job = { tenant, model, input, output, format, ...(version !== undefined && { version }) };
  const onProgress = (): void => void worker.requests.progressed(request).catch(() => undefined);
  const outcome = await worker.computer.compute(job, onProgress).finally(heartbeat.stop);
  if (outcome.kind === 'done') remember(request, worker, { ...outcome, milliseconds: worker.now() - started });
  return settle(message, request, worker, outcome);
}

/** The rows are in the files; the log says where. */
function remember(
  request: PredictionRequest,
  { predictions, location }: Worker,
  { rows, version, milliseconds }: { readonly rows: number; readonly version: string; readonly milliseconds: number },
): void {
  const { model, input, output } = request;
  const files = { input: `${location}${input}`, result: `${location}${output}` };
  predictions.record({ tenant: tenantOf(request), model, version, variant: '', rows, milliseconds, ...files });
}

async function settle(
  message: Message,
  request: PredictionRequest,
  worker: Worker,
  outcome: ComputerOutcome,
): Promise<void> {
  const { queue, requests, log } = worker;
  const { id, tenant, model } = request;
  switch (outcome.kind) {
    case 'done': {
      const { rows, failed, version: answeredBy } = outcome;
      return end(message, request, worker, { state: 'done', rows, failed, answeredBy });
    }
    case 'changed':
      return end(message, request, worker, { state: 'failed', reason: 'the file was changed after it was begun' });
    case 'refused':
      return end(message, request, worker, { state: 'failed', reason: outcome.reason });
    case 'overtaken':
      // The message is somebody else's by now, or will be when its time is over.
      log.warn('somebody else works on this request', { request: id, tenant });
      return;
    case 'stopped':
      await requests.giveBack(request, { forgiven: true });
      await queue.hide(message, 0);
      return;
    case 'broken': {
      const { reason } = outcome;
      log.error('attempt broke', { request: id, tenant, model, attempts: request.attempts, reason });
      worker.reporter.capture(new Error(`asynchronous prediction: ${reason}`), { request: id, tenant, model });
      await requests.giveBack(request, { reason, forgiven: false });
      await queue.hide(message, RETRY_SECONDS * request.attempts);
    }
  }
}

async function end(message: Message, request: PredictionRequest, worker: Worker, ending: Ending): Promise<void> {
  const { queue, requests, log } = worker;
  const ended = (await requests.finish(request, ending, worker.now())) ?? (await requests.find(request));
  if (ended) await tell(ended, worker);
  await queue.remove(message);
  log[ending.state === 'done' ? 'info' : 'warn']('request ended', {
    request: request.id,
    tenant: request.tenant,
    ...ending,
  });
}

/** Whoever is told is told at least once: a kill in between makes it twice. */
async function tell(
  request: PredictionRequest,
  { queue, requests, publishDone, publishFailed, location, forget }: Worker,
): Promise<void> {
  if (request.told) return;
  const { id, tenant, model, state, rows, failed, reason, output } = request;
  const about = { id, tenant, model, state };
  if (state === 'done')
    await publishDone({ ...about, rows, failed, result: `${location}${output}` }, { tenant, model });
  else {
    await queue.bury(JSON.stringify({ tenant, id, model, reason }), reason ?? '');
    await publishFailed({ ...about, reason }, { tenant, model });
  }
  await requests.told(request);
  await forget(output);
}

function readReference(body: string): Reference | undefined {
  try {
    const json: unknown = JSON.parse(body);
    if (!isRecord(json) || typeof json['tenant'] !== 'string' || typeof json['id'] !== 'string') return undefined;
    return { tenant: json['tenant'], id: json['id'] };
  } catch {
    return undefined;
  }
}
