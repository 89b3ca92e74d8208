import { resolve } from 'node:path';
import { planIsEmpty } from '../../pipeline/provision/provision.ts';
import type { ProvisionResult } from '../../pipeline/provision/types.ts';
import { provisionReport } from '../../pipeline/report/provision.ts';
import { choice, InputError, text, words } from '../kit/inputs.ts';
import { runProvision } from '../kit/provision.ts';
import { connectReview } from '../kit/review.ts';
import { run } from '../kit/run.ts';
import { readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const stacks = words('stacks');
  if (stacks.length === 0) throw new InputError('input "stacks" is missing');
  const mode = choice('mode', ['apply', 'plan']);
  const surroundings = readSurroundings(process.env);
  const folder = text('synthesized');
  const review = connectReview(surroundings, { token: text('token'), commit: text('commit'), progress: log });
  const result = await runProvision(
    {
      ...{ stacks, mode, review },
      ...(folder === '' ? {} : { synthesized: true, output: resolve(surroundings.root, folder, 'cdktf.out') }),
    },
    surroundings,
    log,
  );
  const error = problemOf(mode, result);
  return {
    summary: provisionReport(mode, result),
    outputs: { changes: JSON.stringify(result.stacks.map(({ changes: _, plan: __, ...stack }) => stack)) },
    ...(error !== undefined && { error }),
  };
});

/** A plan is asked for to learn that nothing drifted: one that is not empty is bad news. */
function problemOf(mode: 'apply' | 'plan', result: ProvisionResult): string | undefined {
  if (!result.ok) return result.problem;
  if (mode === 'apply' || planIsEmpty(result.stacks)) return undefined;
  const drifted = result.stacks.filter(({ status }) => status === 'changes').map(({ stack }) => stack);
  return `What is deployed differs from main: ${drifted.join(', ')}. Run the deploy workflow to apply it, or undo the change by hand.`;
}
