import { listOf, type Workflow } from '../definition/load.ts';
import type { Scope } from '../expression/evaluate.ts';
import { renderCondition, renderText } from '../expression/template.ts';
import type { LevelByScope } from '../plan/permissions.ts';
import { runCombinations } from './combinations.ts';
import { concludeJob, openJobRecord } from './job-record.ts';
import type { Masker } from './masker.ts';
import type { Conclusion, RunRequest } from './types.ts';

/** One workflow whose jobs run: that of the run, or one that a job calls. */
export interface GraphCall {
  readonly run: RunRequest;
  readonly masker: Masker;
  readonly workflow: Workflow;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Permissions of the calling job, for a called workflow. */
  readonly ceiling?: LevelByScope;
  /** Put before the keys and names of the jobs: `caller / `. */
  readonly prefix: string;
  readonly nextJobId: () => number;
}

/** What `needs` says about a job, all of its matrix combinations together. */
export interface JobResult {
  readonly result: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

interface Node extends JobResult {
  readonly id: string;
  /** All jobs that this one needs, directly or not. */
  readonly ancestors: ReadonlySet<Node>;
}

export interface GraphResult {
  readonly conclusion: Conclusion;
  /** Outputs of a called workflow. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs all jobs of a workflow; those that do not need each other run at the same time. */
export async function runGraph(call: GraphCall): Promise<GraphResult> {
  const { jobs } = call.workflow.document;
  const nodes = new Map<string, Promise<Node>>();
  const start = (id: string): Promise<Node> => {
    const known = nodes.get(id);
    if (known) return known;
    const node = Promise.all(listOf(jobs[id]?.needs).map(start)).then((needs) => runNode(call, id, needs));
    nodes.set(id, node);
    return node;
  };
  const finished = await Promise.all(Object.keys(jobs).map(start));
  const results = Object.fromEntries(finished.map(({ id, result, outputs }) => [id, { result, outputs }]));
  const declared = call.workflow.triggers['workflow_call']?.outputs ?? {};
  const scope: Scope = { contexts: { ...graphContexts(call), jobs: results } };
  return {
    conclusion: overall(finished.map(({ result }) => result)),
    outputs: Object.fromEntries(Object.entries(declared).map(([name, { value }]) => [name, renderText(value, scope)])),
  };
}

/** The conclusion of several jobs together. */
export function overall(results: readonly Conclusion[]): Conclusion {
  if (results.includes('failure')) return 'failure';
  if (results.includes('cancelled')) return 'cancelled';
  return results.every((result) => result === 'skipped') ? 'skipped' : 'success';
}

async function runNode(call: GraphCall, id: string, needs: readonly Node[]): Promise<Node> {
  const ancestors = new Set(needs.flatMap((need) => [need, ...need.ancestors]));
  const contexts = {
    ...graphContexts(call),
    needs: Object.fromEntries(needs.map((need) => [need.id, { result: need.result, outputs: need.outputs }])),
  };
  return { id, ancestors, ...(await runOrSkip(call, id, { contexts, ancestors })) };
}

async function runOrSkip(
  call: GraphCall,
  id: string,
  {
    contexts,
    ancestors,
  }: { readonly contexts: Readonly<Record<string, unknown>>; readonly ancestors: ReadonlySet<Node> },
): Promise<JobResult> {
  const { run, workflow } = call;
  const definition = workflow.document.jobs[id] ?? {};
  const results = [...ancestors].map(({ result }) => result);
  const cancelled = run.signal.aborted;
  const status = {
    success: () => !cancelled && results.every((result) => result === 'success'),
    failure: () => !cancelled && results.includes('failure'),
    cancelled: () => cancelled,
  };
  try {
    if (!run.killSignal.aborted && renderCondition(definition.if, { contexts, status })) {
      return await runCombinations({ call, id, definition, contexts });
    }
    const conclusion = cancelled ? 'cancelled' : 'skipped';
    concludeJob(run, openJobRecord(call, id, { suffix: '', name: definition.name, contexts }), { conclusion });
    return { result: conclusion, outputs: {} };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const record = openJobRecord(call, id, { suffix: '', name: undefined, contexts });
    concludeJob(run, record, { conclusion: 'failure', reason: call.masker.mask(reason) });
    return { result: 'failure', outputs: {} };
  }
}

function graphContexts({ run, inputs, secrets }: GraphCall): Readonly<Record<string, unknown>> {
  return { github: run.github, inputs, vars: run.variables, secrets };
}
