/** A run: one file after the other until none is left or the time is over. Whoever runs next goes on where this one was. */
import type { Files } from '../../kit/aws/files.ts';
import type { Log } from '../../kit/log.ts';
import type { ErrorReporter } from '../../kit/sentry.ts';
import type { Computer } from '../../kit/transform/computer.ts';
import { forgetProgress } from '../../kit/transform/transform.ts';
import { type BatchFile, planFiles, planLeftovers, type Scope, scopePrefix } from './plan.ts';

export interface BatchRun {
  readonly files: Files;
  /** Of all keys; empty outside previews. */
  readonly prefix: string;
  readonly scope: Scope;
  readonly computer: Pick<Computer, 'compute'>;
  /** Aborted by a signal or when the time is over. */
  readonly stopping: AbortSignal;
  readonly log: Log;
  readonly reporter: ErrorReporter;
}

export interface BatchSummary {
  readonly files: number;
  readonly rows: number;
  readonly failedRows: number;
  /** Files without a result, each with its reason beside it. */
  readonly refused: number;
  /** Files that wait for the next run, or that another one works on. */
  readonly left: number;
}

const MAXIMUM_ATTEMPTS = 3;

/** @throws when the bucket does not answer */
export async function runBatch(run: BatchRun): Promise<BatchSummary> {
  const { files, prefix, scope, stopping } = run;
  // Results may lie in another folder than the files.
  const keys = await files.list(scopePrefix(prefix, { ...scope, ...(scope.output !== undefined && { input: '' }) }));
  for (const output of planLeftovers(keys)) await forgetProgress(files, output);
  const begin = scopePrefix(prefix, scope);
  const planned = planFiles(keys, prefix, scope).filter(({ input }) => input.startsWith(begin));
  const summary = { files: 0, rows: 0, failedRows: 0, refused: 0, left: 0 };
  for (const file of planned) {
    const ended = stopping.aborted ? ({ kind: 'left' } as const) : await predictFile(file, run);
    if (ended.kind === 'done') {
      summary.files += 1;
      summary.rows += ended.rows;
      summary.failedRows += ended.failed;
    } else summary[ended.kind] += 1;
  }
  return summary;
}

type Ended =
  | { readonly kind: 'done'; readonly rows: number; readonly failed: number }
  | { readonly kind: 'refused' | 'left' };

async function predictFile(file: BatchFile, run: BatchRun): Promise<Ended> {
  const { files, computer, log, reporter } = run;
  const { input, output, tenant, model, error } = file;
  const tag = (await files.describe(input))?.tag;
  if (tag === undefined || (await failedBefore(files, error, tag))) return { kind: 'left' };
  let reason = 'the file was changed again and again';
  for (let attempt = 1; attempt <= MAXIMUM_ATTEMPTS; attempt++) {
    const outcome = await computer.compute(file);
    if (outcome.kind === 'done') {
      const { rows, failed, version } = outcome;
      await forgetProgress(files, output);
      log.info('file predicted', { tenant, model, version, input, output, rows, failed });
      return { kind: 'done', rows, failed };
    }
    if (outcome.kind === 'changed') {
      // What was made of the file before is of no use; the next attempt begins this one.
      await forgetProgress(files, output);
      continue;
    }
    if (outcome.kind === 'stopped' || outcome.kind === 'overtaken') {
      log.info(outcome.kind === 'stopped' ? 'file left for the next run' : 'another run works on this file', { input });
      return { kind: 'left' };
    }
    reason = outcome.reason;
    if (outcome.kind === 'refused') break;
    log.error('attempt broke', { tenant, model, input, attempt, reason });
    reporter.capture(new Error(`batch: ${reason}`), { tenant, model, input });
  }
  log.warn('file has no result', { tenant, model, input, reason });
  await sayWhy(files, error, { tag, reason });
  await forgetProgress(files, output);
  return { kind: 'refused' };
}

/** The same file would fail again; a new one of that name is a new try. */
async function failedBefore(files: Files, key: string, tag: string): Promise<boolean> {
  const found = await files.readTagged(key);
  return found !== undefined && Buffer.from(found.bytes).includes(JSON.stringify(tag));
}

async function sayWhy(
  files: Files,
  key: string,
  { tag, reason }: { readonly tag: string; readonly reason: string },
): Promise<void> {
  const before = await files.readTagged(key);
  await files.replace(key, Buffer.from(`${JSON.stringify({ reason, file: tag })}\n`), before?.tag);
}
