import type { JobDefinition } from '../definition/types.ts';
import { isTruthy, type Scope } from '../expression/evaluate.ts';
import { renderNumber, renderValue } from '../expression/template.ts';
import { Superseded } from '../plan/concurrency.ts';
import { type Combination, expandMatrix, matrixLabel } from '../plan/matrix.ts';
import { tokenPermissions } from '../plan/permissions.ts';
import { callWorkflow } from './call-workflow.ts';
import { enterGroup } from './enter-group.ts';
import { type GraphCall, type JobResult, overall } from './graph.ts';
import { runJob } from './job.ts';
import { concludeJob, openJobRecord, startJob } from './job-record.ts';
import type { Conclusion, JobRecord } from './types.ts';

/** A job of the workflow file that is to run, in as many combinations as its matrix has. */
export interface WantedJob {
  readonly call: GraphCall;
  readonly id: string;
  readonly definition: JobDefinition;
  readonly contexts: Readonly<Record<string, unknown>>;
}

/** One combination of it. */
interface WantedCombination extends WantedJob {
  readonly suffix: string;
  readonly signal: AbortSignal;
}

/** Runs all combinations of a job, at most `max-parallel` at a time; with `fail-fast` the first failure stops the others. */
export async function runCombinations(wanted: WantedJob): Promise<JobResult> {
  const { definition, call } = wanted;
  const scope: Scope = { contexts: wanted.contexts };
  const strategy = definition.strategy ?? {};
  const matrix = expandMatrix(renderValue(strategy.matrix, scope));
  const failFast = renderValue(strategy['fail-fast'], scope) !== false;
  const parallel = renderNumber(strategy['max-parallel'], matrix.length, scope);
  const stop = new AbortController();
  const signal = AbortSignal.any([startSignal(call), stop.signal]);
  const results: JobResult[] = [];
  const queue = [...matrix.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, combination] = next;
      const contexts = {
        ...wanted.contexts,
        matrix: combination,
        strategy: strategyContext(matrix, { index, failFast, parallel }),
      };
      const suffix = strategy.matrix === undefined ? '' : matrixLabel(combination);
      const result = await runCombination({ ...wanted, contexts, suffix, signal });
      results.push(result);
      if (failFast && result.result === 'failure') stop.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, matrix.length) }, work));
  const given = results.map(({ outputs }) =>
    Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== '')),
  );
  return { result: overall(results.map(({ result }) => result)), outputs: Object.assign({}, ...given) };
}

/** A job that starts although the run is cancelled (`always()`) is not stopped by that, only by the runner's end. */
function startSignal({ run }: GraphCall): AbortSignal {
  return run.signal.aborted ? new AbortController().signal : run.signal;
}

function strategyContext(
  matrix: readonly Combination[],
  { index, failFast, parallel }: { readonly index: number; readonly failFast: boolean; readonly parallel: number },
) {
  return { 'fail-fast': failFast, 'job-index': index, 'job-total': matrix.length, 'max-parallel': parallel };
}

async function runCombination(wanted: WantedCombination): Promise<JobResult> {
  const { call, id, definition, contexts } = wanted;
  if (definition.uses !== undefined) {
    return callWorkflow({ call, id, definition, contexts, permissions: permissionsOf(wanted) });
  }
  const record = openJobRecord(call, id, { suffix: wanted.suffix, name: definition.name, contexts });
  const conclusion = await concluded(wanted, record);
  const forgiven = conclusion === 'failure' && isTruthy(renderValue(definition['continue-on-error'], { contexts }));
  return { result: forgiven ? 'success' : conclusion, outputs: record.outputs };
}

async function concluded(wanted: WantedCombination, record: JobRecord): Promise<Conclusion> {
  const { call, id, definition, contexts } = wanted;
  const { run, masker, workflow } = call;
  const cancel = new AbortController();
  const signal = AbortSignal.any([wanted.signal, cancel.signal]);
  try {
    const leave = await enterGroup(run.host.concurrency, definition.concurrency, { contexts }, { cancel, signal });
    try {
      if (signal.aborted) throw new Superseded('The operation was canceled.');
      startJob(run, record);
      const permissions = permissionsOf(wanted);
      const conclusion = await runJob({ run, masker, workflow, id, definition, record, contexts, permissions, signal });
      concludeJob(run, record, { conclusion });
      return conclusion;
    } finally {
      leave();
    }
  } catch (error) {
    const conclusion = error instanceof Superseded ? 'cancelled' : 'failure';
    const reason = masker.mask(error instanceof Error ? error.message : String(error));
    concludeJob(run, record, { conclusion, reason });
    return conclusion;
  }
}

function permissionsOf({ call, definition }: WantedJob) {
  return tokenPermissions({
    job: definition.permissions,
    workflow: call.workflow.document.permissions,
    ceiling: call.ceiling,
    fork: call.run.fork,
  });
}
