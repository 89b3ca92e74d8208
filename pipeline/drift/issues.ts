import type { StackResult } from '../provision/types.ts';

/** Label of the issues that are about drift. */
export const DRIFT_LABEL = 'drift';

export interface OpenIssue {
  readonly number: number;
  readonly body: string;
}

export type DriftMove =
  | { readonly kind: 'open'; readonly stack: string; readonly title: string; readonly body: string }
  | { readonly kind: 'update'; readonly stack: string; readonly number: number; readonly body: string }
  | { readonly kind: 'close'; readonly stack: string; readonly number: number };

/** Finds the issue of a stack among others; GitHub shows no HTML comments. */
export const driftMarker = (stack: string): string => `<!-- slipway-drift:${stack} -->`;

/**
 * One issue per drifting stack: opened when it begins to drift, updated when it drifts otherwise, closed when it no longer does. A stack that could not be
 * planned says nothing, so its issue stays.
 */
export function driftMoves(
  stacks: readonly StackResult[],
  open: readonly OpenIssue[],
  describe: (stack: StackResult) => string,
): readonly DriftMove[] {
  return stacks.flatMap((result): DriftMove[] => {
    const { stack, status } = result;
    const [issue, ...doubles] = open.filter(({ body }) => body.includes(driftMarker(stack)));
    const closings = (issues: readonly OpenIssue[]): DriftMove[] =>
      issues.map(({ number }) => ({ kind: 'close', stack, number }));
    if (status === 'failed') return [];
    if (status !== 'changes') return closings(issue === undefined ? [] : [issue, ...doubles]);
    const body = `${driftMarker(stack)}\n${describe(result)}`;
    if (issue === undefined) return [{ kind: 'open', stack, title: `Drift: ${stack}`, body }];
    const update: DriftMove[] = sameFinding(issue.body, body)
      ? []
      : [{ kind: 'update', stack, number: issue.number, body }];
    return [...update, ...closings(doubles)];
  });
}

/** The link to the run is different every day; an update for that alone would notify people of nothing. */
const sameFinding = (one: string, other: string): boolean => withoutRun(one) === withoutRun(other);
const withoutRun = (body: string): string => body.replace(/\[Run\]\([^)]*\)/g, '').trim();
