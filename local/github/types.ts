import type { Cloud } from '../cloud.ts';
import type { Annotation, Conclusion, JobRecord, Machine, StepRecord } from '../workflow/run/types.ts';
import type { Author } from './repository/author.ts';
import type { CommitRequest } from './repository/commit.ts';

export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly draft: boolean;
  readonly author: string;
  /** Branch names. */
  readonly head: string;
  readonly base: string;
  readonly headCommit: string;
  /** Tip of the base branch when the pull request was last tested for mergeability. */
  readonly baseCommit: string;
  /** The commit that `refs/pull/<n>/merge` points at; absent when there is a conflict. */
  readonly testMerge?: string;
  readonly mergeCommit?: string;
  /** From a fork: runs get no secrets and a token that reads. */
  readonly fork: boolean;
  readonly labels?: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt?: string;
}

/** An issue that is no pull request. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly labels: readonly string[];
  readonly author: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt?: string;
}

export interface Comment {
  readonly id: number;
  /** Issue or pull request. */
  readonly number: number;
  readonly author: string;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Run {
  readonly id: number;
  /** Counts per workflow. */
  readonly number: number;
  /** `name` of the workflow, else its path. */
  readonly name: string;
  readonly title: string;
  /** `.github/workflows/deploy.yml`. */
  readonly workflow: string;
  readonly event: string;
  readonly actor: string;
  readonly branch: string;
  readonly ref: string;
  /** Commit that the run's workflow file and GITHUB_SHA come from; for a pull request, the test merge. */
  readonly commit: string;
  /** Commit that the run is shown at: the head of the pull request. */
  readonly headCommit: string;
  readonly pullRequest?: number;
  /** Its pull request is one of a fork. */
  readonly fork?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion?: Conclusion;
  /** Why the run as a whole did not start, failed or was cancelled. */
  readonly reason?: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  /** From start to end. */
  readonly seconds?: number;
  readonly jobs: readonly JobRecord[];
}

/** What happens on GitHub, as it happens; for a live view. */
export type GitHubEvent =
  | { readonly type: 'run'; readonly run: Run }
  | { readonly type: 'job'; readonly run: number; readonly job: JobRecord }
  | { readonly type: 'step'; readonly run: number; readonly job: JobRecord; readonly step: StepRecord }
  | { readonly type: 'line'; readonly run: number; readonly job: string; readonly step: number; readonly line: string }
  | { readonly type: 'comment'; readonly comment: Comment };

export type { Annotation, Conclusion, JobRecord, StepRecord };

/** Variables and secrets of the repository or of one environment. */
export interface Settings {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Branches that may deploy to the environment, as GitHub's patterns; absent = all. */
  readonly branches?: readonly string[];
}

export type GitHubCloud = Pick<Cloud, 'home' | 'store' | 'now' | 'log'>;

export interface GitHubOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Port on 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  /** What the jobs' processes start with: PATH, AWS_ENDPOINT_URL, ... Nothing else of this process reaches them. */
  readonly runnerEnvironment: Readonly<Record<string, string>>;
  /** A lockfile and the folder that `npm ci` makes of it: actions/cache restores `node_modules` from there. */
  readonly dependencies?: { readonly lockfile: string; readonly folder: string };
  /** `iss` of the OIDC tokens; absent = the address of this server, where their keys are. */
  readonly issuer?: string;
  readonly grace?: Machine['grace'];
}

/** A change of the repository, with the ids of the runs that it started. */
export interface Started {
  readonly runs: readonly number[];
}

export type PushRequest = CommitRequest | { readonly branch: string; readonly commit: string };

/** An action on GitHub that GitHub would refuse; the message says why. */
export class GitHubError extends Error {
  /** HTTP status that GitHub's API answers. */
  readonly status: 404 | 405 | 409 | 422;
  constructor(status: 404 | 405 | 409 | 422, message: string) {
    super(message);
    this.status = status;
  }
}

/** The local GitHub: one repository with its workflows. Methods throw `GitHubError` for what GitHub would refuse. */
export interface GitHub {
  /** Address of REST API and OIDC issuer, without a trailing slash. */
  readonly url: string;
  readonly repository: string;
  /** Bare repository. */
  readonly repositoryFolder: string;
  readonly issuer: string;
  /** Public keys of the OIDC tokens, as the issuer serves them. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** Merges into the variables (or secrets) of the repository, or of an environment. */
  setVariables(variables: Readonly<Record<string, string>>, environment?: string): void;
  setSecrets(secrets: Readonly<Record<string, string>>, environment?: string): void;
  /** Restricts an environment to branches. */
  protectEnvironment(environment: string, branches: readonly string[]): void;
  /** Snapshots a working tree as one commit on `main`; starts no run. */
  seedRepository(request: { readonly from: string; readonly message: string }): Promise<string>;
  /** Commits on a branch without telling anyone; `push` or `openPullRequest` does that. */
  commit(request: CommitRequest): Promise<string>;
  /** Moves a branch to a commit (or commits first) and starts what listens to it. */
  push(request: PushRequest): Promise<Started & { readonly commit: string }>;
  openPullRequest(request: {
    readonly head: string;
    readonly title: string;
    readonly base?: string;
    readonly body?: string;
    readonly draft?: boolean;
    readonly author?: string;
    readonly fork?: boolean;
  }): Promise<Started & PullRequest>;
  reopenPullRequest(number: number): Promise<Started & PullRequest>;
  closePullRequest(number: number): Promise<Started & PullRequest>;
  /** Merges with a merge commit, as GitHub's button does. */
  mergePullRequest(number: number, author?: Author): Promise<Started & PullRequest>;
  /** Gives a pull request exactly these labels. */
  labelPullRequest(number: number, labels: readonly string[]): Promise<Started & PullRequest>;
  /** A person's comment on an issue or pull request, and what it starts. Default author: the developer, who may write. */
  comment(request: {
    readonly number: number;
    readonly body: string;
    readonly author?: string;
  }): Promise<Started & Comment>;
  pullRequest(number: number): PullRequest | undefined;
  pullRequests(): readonly PullRequest[];
  /** `workflow_dispatch`; the workflow by file name. */
  dispatch(workflow: string, ref: string, inputs?: Readonly<Record<string, unknown>>): Promise<number>;
  /** What the clock would start: a workflow with `on.schedule`, at the tip of main. */
  schedule(workflow: string): Promise<number>;
  readonly runs: Runs;
  comments(number: number): readonly Comment[];
  issues(): readonly Issue[];
  onEvent(listener: (event: GitHubEvent) => void): () => void;
  /** A token for the REST API, for tests and tools. */
  issueToken(permissions: Readonly<Record<string, 'read' | 'write'>>): string;
  /** Kills what runs, marks its runs as cancelled and frees the port. */
  close(): Promise<void>;
}

export interface Runs {
  /** Newest first. */
  list(filter?: { readonly workflow?: string; readonly commit?: string; readonly event?: string }): readonly Run[];
  get(id: number): Run | undefined;
  /** Resolves with the completed run. */
  wait(id: number): Promise<Run>;
  cancel(id: number): void;
  /** A fault: the machine under the run is gone, without a signal to what runs there. */
  lose(id: number): void;
}
