import type { PredictionReport } from '../predictions/types.ts';
import type { DeploymentFailure } from './failure.ts';
import type { MoveSeconds } from './moves.ts';
import type { Plan } from './plan.ts';
import type { PreflightCheck } from './preflight.ts';
import type { Restorable } from './restorable.ts';
import type { Release } from './types.ts';

export type RollbackResult =
  | {
      readonly outcome: 'rolled back';
      readonly release: Release;
      readonly from: Release;
      readonly to: Release;
      readonly plan: Plan;
      readonly seconds: MoveSeconds;
      readonly url: string;
      readonly warnings: readonly string[];
      readonly preflight: readonly PreflightCheck[];
      readonly predictions?: PredictionReport;
    }
  | { readonly outcome: 'already there'; readonly release: Release; readonly to: Release; readonly url: string }
  | {
      readonly outcome: 'refused';
      readonly environment: string;
      readonly problems: readonly string[];
      /** What could be brought back, where the target was the problem. */
      readonly offered: readonly Restorable[];
    }
  /** Somebody else wanted the environment more. */
  | { readonly outcome: 'stopped'; readonly release: Release; readonly message: string; readonly url: string }
  | {
      readonly outcome: 'failed';
      readonly release: Release;
      readonly to: Release;
      readonly plan: Plan;
      readonly failure: DeploymentFailure;
      readonly url: string;
    };

/** A result in the words of the history. */
export function summaryOf(result: RollbackResult): {
  outcome: string;
  commit?: string;
  release?: string;
  detail?: string;
} {
  const { outcome } = result;
  if (outcome === 'refused') return { outcome, detail: result.problems.join('; ') };
  const { release } = result;
  const known = { outcome, release: release.id, commit: release.commit };
  if (outcome === 'failed') return { ...known, detail: release.failure ?? '' };
  return { ...known, detail: outcome === 'stopped' ? result.message : release.reason };
}

export const refused = (
  environment: string,
  problems: readonly string[],
  offered: readonly Restorable[] = [],
): RollbackResult => ({ outcome: 'refused', environment, problems, offered });
