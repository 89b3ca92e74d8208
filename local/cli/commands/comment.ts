import type { Command } from '../arguments.ts';
import type { RunReport } from '../cloud/wire.ts';
import type { CommandContext } from './context.ts';
import { callShown, showRuns, withRunningCloud } from './with-cloud.ts';

/** Comments as a person does on GitHub, and waits for what that starts. */
export function comment(
  { number, body }: Extract<Command, { name: 'comment' }>,
  context: CommandContext,
): Promise<boolean> {
  const started = performance.now();
  return withRunningCloud(context, async (cloud) => {
    const call = { method: 'comment', parameters: { number, body } };
    const result = await callShown<{ runs: readonly RunReport[] }>(call, cloud, context);
    return result ? showRuns({ runs: result.runs }, started, context) : false;
  });
}
