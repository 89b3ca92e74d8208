import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JobState } from './job-state.ts';
import type { Annotation, Conclusion, StepRecord } from './types.ts';

/** One step while it runs. The steps of a composite action share the record and the log of the step that called it. */
export interface StepRun {
  readonly record: StepRecord;
  readonly outputs: Record<string, string>;
  /** Aborted when this step must stop: its own timeout, or a cancelled job whose step does not run regardless. */
  readonly stop: AbortController;
  log(line: string): void;
  annotate(annotation: Omit<Annotation, 'step'>): void;
}

/** A step that whoever opened it must close. */
export interface OpenStep extends StepRun {
  close(conclusion: Conclusion): void;
}

/** Opens the record and the log of a step of the job. */
export function openStep(job: JobState, name: string): OpenStep {
  const { record: jobRecord, run, masker, folders } = job;
  const started = Date.now();
  const number = jobRecord.steps.length + 1;
  const file = join(folders.logs, `${number}.log`);
  const handle = openSync(file, 'a');
  const record: StepRecord = {
    number,
    name: masker.mask(name),
    status: 'in_progress',
    startedAt: new Date(started).toISOString(),
    log: file,
  };
  jobRecord.steps.push(record);
  run.observe({ type: 'step', job: jobRecord, step: record });

  function log(text: string): void {
    const line = masker.mask(text);
    writeSync(handle, `${line}\n`);
    run.observe({ type: 'line', job: jobRecord, step: record, line });
  }

  return {
    record,
    outputs: {},
    stop: new AbortController(),
    log,
    annotate(annotation) {
      log(`##[${annotation.level}]${annotation.message}`);
      jobRecord.annotations.push({ ...annotation, message: masker.mask(annotation.message), step: record.name });
    },
    close(conclusion) {
      closeSync(handle);
      const now = Date.now();
      Object.assign(record, {
        status: 'completed',
        conclusion,
        completedAt: new Date(now).toISOString(),
        seconds: (now - started) / 1000,
      } satisfies Partial<StepRecord>);
      run.observe({ type: 'step', job: jobRecord, step: record });
    },
  };
}

/** A step of a composite action: outputs of its own, everything else of the calling step. */
export function nestStep(parent: StepRun, name: string): OpenStep {
  const stop = new AbortController();
  const stopWithParent = () => stop.abort(parent.stop.signal.reason);
  if (parent.stop.signal.aborted) stopWithParent();
  else parent.stop.signal.addEventListener('abort', stopWithParent, { once: true });
  parent.log(`##[group]${name}`);
  return {
    record: parent.record,
    outputs: {},
    stop,
    log: parent.log,
    annotate: parent.annotate,
    close() {
      parent.stop.signal.removeEventListener('abort', stopWithParent);
      parent.log('##[endgroup]');
    },
  };
}

/** Records a step that did not run. */
export function recordSkippedStep(job: JobState, name: string): void {
  const now = new Date().toISOString();
  const record: StepRecord = {
    number: job.record.steps.length + 1,
    name: job.masker.mask(name),
    status: 'completed',
    conclusion: 'skipped',
    startedAt: now,
    completedAt: now,
    seconds: 0,
  };
  job.record.steps.push(record);
  job.run.observe({ type: 'step', job: job.record, step: record });
}
