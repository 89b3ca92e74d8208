import type { Project } from '../manifest/names.ts';
import type { Manifest } from '../manifest/types.ts';
import type { GitHub } from '../ports/github.ts';
import type { ReleasePorts } from '../release/ports.ts';

/** What exists in the account of previews, by name and by tag; whatever Terraform or GitHub say. */
export interface Inventory {
  /** Numbers of the pull requests of which anything exists. */
  previews(): Promise<readonly number[]>;
  /** Everything that belongs to `environment`, in words: `ECS service pr-1-web`. */
  leftovers(environment: string): Promise<readonly string[]>;
  /** Deletes what Terraform does not know: revisions of releases, what services wrote, the rule of a preview that sleeps. */
  deleteUnmanaged(environment: string): Promise<void>;
  /** Deletes everything of `environment` through the APIs: what is left when the state that knew it is lost. */
  deleteAll(environment: string): Promise<void>;
}

/** Small records with a version, beside the ledger. */
export interface Documents {
  read<Value>(
    environment: string,
    item: string,
  ): Promise<{ readonly version: number; readonly value: Value } | undefined>;
  /** Writes unless the version is no longer `from` (0: there is none). Resolves to whether it did. */
  write(environment: string, item: string, change: { readonly from: number; readonly value: object }): Promise<boolean>;
  remove(environment: string, item: string): Promise<void>;
}

/** Applies or destroys the stack of one preview. Resolves to why it failed, or to undefined. Only for who holds the preview's lock. */
export type ProvisionPreview = (request: ProvisionPreviewRequest) => Promise<string | undefined>;

export interface ProvisionPreviewRequest {
  readonly number: number;
  readonly mode: 'apply' | 'destroy';
  readonly place: number;
  /** Services that it runs itself. */
  readonly services: readonly string[];
  readonly full: boolean;
}

/** Starts and stops the services of a preview, and shows the waking page instead of them. */
export interface Power {
  /** Everything that is asked of the preview goes to the waker from here on, which wakes it. Resolves to why that cannot be. */
  cover(number: number, place: number): Promise<string | undefined>;
  /** Requests reach the services again. */
  uncover(number: number): Promise<void>;
  stop(number: number): Promise<void>;
  start(number: number): Promise<void>;
  /** Whether every service of the preview has a healthy target. */
  ready(number: number): Promise<boolean>;
}

/** Requests that the services of previews got. */
export interface Visits {
  /** When the last one arrived, to within a few minutes; undefined: none since `since`. */
  last(environment: string, since: number): Promise<number | undefined>;
}

/** Markdown about what the preview's models answer differently from staging's; undefined: nothing to compare. */
export type ComparePredictions = (request: {
  readonly services: readonly string[];
  readonly url: string;
  readonly stagingUrl: string;
}) => Promise<string | undefined>;

/** Fills the tables of a preview with the synthetic rows of its services. Resolves to their number. */
export type SeedTables = (environment: string, services: readonly string[]) => Promise<number>;

export interface PreviewPorts extends ReleasePorts {
  readonly github: GitHub;
  readonly provision: ProvisionPreview;
  readonly inventory: Inventory;
  readonly documents: Documents;
  readonly power: Power;
  readonly visits: Visits;
  readonly predictions: ComparePredictions;
  readonly seedTables: SeedTables;
}

export interface PreviewContext {
  readonly project: Project;
  readonly actor: string;
  /** Link to the workflow run. */
  readonly run: string;
  /** Days without a push or a visit after which a preview is destroyed. */
  readonly expiryDays: number;
}

export type PreviewManifest = Pick<
  Manifest,
  'name' | 'kind' | 'routes' | 'cpu' | 'memory' | 'rollout' | 'owns' | 'uses'
>;

/** Environment of a pull request. */
export const previewEnvironment = (number: number): string => `pr-${number}`;

export const DEFAULT_IDLE_MINUTES = 60;
