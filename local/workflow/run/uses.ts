import type { Action } from '../definition/load.ts';
import type { CompositeRuns, StepDefinition } from '../definition/types.ts';
import type { Scope } from '../expression/evaluate.ts';
import { renderMap, renderText } from '../expression/template.ts';
import { type ActionSource, findAction } from './action-source.ts';
import { runJavaScript } from './javascript.ts';
import { type Frame, type JobState, scopeOf } from './job-state.ts';
import type { StepRun } from './step-run.ts';
import type { RunSteps } from './steps.ts';

/** A step that calls an action. */
export interface Invocation {
  readonly job: JobState;
  readonly frame: Frame;
  readonly step: StepRun;
  readonly name: string;
  readonly definition: StepDefinition;
  readonly scope: Scope;
  /** `env` of the step. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs the action of a step with `uses`. True on success. */
export async function runAction(invocation: Invocation, runSteps: RunSteps): Promise<boolean> {
  const { job, definition } = invocation;
  const source = findAction(definition.uses ?? '', {
    workspace: job.folders.workspace,
    standIns: job.run.machine.standIns,
  });
  const { runs } = source.action.document;
  const inputs = actionInputs(source.action, invocation);
  if (runs.using === 'composite') return runComposite({ ...invocation, source, inputs, runs }, runSteps);
  if (runs.using === 'docker')
    throw new Error(`${definition.uses}: Docker actions are not supported by the local runner`);
  if (!/^node(20|24)$/.test(runs.using))
    throw new Error(`${definition.uses}: runs.using ${runs.using} is not supported`);
  return runJavaScript({ ...invocation, source, inputs, runs });
}

/** Inputs by name: what `with` gives, else the declared default. Warns about inputs that the action does not declare. */
function actionInputs(
  action: Action,
  { step, definition, scope, job, frame, environment }: Invocation,
): Record<string, string> {
  const given = new Map(
    Object.entries(renderMap(definition.with, scope)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const declared = Object.entries(action.document.inputs ?? {});
  const names = new Set(declared.map(([name]) => name.toLowerCase()));
  const unexpected = [...given.keys()].filter((name) => !names.has(name));
  if (unexpected.length > 0) {
    const valid = declared.map(([name]) => `'${name}'`).join(', ');
    step.annotate({
      level: 'warning',
      message: `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are [${valid}]`,
    });
  }
  const defaults = scopeOf(job, frame, environment);
  const inputs = declared.map(([name, input]) => {
    const value = given.get(name.toLowerCase());
    if (value !== undefined && input?.deprecationMessage) {
      step.annotate({ level: 'warning', message: `Input '${name}' has been deprecated: ${input.deprecationMessage}` });
    }
    return [name, value ?? renderText(input?.default, defaults)];
  });
  return Object.fromEntries([...unexpected.map((name) => [name, given.get(name) ?? '']), ...inputs]);
}

/** An action that is about to run, with its inputs. */
export interface ActionRun<Runs> extends Invocation {
  readonly source: ActionSource;
  readonly inputs: Readonly<Record<string, string>>;
  readonly runs: Runs;
}

async function runComposite(run: ActionRun<CompositeRuns>, runSteps: RunSteps): Promise<boolean> {
  const { job, frame, step, source, inputs } = run;
  const { folder, document } = source.action;
  const inner: Frame = {
    steps: {},
    failed: false,
    environment: { ...frame.environment, ...run.environment },
    defaults: { shell: '', folder: '' },
    action: { step, folder, inputs, repository: source.repository, ref: source.ref },
  };
  await runSteps(job, inner, run.runs.steps);
  const scope = scopeOf(job, inner);
  for (const [name, output] of Object.entries(document.outputs ?? {})) {
    step.outputs[name] = renderText(output?.value, scope);
  }
  return !inner.failed;
}
