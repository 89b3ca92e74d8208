import { join } from 'node:path';
import type { Workflow } from '../../workflow/definition/load.ts';
import { renderText } from '../../workflow/expression/template.ts';
import { createConcurrency } from '../../workflow/plan/concurrency.ts';
import { executeRun } from '../../workflow/run/run.ts';
import type { RunnerEvent } from '../../workflow/run/types.ts';
import type { RepositoryEvent } from '../events/event.ts';
import { isoTime, type Site } from '../site.ts';
import { settingsOf } from '../state/state.ts';
import type { JobRecord, Run } from '../types.ts';
import { githubContext } from './context.ts';
import { createRunnerHost } from './host.ts';
import { machineOf } from './machine.ts';
import { clearScratch, openScratch } from './scratch.ts';
import type { Workflows } from './workflows.ts';

/** A workflow that an event wants to run. */
export interface Start {
  readonly event: RepositoryEvent;
  readonly path: string;
  /** Absent when the file is invalid: the run then fails with `fault`, as on GitHub. */
  readonly workflow?: Workflow;
  readonly fault?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** Executes runs and keeps their records. */
export interface Runner {
  start(request: Start): number;
  cancel(id: number, reason: string): void;
  /** The machine under a run is gone: what runs is killed, and nothing of the run happens any more. */
  lose(id: number): void;
  wait(id: number): Promise<Run>;
  /** Kills what runs. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

interface Active {
  readonly cancel: AbortController;
  readonly lost: AbortController;
  readonly done: Promise<void>;
}

/** GitHub's words. */
const LOST =
  'The self-hosted runner lost communication with the server. Verify the machine is running and has a healthy network connection.';

export function createRunner(site: Site, workflows: Workflows): Runner {
  const concurrency = createConcurrency();
  const active = new Map<number, Active>();
  const kill = new AbortController();

  function save(id: number, change: Partial<Run>): void {
    const run = site.state.runs.get(id);
    if (!run) return;
    const changed = { ...run, ...change };
    site.state.runs.set(id, changed);
    if (change.status !== undefined) site.emit({ type: 'run', run: changed });
  }

  async function execute(
    run: Run,
    { event, workflow, fault, inputs = {} }: Start,
    { cancel, lost }: Pick<Active, 'cancel' | 'lost'>,
  ): Promise<void> {
    if (!workflow) {
      save(run.id, completion(site, run, { conclusion: 'failure', reason: `Invalid workflow file: ${fault}` }));
      return;
    }
    const jobs = new Map<string, JobRecord>();
    const { variables, secrets } = settingsOf(site.state);
    const environments = Object.fromEntries(site.state.settings.entries().filter(([name]) => name !== ''));
    const github = githubContext(site, run, event);
    const outcome = await executeRun({
      runId: run.id,
      workflow,
      github,
      inputs,
      secrets,
      variables,
      environments,
      // `pull_request_target` runs what the base branch has, with all that it may.
      fork: event.name === 'pull_request' && (event.pullRequest?.fork ?? false),
      folder: runFolder(site, run.id),
      scratch: join(openScratch(site.cloud.home), String(run.id)),
      host: createRunnerHost({ site, run, github, workflows, concurrency }),
      machine: machineOf(site),
      signal: cancel.signal,
      killSignal: AbortSignal.any([kill.signal, lost.signal]),
      observe: (happened) => observe(run.id, jobs, happened),
    });
    const reason = outcome.reason ?? stopReason(kill.signal) ?? stopReason(lost.signal) ?? stopReason(cancel.signal);
    const started = site.state.runs.get(run.id) ?? run;
    const conclusion = lost.signal.aborted ? 'failure' : outcome.conclusion;
    save(run.id, completion(site, started, { ...outcome, conclusion, ...(reason === undefined ? {} : { reason }) }));
  }

  function observe(id: number, jobs: Map<string, JobRecord>, event: RunnerEvent): void {
    if (event.type === 'run-started') {
      save(id, { status: 'in_progress', startedAt: new Date(site.cloud.now()).toISOString() });
      return;
    }
    const { job } = event;
    if (event.type === 'line') {
      site.emit({ type: 'line', run: id, job: job.key, step: event.step.number, line: event.line });
      return;
    }
    jobs.set(job.key, job);
    save(id, { jobs: [...jobs.values()] });
    site.emit({ ...event, run: id });
  }

  return {
    start(request) {
      const run = openRun(site, request);
      const [cancel, lost] = [new AbortController(), new AbortController()];
      const done = execute(run, request, { cancel, lost })
        .catch((error: unknown) => {
          const reason = `The runner failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
          save(run.id, completion(site, run, { conclusion: 'failure', reason }));
        })
        .finally(() => active.delete(run.id));
      active.set(run.id, { cancel, lost, done });
      return run.id;
    },
    cancel: (id, reason) => active.get(id)?.cancel.abort(reason),
    lose: (id) => active.get(id)?.lost.abort(LOST),
    async wait(id) {
      await active.get(id)?.done;
      const run = site.state.runs.get(id);
      if (!run) throw new Error(`There is no run ${id}`);
      return run;
    },
    async close() {
      kill.abort('The local GitHub was closed');
      await Promise.all([...active.values()].map(({ done }) => done));
      clearScratch(site.cloud.home);
    },
  };
}

export function runFolder(site: Site, id: number): string {
  return join(site.cloud.home, 'runs', String(id));
}

/** How a record looks when its run is over. */
export function completion(site: Site, run: Run, outcome: Pick<Run, 'conclusion' | 'reason'>): Partial<Run> {
  const now = site.cloud.now();
  const started = run.startedAt === undefined ? now : Date.parse(run.startedAt);
  return { ...outcome, status: 'completed', completedAt: new Date(now).toISOString(), seconds: (now - started) / 1000 };
}

function openRun(site: Site, { event, path, workflow, inputs }: Start): Run {
  const name = workflow?.document.name ?? path;
  const run: Run = {
    id: site.state.next('runs'),
    number: site.state.next(`runs of ${path}`),
    name,
    title: runTitle(event, { workflow, inputs, name }),
    workflow: path,
    event: event.name,
    actor: event.actor,
    branch: event.branch,
    ref: event.ref,
    commit: event.commit,
    headCommit: event.headCommit,
    ...(event.pullRequest ? { pullRequest: event.pullRequest.number, fork: event.pullRequest.fork } : {}),
    ...(inputs ? { inputs } : {}),
    status: 'queued',
    createdAt: isoTime(site.cloud.now()),
    jobs: [],
  };
  site.state.runs.set(run.id, run);
  site.emit({ type: 'run', run });
  return run;
}

/** What a signal was aborted for. */
function stopReason({ reason }: AbortSignal): string | undefined {
  return typeof reason === 'string' ? reason : undefined;
}

/** `run-name`, else what happened; a name that cannot be evaluated is shown as it stands. */
function runTitle(
  event: RepositoryEvent,
  { workflow, inputs, name }: Pick<Start, 'workflow' | 'inputs'> & { readonly name: string },
): string {
  const template = workflow?.document['run-name'];
  const fallback = event.name === 'workflow_dispatch' || event.name === 'schedule' ? name : event.title;
  if (template === undefined) return fallback;
  try {
    const github = {
      event: event.payload,
      event_name: event.name,
      ref: event.ref,
      sha: event.commit,
      actor: event.actor,
    };
    return renderText(template, { contexts: { github, inputs: inputs ?? {} } }) || fallback;
  } catch {
    return String(template);
  }
}
