import type { Workflow } from '../definition/load.ts';
import type { JobDefinition } from '../definition/types.ts';
import type { Scope } from '../expression/evaluate.ts';
import { matchesPatterns } from '../expression/patterns.ts';
import { renderMap, renderText } from '../expression/template.ts';
import type { LevelByScope } from '../plan/permissions.ts';
import { runnerContext } from './environment.ts';
import { createJobFolders, type JobFolders } from './folders.ts';
import type { Frame, JobState } from './job-state.ts';
import type { Masker } from './masker.ts';
import type { JobAccess, JobRecord, RunRequest } from './types.ts';

/** One job, ready to run. */
export interface JobPlan {
  readonly run: RunRequest;
  readonly masker: Masker;
  readonly workflow: Workflow;
  /** Id in the workflow file. */
  readonly id: string;
  readonly definition: JobDefinition;
  readonly record: JobRecord;
  /** Contexts of the job: github, needs, strategy, matrix, vars, secrets, inputs. */
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly permissions: LevelByScope;
  readonly signal: AbortSignal;
}

export interface JobEnvironment {
  readonly name: string;
  readonly url: unknown;
  /** `deployment: false` uses the environment's secrets and rules without recording a deployment. */
  readonly recorded: boolean;
}

/**
 * The environment that a job deploys to, if any.
 * @throws Error when its protection rules keep this branch out.
 */
export function jobEnvironment({ definition, contexts, run }: JobPlan): JobEnvironment | undefined {
  const { environment } = definition;
  if (!environment) return undefined;
  const declared: Exclude<typeof environment, string> =
    typeof environment === 'string' ? { name: environment } : environment;
  const name = renderText(declared.name, { contexts });
  if (name === '') return undefined;
  const branches = run.environments[name]?.branches;
  const branch = String(run.github['ref_name']);
  if (branches && !matchesPatterns(branches, branch)) {
    throw new Error(`Branch "${branch}" is not allowed to deploy to ${name} due to environment protection rules.`);
  }
  return { name, url: declared.url, recorded: renderText(declared.deployment, { contexts }) !== 'false' };
}

/** Makes the workspace of a job and everything that its steps share. */
export function openJob(plan: JobPlan, environment: string | undefined): JobState {
  const { run, record, masker, workflow, permissions } = plan;
  const access = run.host.openJob({ job: record, permissions, environment, workflowPath: workflow.path });
  const folders = openFolders(plan);
  const contexts = jobContexts(plan, { access, folders, environment });
  for (const secret of [...Object.values(contexts.secrets), access.oidc?.token ?? '']) masker.add(secret);
  const fromWorkflow = renderMap(workflow.document.env, { contexts });
  const fromJob = renderMap(plan.definition.env, { contexts });
  return {
    run,
    record,
    masker,
    access,
    folders,
    contexts,
    environment: { ...fromWorkflow, ...fromJob },
    path: [],
    posts: [],
    leftovers: new Set(),
    signal: plan.signal,
  };
}

/** The list of the job's own steps, before the first of them. */
export function openFrame(job: JobState, { workflow, definition }: JobPlan): Frame {
  const scope: Scope = { contexts: { ...job.contexts, env: job.environment } };
  const defaults = { ...workflow.document.defaults?.run, ...definition.defaults?.run };
  return {
    steps: {},
    failed: false,
    environment: {},
    defaults: { shell: renderText(defaults.shell, scope), folder: renderText(defaults['working-directory'], scope) },
  };
}

function openFolders({ run, record }: JobPlan): JobFolders {
  const repository = String(run.github['repository']);
  return createJobFolders({
    run: run.folder,
    scratch: run.scratch,
    job: record.id,
    name: repository.split('/')[1] ?? repository,
    event: run.github['event'],
  });
}

function jobContexts(
  { run, id, contexts }: JobPlan,
  own: { readonly access: JobAccess; readonly folders: JobFolders; readonly environment: string | undefined },
) {
  const settings = own.environment === undefined ? undefined : run.environments[own.environment];
  const secrets: Record<string, string> = {
    ...(contexts['secrets'] as Record<string, string>),
    ...(run.fork ? {} : settings?.secrets),
    GITHUB_TOKEN: own.access.token,
  };
  return {
    ...contexts,
    secrets,
    vars: { ...run.variables, ...settings?.variables },
    runner: runnerContext(own.folders, run.machine.toolCache),
    github: {
      ...run.github,
      token: own.access.token,
      job: id,
      workspace: own.folders.workspace,
      event_path: own.folders.eventFile,
    },
  };
}
