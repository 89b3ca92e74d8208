/** One task as the rolling deployment sees it. */
export interface RollingTask {
  readonly id: string;
  readonly deployment: string;
  /** Runs and, behind a load balancer, its target is healthy. */
  readonly healthy: boolean;
}

export interface RollingState {
  readonly primary: string;
  readonly desired: number;
  /** Percent of `desired` that stays healthy at least, and that may exist at most. */
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** Tasks that are not on their way out. */
  readonly tasks: readonly RollingTask[];
  /** The primary deployment has failed for good: nothing more is started for it. */
  readonly failed: boolean;
}

export interface RollingStep {
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  readonly stop: readonly string[];
  /** Every desired task is a healthy one of the primary deployment, and no other is left. */
  readonly complete: boolean;
}

/**
 * What to start and stop next in a rolling update. Pure.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html: the minimum is rounded up, the maximum down.
 */
export function rollingStep(state: RollingState): RollingStep {
  const { primary, desired, tasks } = state;
  const minimum = Math.ceil((desired * state.minimumHealthyPercent) / 100);
  const maximum = Math.max(Math.floor((desired * state.maximumPercent) / 100), desired === 0 ? 0 : 1);
  const mine = tasks.filter(({ deployment }) => deployment === primary);
  const others = tasks.filter(({ deployment }) => deployment !== primary);
  const excess = [...mine]
    .sort((left, right) => Number(left.healthy) - Number(right.healthy))
    .slice(0, Math.max(0, mine.length - desired));
  const stop = [
    ...excess.map(({ id }) => id),
    ...stoppable(others, healthyCount(tasks) - healthyCount(excess), minimum),
  ];
  const room = Math.max(0, maximum - tasks.length);
  const start = state.failed ? 0 : Math.min(Math.max(0, desired - mine.length), room);
  const complete =
    !state.failed && others.length === 0 && mine.length === desired && mine.every(({ healthy }) => healthy);
  return { start, stop, complete };
}

/** Old tasks that may go now: unhealthy ones always, healthy ones while enough healthy tasks remain. */
function stoppable(others: readonly RollingTask[], healthy: number, minimum: number): string[] {
  const unhealthy = others.filter((task) => !task.healthy);
  const spare = Math.max(0, healthy - minimum);
  const surplus = others.filter((task) => task.healthy).slice(0, spare);
  return [...unhealthy, ...surplus].map(({ id }) => id);
}

const healthyCount = (tasks: readonly RollingTask[]): number => tasks.filter(({ healthy }) => healthy).length;

/**
 * How many failed tasks trip the circuit breaker: half of the desired count, at least 3 and at most 200.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function breakerThreshold(desired: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desired * 0.5)));
}
