import type { Scope, StatusFunctions } from '../expression/evaluate.ts';
import { hashFiles } from '../expression/patterns.ts';
import type { JobFolders } from './folders.ts';
import type { Masker } from './masker.ts';
import type { StepRun } from './step-run.ts';
import type { Conclusion, JobAccess, JobRecord, RunRequest } from './types.ts';

/** Everything that the steps of one running job share. */
export interface JobState {
  readonly run: RunRequest;
  readonly record: JobRecord;
  readonly masker: Masker;
  readonly access: JobAccess;
  readonly folders: JobFolders;
  /** Contexts that stay the same during the job: github, needs, strategy, matrix, vars, secrets, inputs, runner. */
  readonly contexts: Readonly<Record<string, unknown>>;
  /** Environment of workflow and job, and what steps added through GITHUB_ENV. */
  readonly environment: Record<string, string>;
  /** Folders that steps added through GITHUB_PATH, latest first. */
  readonly path: string[];
  /** Post steps of the actions that ran, in the order in which their main parts ran. */
  readonly posts: PostStep[];
  /** Process groups that outlived their step. */
  readonly leftovers: Set<number>;
  readonly signal: AbortSignal;
}

export interface PostStep {
  readonly name: string;
  readonly condition: unknown;
  run(step: StepRun): Promise<boolean>;
}

export interface StepResult {
  readonly outputs: Readonly<Record<string, string>>;
  readonly outcome: Conclusion;
  readonly conclusion: Conclusion;
}

/** A list of steps that runs: those of the job itself, or those of a composite action. */
export interface Frame {
  readonly steps: Record<string, StepResult>;
  failed: boolean;
  /** Environment of the step that called the composite action. */
  readonly environment: Readonly<Record<string, string>>;
  readonly defaults: { readonly shell: string; readonly folder: string };
  /** Set inside of a composite action. */
  readonly action?: ActionFrame;
}

export interface ActionFrame {
  readonly step: StepRun;
  readonly folder: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** `owner/repository` and ref of a third-party action, '' for a local one. */
  readonly repository: string;
  readonly ref: string;
}

/** What the expressions of a step may read. */
export function scopeOf(job: JobState, frame: Frame, environment: Readonly<Record<string, string>> = {}): Scope {
  const github = { ...(job.contexts['github'] as object), ...actionContext(frame.action) };
  return {
    contexts: {
      ...job.contexts,
      github,
      env: { ...job.environment, ...frame.environment, ...environment },
      steps: frame.steps,
      job: { status: statusOf(job, frame) },
      ...(frame.action ? { inputs: frame.action.inputs, secrets: {} } : {}),
    },
    status: statusFunctions(job, frame),
    hashFiles: (patterns) => hashFiles(job.folders.workspace, patterns),
  };
}

export function statusOf(job: JobState, frame: Frame): 'success' | 'failure' | 'cancelled' {
  if (job.signal.aborted) return 'cancelled';
  return frame.failed ? 'failure' : 'success';
}

function statusFunctions(job: JobState, frame: Frame): StatusFunctions {
  return {
    success: () => statusOf(job, frame) === 'success',
    failure: () => statusOf(job, frame) === 'failure',
    cancelled: () => job.signal.aborted,
  };
}

function actionContext(action: ActionFrame | undefined): Readonly<Record<string, string>> {
  if (!action) return {};
  return { action_path: action.folder, action_repository: action.repository, action_ref: action.ref };
}
