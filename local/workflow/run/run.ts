import type { Scope } from '../expression/evaluate.ts';
import { Superseded } from '../plan/concurrency.ts';
import { enterGroup } from './enter-group.ts';
import { runGraph } from './graph.ts';
import { createMasker } from './masker.ts';
import type { Conclusion, RunRequest } from './types.ts';

export interface RunOutcome {
  readonly conclusion: Conclusion;
  /** Why the run never started, or failed as a whole. */
  readonly reason?: string;
}

/**
 * Executes one workflow run: waits for its concurrency group, runs the jobs in the order of their needs, and tells every
 * change to `observe`. Never throws for what a workflow does wrong.
 */
export async function executeRun(request: RunRequest): Promise<RunOutcome> {
  const { workflow, host, fork } = request;
  const secrets = fork ? {} : request.secrets;
  const cancel = new AbortController();
  const signal = AbortSignal.any([request.signal, request.killSignal, cancel.signal]);
  const scope: Scope = { contexts: { github: request.github, inputs: request.inputs, vars: request.variables } };
  try {
    const leave = await enterGroup(host.concurrency, workflow.document.concurrency, scope, { cancel, signal });
    try {
      request.observe({ type: 'run-started' });
      const { conclusion } = await runGraph({
        run: { ...request, signal },
        masker: createMasker(Object.values(secrets)),
        workflow,
        inputs: request.inputs,
        secrets,
        prefix: '',
        nextJobId: counter(request.runId * 1000),
      });
      return { conclusion };
    } finally {
      leave();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { conclusion: error instanceof Superseded ? 'cancelled' : 'failure', reason };
  }
}

function counter(start: number): () => number {
  let last = start;
  return () => ++last;
}
