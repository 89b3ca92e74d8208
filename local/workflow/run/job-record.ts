import { renderText } from '../expression/template.ts';
import type { GraphCall } from './graph.ts';
import type { Conclusion, JobRecord, RunRequest } from './types.ts';

/** Opens the record of a job that waits for its turn. A name that cannot be evaluated (a skipped matrix) stays as it is. */
export function openJobRecord(
  call: GraphCall,
  id: string,
  {
    suffix,
    name,
    contexts,
  }: { readonly suffix: string; readonly name: unknown; readonly contexts: Readonly<Record<string, unknown>> },
): JobRecord {
  const record: JobRecord = {
    id: call.nextJobId(),
    key: `${call.prefix}${id}${suffix}`,
    name: call.prefix + (renderText(name, { contexts }) || `${id}${suffix}`),
    status: 'queued',
    steps: [],
    summary: '',
    annotations: [],
    outputs: {},
  };
  call.run.observe({ type: 'job', job: record });
  return record;
}

export function startJob(run: RunRequest, record: JobRecord): void {
  record.status = 'in_progress';
  record.startedAt = new Date().toISOString();
  run.observe({ type: 'job', job: record });
}

export function concludeJob(
  run: RunRequest,
  record: JobRecord,
  { conclusion, reason }: { readonly conclusion: Conclusion; readonly reason?: string },
): void {
  const now = new Date();
  record.status = 'completed';
  record.conclusion = conclusion;
  record.completedAt = now.toISOString();
  record.startedAt ??= record.completedAt;
  record.seconds = (now.getTime() - Date.parse(record.startedAt)) / 1000;
  if (reason !== undefined) {
    record.reason = reason;
    record.annotations.push({ level: conclusion === 'failure' ? 'error' : 'notice', message: reason });
  }
  run.observe({ type: 'job', job: record });
}
