import type { DriftIssues } from '../ports/drift-issues.ts';
import type { StackResult } from '../provision/types.ts';
import { DRIFT_LABEL, type DriftMove, driftMoves } from './issues.ts';

export interface KeptIssue {
  readonly stack: string;
  readonly number: number;
  readonly what: 'opened' | 'updated' | 'closed';
}

/** Makes the repository's issues say what the plans say. */
export async function keepIssues(
  stacks: readonly StackResult[],
  issues: DriftIssues,
  { describe, closing }: { readonly describe: (stack: StackResult) => string; readonly closing: string },
): Promise<readonly KeptIssue[]> {
  const moves = driftMoves(stacks, await issues.open(DRIFT_LABEL), describe);
  const kept: KeptIssue[] = [];
  for (const move of moves) kept.push(await carryOut(move, issues, closing));
  return kept;
}

async function carryOut(move: DriftMove, issues: DriftIssues, closing: string): Promise<KeptIssue> {
  const { stack } = move;
  switch (move.kind) {
    case 'open': {
      const number = await issues.create({ title: move.title, body: move.body, label: DRIFT_LABEL });
      return { stack, number, what: 'opened' };
    }
    case 'update':
      await issues.update(move.number, move.body);
      return { stack, number: move.number, what: 'updated' };
    case 'close':
      await issues.close(move.number, closing);
      return { stack, number: move.number, what: 'closed' };
  }
}
