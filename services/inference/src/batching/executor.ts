/**
 * Micro-batching: requests for a model that arrive while another run is under way, or in the same turn of the event loop, are answered
 * by one run. A lone request waits for nothing; under load the fixed cost of a run is shared. One executor is one place that computes:
 * its lanes, one per model, have their turns one after the other; the models of a tenant share that tenant's turn.
 */
import type { Tensors } from '../../../kit/model/session.ts';
import { createFairQueue, type FairQueue } from './fair-queue.ts';
import { createTurns } from './turns.ts';
import { type BatchResult, ModelUnavailable, type Outcome, type Refusal, type Waiting } from './waiting.ts';

export interface ExecutorLimits {
  /** Rows per run, more for a model that is very fast. A request with more rows runs alone. */
  readonly maximumBatch: number;
  /** Rows that may wait for one model; beyond that it is better to say so than to answer too late. */
  readonly maximumWaiting: number;
  /** Rows of one tenant that may wait, for all models together. */
  readonly maximumTenantWaiting: number;
}

export interface Submission {
  readonly tenant: string;
  readonly inputs: Tensors;
  readonly rows: number;
  /** Sizes besides the rows, when they may differ; else empty. */
  readonly shape: string;
  readonly slot: number;
  /** Milliseconds on the clock of `performance.now`. */
  readonly deadline: number;
}

export interface Lane {
  submit(submission: Submission): Promise<Outcome> | Refusal;
  readonly waitingRows: number;
}

export interface Executor {
  /**
   * @param run answers requests together; throws ModelUnavailable when the model is at fault
   * @param owner whose turn the lane has; absent: its own
   */
  lane(run: RunBatch, owner?: string): Lane;
  readonly waitingRows: number;
}

type RunBatch = (batch: readonly Waiting[]) => Promise<BatchResult> | BatchResult;

interface OpenLane {
  readonly owner: string;
  readonly queue: FairQueue;
  readonly run: RunBatch;
  /** Milliseconds per row, averaged over the last runs: how long whoever comes now will wait. */
  pace: number;
}

const MILLISECONDS = 1000;
/** How many times the usual rows a batch of a fast model may have, and how long such a run should take at most. */
const LARGER = 8;
const SHORT_MILLISECONDS = 0.5;
/** Weight of the newest run in the average. */
const NEWEST = 0.1;

export function createExecutor(limits: ExecutorLimits): Executor {
  const waitingLanes = createTurns<OpenLane>();
  const rowsOfTenants = new Map<string, number>();
  let waitingRows = 0;
  let lanes = 0;
  let active = false;

  const start = () => {
    if (active) return;
    active = true;
    setImmediate(() => void work());
  };

  const work = async (): Promise<void> => {
    for (let lane = waitingLanes.next(); lane; lane = waitingLanes.next()) {
      const batch = lane.queue.take(batchRows(lane.pace, limits.maximumBatch));
      if (lane.queue.rows > 0) waitingLanes.add(lane.owner, lane);
      leave(batch);
      await runBatch(lane, batch);
    }
    active = false;
  };

  const leave = (batch: readonly Waiting[]) => {
    for (const { rows, tenant } of batch) {
      waitingRows -= rows;
      if (tenant === '') continue;
      const left = (rowsOfTenants.get(tenant) ?? 0) - rows;
      if (left > 0) rowsOfTenants.set(tenant, left);
      else rowsOfTenants.delete(tenant);
    }
  };

  const submit = (lane: OpenLane, submission: Submission): Promise<Outcome> | Refusal => {
    const { queue, pace } = lane;
    const { rows, tenant, deadline } = submission;
    const arrived = performance.now();
    const expectedWait = queue.rows * pace;
    if (queue.rows > 0 && (queue.rows + rows > limits.maximumWaiting || arrived + expectedWait > deadline))
      return { kind: 'busy', retrySeconds: seconds(expectedWait) };
    if (tenant !== '') {
      const own = rowsOfTenants.get(tenant) ?? 0;
      if (own > 0 && own + rows > limits.maximumTenantWaiting)
        return { kind: 'too-many', retrySeconds: seconds(own * pace) };
      rowsOfTenants.set(tenant, own + rows);
    }
    if (queue.rows === 0) waitingLanes.add(lane.owner, lane);
    waitingRows += rows;
    return new Promise((settle) => {
      queue.add({ ...submission, arrived, settle });
      start();
    });
  };

  return {
    get waitingRows() {
      return waitingRows;
    },
    lane(run, owner = `lane ${lanes++}`) {
      const lane: OpenLane = { owner, queue: createFairQueue(), run, pace: 0 };
      return {
        submit: (submission) => submit(lane, submission),
        get waitingRows() {
          return lane.queue.rows;
        },
      };
    },
  };
}

/** A model that computes a row in next to no time takes more of them at once, as long as nobody waits noticeably for the run. */
function batchRows(pace: number, maximum: number): number {
  if (pace === 0) return maximum;
  return Math.max(maximum, Math.min(LARGER * maximum, Math.floor(SHORT_MILLISECONDS / pace)));
}

const seconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / MILLISECONDS));

async function runBatch(lane: OpenLane, taken: readonly Waiting[]): Promise<void> {
  const started = performance.now();
  const batch = dropExpired(taken, started);
  if (batch.length === 0) return;
  try {
    const running = lane.run(batch);
    const { outputs, packedAt } = running instanceof Promise ? await running : running;
    const ended = performance.now();
    const shared = { batch: packedAt - started, compute: ended - packedAt, text: undefined };
    let rows = 0;
    for (let index = 0; index < batch.length; index++) {
      const waiting = batch[index] as Waiting;
      rows += waiting.rows;
      const timing = { queue: started - waiting.arrived, shared };
      waiting.settle({ kind: 'answered', outputs: outputs[index] as Tensors, timing });
    }
    lane.pace += ((ended - started) / rows - lane.pace) * NEWEST;
  } catch (error) {
    await settleFailed(lane, batch, error);
  }
}

function dropExpired(batch: readonly Waiting[], now: number): readonly Waiting[] {
  if (batch.every(({ deadline }) => deadline >= now)) return batch;
  for (const { deadline, settle } of batch) if (deadline < now) settle({ kind: 'expired' });
  return batch.filter(({ deadline }) => deadline >= now);
}

/** One request that a model refuses must not take the others of its batch along: each gets a run of its own. */
async function settleFailed(lane: OpenLane, batch: readonly Waiting[], error: unknown): Promise<void> {
  if (error instanceof ModelUnavailable) {
    for (const { settle } of batch) settle({ kind: 'unavailable', reason: error.message });
  } else if (batch.length === 1) {
    batch[0]?.settle({ kind: 'failed', error });
  } else {
    for (const waiting of batch) await runBatch(lane, [waiting]);
  }
}
