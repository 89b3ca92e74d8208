/**
 * The log of predictions. It never slows or fails one: what happens while a request is answered is a push to a list that is bounded in number, in bytes and by the
 * second. What does not fit is dropped and counted, and the count is a metric.
 */
import type { Log } from '../log.ts';
import { uuidv7 } from '../uuid.ts';
import { type Prediction, sizeOf } from './prediction.ts';
import { type Recorded, toRecord } from './record.ts';

/** The seam to where records are kept. */
export interface RecordStore {
  /** @returns how many could not be written. @throws when none could */
  write(records: readonly Recorded[]): Promise<number>;
}

export interface PredictionLogOptions {
  readonly store: RecordStore;
  /** Share of predictions that are remembered, from 0 to 1. */
  readonly sampling: number;
  /** What keys of objects start with; empty outside previews. */
  readonly prefix: string;
  readonly log: Log;
  readonly maximumWaiting?: number;
  readonly maximumBytes?: number;
  readonly maximumPerSecond?: number;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface PredictionLogCounts {
  readonly written: number;
  /** Not remembered although they were chosen: too many at once, or nobody to write them to. */
  readonly dropped: number;
  readonly waiting: number;
}

export interface PredictionLog {
  /** @returns the prediction's id; undefined when it is not remembered */
  record(prediction: Prediction): string | undefined;
  readonly counts: PredictionLogCounts;
  /** Writes what waits. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const FLUSH_MILLISECONDS = 1_000;
const REPORT_MILLISECONDS = 60_000;
/** What DynamoDB takes at once. */
const BATCH = 25;
const ATTEMPTS = 3;
const SECOND = 1000;

interface Waiting {
  readonly id: string;
  readonly at: number;
  readonly bytes: number;
  readonly prediction: Prediction;
}

/** For a service without a table to write to. */
export const noPredictionLog: PredictionLog = {
  record: () => undefined,
  counts: { written: 0, dropped: 0, waiting: 0 },
  flush: async () => undefined,
  stop: async () => undefined,
};

export function createPredictionLog(options: PredictionLogOptions): PredictionLog {
  const { store, sampling, prefix, log, now = Date.now, random = Math.random } = options;
  const { maximumWaiting = 1_000, maximumBytes = 8 * 2 ** 20, maximumPerSecond = 200 } = options;
  let waiting: Waiting[] = [];
  let bytes = 0;
  let second = 0;
  let inSecond = 0;
  const counts = { written: 0, dropped: 0 };
  let reported = { written: 0, dropped: 0, at: now() };
  let writing: Promise<void> | undefined;

  const record = (prediction: Prediction): string | undefined => {
    if (sampling < 1 && random() >= sampling) return undefined;
    const at = now();
    const current = Math.floor(at / SECOND);
    if (current !== second) {
      second = current;
      inSecond = 0;
    }
    const size = sizeOf(prediction);
    inSecond += 1;
    if (inSecond > maximumPerSecond || waiting.length >= maximumWaiting || bytes + size > maximumBytes) {
      counts.dropped += 1;
      return undefined;
    }
    const id = uuidv7(at);
    waiting.push({ id, at, bytes: size, prediction });
    bytes += size;
    return id;
  };

  const writeBatch = async (batch: readonly Waiting[]): Promise<void> => {
    const records = batch.map(({ id, at, prediction }) => toRecord(prediction, { id, now: at, prefix }));
    for (let attempt = 1; ; attempt++) {
      try {
        const lost = await store.write(records);
        counts.written += records.length - lost;
        counts.dropped += lost;
        return;
      } catch (error) {
        if (attempt < ATTEMPTS) continue;
        counts.dropped += records.length;
        log.warn('predictions cannot be remembered now', {
          error: error instanceof Error ? error.message : String(error),
        });
        return;
      }
    }
  };
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      // They count as waiting until they are written, so that memory stays bounded while the table does not answer.
      await writeBatch(batch);
      waiting = waiting.slice(batch.length);
      for (const one of batch) bytes -= one.bytes;
    }
    report();
  };
  const report = (): void => {
    const { written, dropped } = counts;
    if (now() - reported.at < REPORT_MILLISECONDS || written + dropped === reported.written + reported.dropped) return;
    log.info('prediction log', {
      ...embeddedMetrics(now()),
      PredictionsWritten: written - reported.written,
      PredictionsDropped: dropped - reported.dropped,
    });
    reported = { written, dropped, at: now() };
  };
  const flush = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  };
  const timer = setInterval(() => void flush(), FLUSH_MILLISECONDS).unref();

  return {
    record,
    get counts() {
      return { ...counts, waiting: waiting.length };
    },
    flush,
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const embeddedMetrics = (now: number): Readonly<Record<string, unknown>> => ({
  _aws: {
    Timestamp: now,
    CloudWatchMetrics: [
      {
        Namespace: 'Slipway/Predictions',
        Dimensions: [['service', 'environment']],
        Metrics: ['PredictionsWritten', 'PredictionsDropped'].map((Name) => ({ Name, Unit: 'Count' })),
      },
    ],
  },
});
