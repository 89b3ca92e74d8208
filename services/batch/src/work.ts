/** The run of the batch service: take job after job until none is left. */
import type { ObjectStore } from '../../kit/aws/objects.ts';
import type { Log } from '../../kit/log.ts';
import type { ErrorReporter } from '../../kit/sentry.ts';
import type { Claim, Job, Jobs, Outcome } from './jobs.ts';
import { createModels, type Models } from './models.ts';
import { predictRows } from './predict.ts';
import { readRows } from './rows.ts';

export interface WorkRequest {
  readonly owner: string;
  readonly jobs: Jobs;
  readonly results: ObjectStore;
  readonly prefix: string;
  readonly models: ObjectStore;
  readonly log: Log;
  readonly reporter: ErrorReporter;
  readonly stopping: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface WorkSummary {
  readonly done: number;
  readonly failed: number;
}

/** Far longer than a job takes; a job whose owner was killed waits this long for the next run. */
const LEASE_MILLISECONDS = 5 * 60_000;
const MAXIMUM_ATTEMPTS = 3;

/** @throws when a table or bucket cannot be reached; the job in work is given back first */
export async function work(request: WorkRequest): Promise<WorkSummary> {
  const { jobs, owner, stopping, now } = request;
  const models = createModels(request.models);
  const count = { done: 0, failed: 0 };
  for (let ids = await jobs.waiting(now()); ids.length > 0 && !stopping.aborted; ids = await jobs.waiting(now())) {
    let taken = 0;
    for (const id of ids) {
      if (stopping.aborted) break;
      const claim = { id, owner, now: now(), leaseUntil: now() + LEASE_MILLISECONDS };
      const job = await jobs.claim(claim);
      if (!job) continue;
      taken++;
      count[await workOn(job, { ...request, claim, loaded: models })]++;
    }
    // Another run takes them all: what it leaves is the next run's.
    if (taken === 0) break;
  }
  return count;
}

async function workOn(
  job: Job,
  request: WorkRequest & { readonly claim: Claim; readonly loaded: Models },
): Promise<Outcome['status']> {
  const { jobs, claim, log, reporter, now } = request;
  try {
    const outcome = await predictJob(job, request);
    const kept = await jobs.finish({ ...claim, now: now() }, outcome);
    log[outcome.status === 'done' ? 'info' : 'warn']('job finished', {
      job: job.id,
      model: job.model,
      kept,
      ...outcome,
    });
    return outcome.status;
  } catch (error) {
    reporter.capture(error, { job: job.id });
    await jobs
      .giveBack(claim)
      .catch((problem: unknown) => log.error('job not given back', { job: job.id, error: problem }));
    throw error;
  }
}

async function predictJob(
  job: Job,
  { results, prefix, loaded }: WorkRequest & { readonly loaded: Models },
): Promise<Outcome> {
  const failed = (reason: string): Outcome => ({ status: 'failed', reason });
  if (job.attempts > MAXIMUM_ATTEMPTS) return failed(`given up after ${MAXIMUM_ATTEMPTS} attempts that did not end`);
  const model = await loaded.find(job.model, job.version);
  if (!model.ok) return failed(model.error);
  const rows = await readRows(job, { results, prefix });
  if (!rows.ok) return failed(rows.error);
  const lines = await predictRows(model.value, rows.value);
  if (!lines.ok) return failed(lines.error);
  const resultKey = `${prefix}jobs/${job.id}.jsonl`;
  // The object first: a job that says "done" has its results, and a repeated one writes the same bytes again.
  await results.write(resultKey, lines.value, 'application/jsonl');
  return { status: 'done', resultKey, rowCount: rows.value.length };
}
