import type { PullRequest } from '../types.ts';

/** Something that happened to the repository and may start workflows. */
export interface RepositoryEvent {
  readonly name: 'push' | 'pull_request' | 'pull_request_target' | 'issue_comment' | 'workflow_dispatch' | 'schedule';
  /** Activity type: `opened`, `synchronize`, ... */
  readonly action?: string;
  /** GITHUB_REF and GITHUB_SHA; the workflow files are those of this commit. */
  readonly ref: string;
  readonly commit: string;
  /** The ref that the branch filters of `on` look at. */
  readonly filterRef: string;
  /** Called only when a workflow filters by path. */
  readonly changedPaths: () => Promise<readonly string[]>;
  /** The webhook payload, `github.event`. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actor: string;
  /** Shown with the run. */
  readonly title: string;
  readonly branch: string;
  readonly headCommit: string;
  readonly pullRequest?: PullRequest;
}
