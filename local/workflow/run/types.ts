import type { Workflow } from '../definition/load.ts';
import type { Concurrency } from '../plan/concurrency.ts';
import type { LevelByScope } from '../plan/permissions.ts';

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  /** Name of the step that wrote it; absent for the job itself. */
  readonly step?: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

export interface StepRecord {
  readonly number: number;
  readonly name: string;
  status: 'in_progress' | 'completed';
  conclusion?: Conclusion;
  /** ISO 8601. */
  readonly startedAt: string;
  completedAt?: string;
  seconds?: number;
  /** Absolute path of the step's log, secrets masked; skipped steps have none. */
  log?: string;
}

export interface JobRecord {
  readonly id: number;
  /** Job id in the workflow file, with the matrix values: `test (18)`. Unique within the run. */
  readonly key: string;
  readonly name: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion?: Conclusion;
  /** Why the job did not start or failed as a whole. */
  reason?: string;
  startedAt?: string;
  completedAt?: string;
  seconds?: number;
  readonly steps: StepRecord[];
  /** Markdown that the steps wrote to GITHUB_STEP_SUMMARY. */
  summary: string;
  readonly annotations: Annotation[];
  outputs: Readonly<Record<string, string>>;
  environment?: { name: string; url?: string };
}

/** What happens in a run, as it happens. The records are live: a listener copies what it keeps. */
export type RunnerEvent =
  | { readonly type: 'run-started' }
  | { readonly type: 'job'; readonly job: JobRecord }
  | { readonly type: 'step'; readonly job: JobRecord; readonly step: StepRecord }
  | { readonly type: 'line'; readonly job: JobRecord; readonly step: StepRecord; readonly line: string };

export interface EnvironmentSettings {
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Branches that may deploy to it, as GitHub's patterns; absent = all. */
  readonly branches?: readonly string[];
}

/** What one job may call: its GITHUB_TOKEN and, with `id-token: write`, the door to its OIDC tokens. */
export interface JobAccess {
  readonly token: string;
  readonly oidc?: { readonly url: string; readonly token: string };
  /** The job is over: its tokens stop working. */
  close(): void;
}

/** GitHub, as the runner needs it. */
export interface RunnerHost {
  readonly concurrency: Concurrency;
  /** A file of the repository at the run's commit. */
  readFile(path: string): Promise<string | undefined>;
  openJob(request: {
    readonly job: JobRecord;
    readonly permissions: LevelByScope;
    readonly environment?: string | undefined;
    /** The workflow file that holds the job; differs from the run's for a called workflow. */
    readonly workflowPath: string;
  }): JobAccess;
  startDeployment(environment: string): number;
  finishDeployment(id: number, state: 'success' | 'failure' | 'inactive', url: string | undefined): void;
  /** Process groups that must die with the runner, even when the runner is killed. */
  processStarted(pid: number): void;
  processEnded(pid: number): void;
}

/** The machine that jobs run on. */
export interface Machine {
  /** What a job's processes start with; nothing else of this process's environment reaches them. Needs PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder with the stand-ins of third-party actions, `<owner>/<repository>/[<path>/]action.yml`. */
  readonly standIns: string;
  /** Additional environment of the stand-ins' processes only. */
  readonly standInEnvironment: Readonly<Record<string, string>>;
  /** RUNNER_TOOL_CACHE. */
  readonly toolCache: string;
  /** Milliseconds from SIGINT to SIGTERM and from SIGTERM to SIGKILL when a step is stopped. GitHub: 7500 and 2500. */
  readonly grace: { readonly interrupt: number; readonly terminate: number };
}

export interface RunRequest {
  readonly runId: number;
  readonly workflow: Workflow;
  /** The `github` context without what differs per job (token, job, workspace). */
  readonly github: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, EnvironmentSettings>>;
  /** The event comes from a fork: no secrets, a token that reads. */
  readonly fork: boolean;
  /** Folder of this run, for logs. */
  readonly folder: string;
  /** Folder for the workspaces of this run's jobs; each is deleted when its job is over. */
  readonly scratch: string;
  readonly host: RunnerHost;
  readonly machine: Machine;
  /** Aborted = cancel as GitHub does; `always()` steps still run. */
  readonly signal: AbortSignal;
  /** Aborted = the runner goes away: kill at once, run nothing more. */
  readonly killSignal: AbortSignal;
  readonly observe: (event: RunnerEvent) => void;
}
