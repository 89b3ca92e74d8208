import type { Finding } from './rules/finding.ts';
import type { Manifest } from './types.ts';

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

/** Whether requests are moved by weight. */
export const isShifted = (rollout: Rollout | undefined): boolean =>
  rollout !== undefined && rollout.strategy !== 'rolling';

export const bakeMinutes = (rollout: Rollout | undefined): number =>
  isShifted(rollout) ? (rollout?.bakeMinutes ?? DEFAULT_BAKE_MINUTES) : 0;

/** A listener rule takes five values, and the hosts of staging and of previews are two of them; weights are those of one rule. */
const MOST_ROUTES = 3;

/** Contradictions in how a service is rolled out. */
export function rolloutFindings({ kind, rollout, routes = [] }: Manifest): Finding[] {
  if (rollout === undefined) return [];
  const { strategy, percent, bakeMinutes: minutes } = rollout;
  const findings: (Finding | false)[] = [
    strategy !== 'canary' &&
      percent !== undefined && {
        field: 'rollout.percent',
        value: percent,
        problem: `means nothing to a ${strategy} rollout`,
        fix: 'Remove it, or make the strategy canary',
      },
    strategy === 'rolling' &&
      minutes !== undefined && {
        field: 'rollout.bakeMinutes',
        value: minutes,
        problem: 'means nothing to a rolling rollout',
        fix: 'Remove it, or make the strategy canary or blue-green',
      },
    kind === 'function' &&
      strategy === 'blue-green' && {
        field: 'rollout.strategy',
        value: strategy,
        problem: 'is what the alias of a function does anyway',
        fix: 'Remove it, or make it canary',
      },
    kind === 'web' &&
      isShifted(rollout) &&
      routes.length > MOST_ROUTES && {
        field: 'routes',
        value: routes,
        problem: `are more than a ${strategy} rollout can move: its requests go through one listener rule`,
        fix: `Use at most ${MOST_ROUTES} routes`,
      },
  ];
  return findings.filter((finding) => finding !== false);
}
