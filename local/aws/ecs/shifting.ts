/** How a canary or blue/green deployment goes on; times in milliseconds, already sped up. */
export interface ShiftPlan {
  /** Percent of the requests that the new revision gets at first; absent: all at once. */
  readonly canary?: { readonly percent: number; readonly bake: number };
  /** How long the old revision stands by once all requests go to the new one. */
  readonly bake: number;
}

export type ShiftStage = 'RECONCILE_SERVICE' | 'SCALE_UP' | 'PRODUCTION_TRAFFIC_SHIFT' | 'BAKE_TIME' | 'CLEAN_UP';

/** The tasks of one side that are not on their way out. */
interface Side {
  readonly all: number;
  readonly healthy: number;
}

export interface ShiftState {
  readonly plan: ShiftPlan;
  readonly stage: ShiftStage;
  /** Milliseconds since the stage began. */
  readonly elapsed: number;
  readonly isGoingBack: boolean;
  readonly desired: number;
  /** Tasks that the old side is to have while it stands by. */
  readonly desiredSource: number;
  readonly target: Side;
  readonly source: Side;
  /** Tasks of other deployments, running or stopping. */
  readonly others: number;
}

export interface ShiftStep {
  readonly stage: ShiftStage;
  /** Percent of the requests for the new revision. */
  readonly percent: number;
  readonly startTarget: number;
  readonly startSource: number;
  readonly stop: readonly ('target' | 'source' | 'others')[];
  readonly outcome?: 'SUCCESSFUL' | 'ROLLBACK_SUCCESSFUL';
}

/**
 * What to do next. Pure. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html;
 * lifecycle hooks and test traffic are not emulated.
 */
export function shiftStep(state: ShiftState): ShiftStep {
  const { plan, desired, target, source } = state;
  const startSource = Math.max(0, state.desiredSource - source.all);
  if (state.isGoingBack) {
    const isBack = target.all === 0 && state.others === 0;
    const stop = ['target', 'others'] as const;
    const step = { stage: state.stage, percent: 0, startTarget: 0, startSource, stop };
    return isBack ? { ...step, outcome: 'ROLLBACK_SUCCESSFUL' } : step;
  }
  const stage = nextStage(state);
  const percent = stage === 'PRODUCTION_TRAFFIC_SHIFT' ? (plan.canary?.percent ?? 100) : isShifted(stage) ? 100 : 0;
  const startTarget = stage === 'RECONCILE_SERVICE' ? 0 : Math.max(0, desired - target.all);
  if (stage !== 'CLEAN_UP') {
    const stop = stage === 'RECONCILE_SERVICE' ? (['others'] as const) : [];
    return { stage, percent, startTarget, startSource, stop };
  }
  const step = { stage, percent, startTarget, startSource: 0, stop: ['source', 'others'] as const };
  return source.all === 0 && target.healthy >= desired ? { ...step, outcome: 'SUCCESSFUL' } : step;
}

const isShifted = (stage: ShiftStage): boolean => stage === 'BAKE_TIME' || stage === 'CLEAN_UP';

function nextStage({ plan, stage, elapsed, desired, target, others }: ShiftState): ShiftStage {
  switch (stage) {
    case 'RECONCILE_SERVICE':
      return others === 0 ? 'SCALE_UP' : stage;
    case 'SCALE_UP':
      if (target.healthy < desired) return stage;
      return plan.canary === undefined ? 'BAKE_TIME' : 'PRODUCTION_TRAFFIC_SHIFT';
    case 'PRODUCTION_TRAFFIC_SHIFT':
      return elapsed >= (plan.canary?.bake ?? 0) ? 'BAKE_TIME' : stage;
    case 'BAKE_TIME':
      return elapsed >= plan.bake ? 'CLEAN_UP' : stage;
    case 'CLEAN_UP':
      return stage;
  }
}
