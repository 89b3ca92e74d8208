/** What the control door answers; the field names are stable and documented in docs/cli.md. */

import type { Fault } from '../../aws/kit/faults.ts';

export interface RunReport {
  readonly id: number;
  readonly workflow: string;
  readonly conclusion: 'success' | 'failure' | 'cancelled' | 'skipped';
  readonly seconds: number;
  readonly jobs: readonly JobReport[];
}

export interface JobReport {
  readonly name: string;
  readonly conclusion: string;
  readonly seconds: number;
  /** Markdown that the job's steps wrote for people. */
  readonly summary: string;
  /** Error annotations: one sentence each. */
  readonly errors: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface PullRequestReport {
  readonly number: number;
  readonly title: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly commit: string;
}

export interface ReleaseReport {
  readonly id: string;
  readonly commit: string;
  readonly kind: 'deploy' | 'rollback';
  readonly status: string;
  readonly services: Readonly<Record<string, string>>;
}

/** One of an environment's newest releases, for people. */
export interface ReleaseLine {
  readonly id: string;
  readonly commit: string;
  readonly kind: 'deploy' | 'rollback';
  readonly status: string;
  readonly actor: string;
  readonly trigger: string;
  readonly createdAt: string;
  readonly seconds?: number;
  readonly failure?: string;
}

export interface LockReport {
  readonly holder: string;
  readonly reason: string;
  readonly since: string;
  /** ISO time at which it ends unless its holder renews it. */
  readonly expires: string;
}

export interface EnvironmentReport {
  readonly name: string;
  readonly url: string;
  readonly release?: ReleaseReport;
  /** Why automatic deployments are paused, if they are. */
  readonly frozen?: string;
  /** Who deploys right now. */
  readonly lock?: LockReport;
  /** The newest releases, newest first. */
  readonly releases?: readonly ReleaseLine[];
}

export interface StatusReport {
  readonly pid: number;
  readonly home: string;
  readonly commit?: string;
  readonly runtime: { readonly mode: string; readonly limitations: string };
  readonly urls: Readonly<Record<string, string>>;
  readonly environments: readonly EnvironmentReport[];
  readonly pullRequests: readonly PullRequestReport[];
}

/** A change of files on a branch: path -> text, or null for a file that goes away. */
export type FileChanges = Readonly<Record<string, string | null>>;

/** What goes wrong on purpose. */
export interface FaultReport {
  readonly faults: readonly Fault[];
  /** Target groups whose health checks fail. */
  readonly unhealthy: readonly string[];
}
