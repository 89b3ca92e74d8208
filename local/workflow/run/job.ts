import type { JobDefinition } from '../definition/types.ts';
import { renderCondition, renderNumber, renderText } from '../expression/template.ts';
import { deleteJobFolders } from './folders.ts';
import { type Frame, type JobState, scopeOf, statusOf } from './job-state.ts';
import { type JobEnvironment, type JobPlan, jobEnvironment, openFrame, openJob } from './open-job.ts';
import { signalGroup } from './process.ts';
import { openStep, recordSkippedStep } from './step-run.ts';
import { runSteps } from './steps.ts';
import type { Conclusion } from './types.ts';

/** Default of `timeout-minutes`, as on GitHub. */
const LONGEST_JOB = 360;
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs one job in a fresh workspace and returns its conclusion; the record of the plan tells the rest.
 * @throws Error when the job cannot run here at all.
 */
export async function runJob(plan: JobPlan): Promise<Conclusion> {
  refuseUnsupported(plan);
  const { run, record } = plan;
  const environment = jobEnvironment(plan);
  if (!environment) return runInWorkspace(plan, undefined);
  record.environment = { name: environment.name };
  if (!environment.recorded) return runInWorkspace(plan, environment);
  const deployment = run.host.startDeployment(environment.name);
  let conclusion: Conclusion = 'failure';
  try {
    conclusion = await runInWorkspace(plan, environment);
    return conclusion;
  } finally {
    const state = conclusion === 'success' || conclusion === 'failure' ? conclusion : 'inactive';
    run.host.finishDeployment(deployment, state, record.environment.url);
  }
}

/** What this runner cannot do is said by name, before anything runs. */
function refuseUnsupported({ id, definition }: JobPlan): void {
  const system = /windows|macos/i.exec(JSON.stringify(definition['runs-on'] ?? ''))?.[0];
  const faults = [
    definition.container !== undefined && 'container',
    definition.services !== undefined && 'services',
    system && `runs-on: ${system}`,
    definition.steps?.some((step) => step.run === undefined && step.uses === undefined) && 'background steps',
  ].filter(Boolean);
  if (faults.length > 0) {
    throw new Error(`Job '${id}' needs ${faults.join(', ')}, which the local runner does not support`);
  }
}

async function runInWorkspace(plan: JobPlan, environment: JobEnvironment | undefined): Promise<Conclusion> {
  const { record, definition } = plan;
  const timeout = new AbortController();
  const job = openJob({ ...plan, signal: AbortSignal.any([plan.signal, timeout.signal]) }, environment?.name);
  try {
    const frame = openFrame(job, plan);
    const stopTimer = startTimeout(job, frame, { definition, timeout });
    await runSteps(job, frame, definition.steps ?? []);
    await runPosts(job, frame);
    stopTimer();
    finishOutputs(job, frame, definition);
    const url = environment && renderText(environment.url, scopeOf(job, frame));
    if (environment && url) record.environment = { name: environment.name, url };
    return statusOf(job, frame);
  } finally {
    closeJob(job);
  }
}

function startTimeout(
  job: JobState,
  frame: Frame,
  { definition, timeout }: { readonly definition: JobDefinition; readonly timeout: AbortController },
): () => void {
  const minutes = renderNumber(definition['timeout-minutes'], LONGEST_JOB, scopeOf(job, frame));
  const message = `The job has exceeded the maximum execution time of ${minutes} minutes.`;
  const onTimeout = () => {
    job.record.annotations.push({ level: 'error', message });
    timeout.abort();
  };
  const timer = setTimeout(onTimeout, Math.min(minutes * 60_000, LONGEST_TIMER));
  return () => clearTimeout(timer);
}

/** Post parts run in reverse order, whatever happened before. */
async function runPosts(job: JobState, frame: Frame): Promise<void> {
  for (const post of job.posts.reverse()) {
    if (job.run.killSignal.aborted) return;
    if (!renderCondition(post.condition, scopeOf(job, frame))) {
      recordSkippedStep(job, post.name);
      continue;
    }
    const step = openStep(job, post.name);
    const succeeded = await post.run(step);
    step.close(succeeded ? 'success' : 'failure');
    if (!succeeded) frame.failed = true;
  }
}

/** Outputs that hold a secret are dropped, as on GitHub. */
function finishOutputs(job: JobState, frame: Frame, definition: JobDefinition): void {
  const scope = scopeOf(job, frame);
  const outputs: Record<string, string> = {};
  for (const [name, template] of Object.entries(definition.outputs ?? {})) {
    const value = renderText(template, scope);
    if (!job.masker.reveals(value)) outputs[name] = value;
    else {
      const message = `Skip output '${name}' since it may contain secret.`;
      job.record.annotations.push({ level: 'warning', message });
    }
  }
  job.record.outputs = outputs;
}

function closeJob(job: JobState): void {
  for (const pid of job.leftovers) {
    signalGroup(pid, 'SIGKILL');
    job.run.host.processEnded(pid);
  }
  job.access.close();
  deleteJobFolders(job.folders);
}
