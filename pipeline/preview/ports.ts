import type { Project } from '../manifest/names.ts';
import type { GitHub } from '../ports/github.ts';
import type { ReleasePorts } from '../release/ports.ts';

/** What exists in the account under the name of a preview. */
export interface Inventory {
  /** Numbers of the pull requests of which anything exists, by name; whatever Terraform or GitHub say. */
  previews(): Promise<readonly number[]>;
  /** Everything that is named after `environment`, in words: `ECS service pr-1-web`. */
  leftovers(environment: string): Promise<readonly string[]>;
  /**
   * Deletes what releases and services of the preview made and Terraform does not know: task definition revisions, and objects below
   * the preview's prefix in staging's buckets.
   */
  deleteUnmanaged(environment: string): Promise<void>;
}

/** Applies or destroys the stack of one preview. Resolves to why it failed, or to undefined. */
export type ProvisionPreview = (request: {
  readonly number: number;
  readonly mode: 'apply' | 'destroy';
}) => Promise<string | undefined>;

export interface PreviewPorts extends ReleasePorts {
  readonly github: GitHub;
  readonly provision: ProvisionPreview;
  readonly inventory: Inventory;
}

export interface PreviewContext {
  readonly project: Project;
  readonly actor: string;
  /** Link to the workflow run. */
  readonly run: string;
  /** Days without a push after which a preview is destroyed. */
  readonly expiryDays: number;
}

/** Environment of a pull request. */
export const previewEnvironment = (number: number): string => `pr-${number}`;
export const DEFAULT_EXPIRY_DAYS = 7;
