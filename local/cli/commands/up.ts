import type { RunReport } from '../cloud/wire.ts';
import type { CommandContext } from './context.ts';
import { printStatus } from './status.ts';
import { callShown, showRuns, withCloud } from './with-cloud.ts';

/** Starts the local cloud and brings the working tree, as `main`, to staging and production. */
export function up(context: CommandContext): Promise<boolean> {
  const started = performance.now();
  return withCloud(context, async (cloud) => {
    const result = await callShown<{ commit: string; runs: RunReport[] }>({ method: 'bootstrap' }, cloud, context);
    if (!result) return false;
    const ok = showRuns(result, started, context);
    if (ok) await printStatus(cloud, context);
    return ok;
  });
}
