/** How a service takes over from its predecessor. */
export interface Rollout {
  /**
   * `rolling`: task by task (a function: all at once). `canary`: a share of the requests first. `blue-green`: all requests at once, to
   * tasks that stand ready beside the old ones.
   */
  readonly strategy: 'rolling' | 'canary' | 'blue-green';
  /** Percent of the requests that the new revision of a canary gets first. */
  readonly percent?: number;
  /** Minutes that a canary has its share only, or that the old revision of a blue/green deployment stands by. */
  readonly bakeMinutes?: number;
}

export const DEFAULT_PERCENT = 10;
export const DEFAULT_BAKE_MINUTES = 5;

/** Whether requests are moved by weight, and by whom they are not: tasks that are replaced one by one need no weights. */
export const isShifted = (rollout: Rollout | undefined): boolean =>
  rollout !== undefined && rollout.strategy !== 'rolling';

export const bakeMinutes = (rollout: Rollout | undefined): number =>
  isShifted(rollout) ? (rollout?.bakeMinutes ?? DEFAULT_BAKE_MINUTES) : 0;
