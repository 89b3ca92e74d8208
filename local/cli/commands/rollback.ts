import type { Command } from '../arguments.ts';
import type { RunReport } from '../cloud/wire.ts';
import type { CommandContext } from './context.ts';
import { callShown, showRuns, withRunningCloud } from './with-cloud.ts';

/** Dispatches rollback.yml, as the button on GitHub does. */
export function rollback(command: Extract<Command, { name: 'rollback' }>, context: CommandContext): Promise<boolean> {
  const { environment, target, services, resume, plan, dryRun } = command;
  const reason = command.reason || (resume ? 'resumed from the command line' : 'rolled back from the command line');
  const started = performance.now();
  return withRunningCloud(context, async (cloud) => {
    if (dryRun) {
      const would = resume
        ? `let automatic deployments of ${environment} run again`
        : `put ${environment} back on ${target || 'the release before'} and freeze automatic deployments`;
      context.output.result({ ok: true, dryRun: true, would }, `Would ${would}`);
      return true;
    }
    const inputs = { environment, target, services, reason, resume: String(resume), 'dry-run': String(plan) };
    const run = await callShown<RunReport>(
      { method: 'dispatch', parameters: { workflow: 'rollback.yml', inputs } },
      cloud,
      context,
    );
    if (run && plan) for (const { summary } of run.jobs) context.output.say(summary.trimEnd());
    return run ? showRuns({ runs: [run] }, started, context) : false;
  });
}
