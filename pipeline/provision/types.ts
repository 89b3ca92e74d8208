import type { Review } from '../plan/review.ts';
import type { StackPlan } from '../plan/types.ts';

/** What a provision is asked for. */
export interface ProvisionRequest {
  /** Absolute path of the checkout: main.ts, slipway.json, services/. */
  readonly root: string;
  /** Ids of stacks (`staging-app`, `preview-pr-1`); the order does not matter. At most one preview. */
  readonly stacks: readonly string[];
  readonly mode: ProvisionMode;
  /** Environment variables of Terraform and of the synthesis: AWS_*, TF_*, SLIPWAY_*, PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Terraform's binary. Default: `terraform` on the PATH. */
  readonly terraform?: string;
  /** Folder for the synthesized stacks, in which Terraform works. Default: `cdktf.out` in the checkout. */
  readonly output?: string;
  /** `output` holds what another job synthesized: main.ts is not run. */
  readonly synthesized?: boolean;
  /** Plan: stacks of which exactly this was applied before are not planned again. */
  readonly skipUnchanged?: boolean;
  /**
   * Apply: what a person has seen of it. With it, a stack that was applied before is planned first, refused when it loses data that nobody allowed to
   * go, and exactly that plan is applied.
   */
  readonly review?: () => Promise<Review>;
  /** Aborted = Terraform is asked to stop, as by SIGINT. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: ProvisionEvent) => void;
}

/** `plan` changes nothing, `destroy` removes the stacks and their state. */
export type ProvisionMode = 'apply' | 'plan' | 'destroy';

export interface ProvisionEvent {
  /** Id of the stack; absent while all of them are synthesized. */
  readonly stack?: string;
  /** One line for people. */
  readonly message: string;
}

/**
 * `unchanged`: skipped, because exactly this was applied before. `no-changes`: Terraform found nothing to do.
 * `changes`: a plan that is not empty.
 */
export type StackStatus = 'unchanged' | 'no-changes' | 'applied' | 'changes' | 'failed' | 'destroyed';

export interface StackResult {
  readonly stack: string;
  readonly status: StackStatus;
  /** Numbers of resources. */
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly seconds: number;
  /** What Terraform changed, would change or destroyed: `create aws_ecs_service.web`. */
  readonly changes: readonly string[];
  /** Plan: this is not what was applied last. */
  readonly ahead?: boolean;
  /** Hash of the synthesized JSON. */
  readonly hash?: string;
  /** Details of a plan that is not empty. */
  readonly plan?: StackPlan;
  /** Whether what was applied is what a pull request's plan showed. */
  readonly reviewed?: 'yes' | 'no' | 'differs';
  /** Why it failed, in words, with the way out. */
  readonly error?: string;
}

export type ProvisionResult =
  | { readonly ok: true; readonly stacks: readonly StackResult[] }
  | { readonly ok: false; readonly problem: string; readonly stacks: readonly StackResult[] };
