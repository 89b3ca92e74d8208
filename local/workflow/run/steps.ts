import type { StepDefinition } from '../definition/types.ts';
import { isTruthy, type Scope } from '../expression/evaluate.ts';
import { renderCondition, renderMap, renderNumber, renderText, renderValue } from '../expression/template.ts';
import { type Frame, type JobState, scopeOf } from './job-state.ts';
import { runScript } from './script.ts';
import { nestStep, openStep, recordSkippedStep, type StepRun } from './step-run.ts';
import type { Conclusion } from './types.ts';
import { runAction } from './uses.ts';

export type RunSteps = (job: JobState, frame: Frame, definitions: readonly StepDefinition[]) => Promise<void>;

/** Runs a list of steps one after the other; what happened is in the frame and in the job's record. */
export const runSteps: RunSteps = async (job, frame, definitions) => {
  for (const definition of definitions) {
    if (job.run.killSignal.aborted) return;
    await runStep(job, frame, definition);
  }
};

async function runStep(job: JobState, frame: Frame, definition: StepDefinition): Promise<void> {
  const scope = scopeOf(job, frame);
  const name = stepName(definition, scope);
  const wanted = decide(definition, scope);
  if (wanted === false) {
    if (!frame.action) recordSkippedStep(job, name);
    remember(frame, definition, { outputs: {}, outcome: 'skipped', conclusion: 'skipped' });
    return;
  }
  const step = frame.action ? nestStep(frame.action.step, name) : openStep(job, name);
  const outcome = wanted === true ? await attempt({ job, frame, step, name, definition }) : fail(step, wanted);
  const forgiven = outcome === 'failure' && isTruthy(renderValue(definition['continue-on-error'], scope));
  const conclusion = forgiven ? 'success' : outcome;
  step.close(conclusion);
  remember(frame, definition, { outputs: step.outputs, outcome, conclusion });
  if (conclusion === 'failure') frame.failed = true;
}

/** True, false, or the error that the condition itself made. */
function decide(definition: StepDefinition, scope: Scope): boolean | Error {
  try {
    return renderCondition(definition.if, scope);
  } catch (error) {
    return asError(error);
  }
}

interface Attempt {
  readonly job: JobState;
  readonly frame: Frame;
  readonly step: StepRun;
  readonly name: string;
  readonly definition: StepDefinition;
}

async function attempt(request: Attempt): Promise<Conclusion> {
  const { job, frame, step, name, definition } = request;
  const release = stopWhenCancelled(request);
  try {
    const environment = renderMap(definition.env, scopeOf(job, frame));
    const scope = scopeOf(job, frame, environment);
    const minutes = renderNumber(definition['timeout-minutes'], 0, scope);
    const timer = minutes > 0 ? setTimeout(() => step.stop.abort('timeout'), minutes * 60_000) : undefined;
    const invocation = { job, frame, step, name, definition, scope, environment };
    const succeeded = await (definition.run === undefined ? runAction(invocation, runSteps) : runScript(invocation));
    clearTimeout(timer);
    if (!step.stop.signal.aborted) return succeeded ? 'success' : 'failure';
    if (step.stop.signal.reason !== 'timeout') return 'cancelled';
    return fail(step, new Error(`The action '${name}' has timed out after ${minutes} minutes.`));
  } catch (error) {
    return fail(step, asError(error));
  } finally {
    release();
  }
}

/** A cancelled job stops its running step, unless the step's condition (`always()`) holds even so. */
function stopWhenCancelled({ job, frame, step, definition }: Attempt): () => void {
  const onAbort = () => {
    if (decide(definition, scopeOf(job, frame)) === true) return;
    step.log('##[error]The operation was canceled.');
    step.stop.abort('cancelled');
  };
  job.signal.addEventListener('abort', onAbort, { once: true });
  return () => job.signal.removeEventListener('abort', onAbort);
}

function fail(step: StepRun, error: Error): Conclusion {
  step.annotate({ level: 'error', message: error.message });
  return 'failure';
}

function remember(frame: Frame, { id }: StepDefinition, result: Frame['steps'][string]): void {
  if (id !== undefined) frame.steps[id] = result;
}

/** `name`, else `Run` and the first line, as GitHub names steps. A name that cannot be evaluated is shown as it stands. */
function stepName(definition: StepDefinition, scope: Scope): string {
  const fallback = `Run ${
    definition.uses ??
    String(definition.run ?? '')
      .trim()
      .split('\n')[0]
  }`;
  try {
    return renderText(definition.name, scope) || renderText(fallback, scope);
  } catch {
    return String(definition.name ?? fallback);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
