import { DEFAULT_IDLE_MINUTES } from '../../pipeline/preview/ports.ts';
import { type SweepResult, sweep } from '../../pipeline/preview/sweep.ts';
import type { ReleasePorts } from '../../pipeline/release/ports.ts';
import { settleEnvironment } from '../../pipeline/release/settle-environment.ts';
import { settledReport, sweepReport } from '../../pipeline/report/sweep.ts';
import { days, flag, optionalNumber, text, words } from '../kit/inputs.ts';
import { connectPreviewPorts } from '../kit/preview-ports.ts';
import { type ActionResult, run } from '../kit/run.ts';
import { connectPorts, NO_HISTORY, readSurroundings } from '../kit/surroundings.ts';

process.exitCode = await run(async (log) => {
  const number = optionalNumber('number');
  const idleMinutes = optionalNumber('idle-minutes') ?? DEFAULT_IDLE_MINUTES;
  const inputs = { dryRun: flag('dry-run'), expiryDays: days('expiry-days'), idleMinutes, ...(number && { number }) };
  const environments = words('settle');
  const surroundings = readSurroundings(process.env);
  const { project, actor, run } = surroundings;
  if (environments.length > 0) {
    return settle(environments, actor, connectPorts(surroundings, { history: NO_HISTORY, progress: log }));
  }
  const ports = connectPreviewPorts({ surroundings, token: text('token'), progress: log });
  return toResult(await sweep({ ...inputs, project, actor, run }, ports));
});

async function settle(environments: readonly string[], actor: string, ports: ReleasePorts): Promise<ActionResult> {
  const settled = await Promise.all(environments.map((environment) => settleEnvironment(environment, actor, ports)));
  return { summary: settledReport(settled.flat()), outputs: { destroyed: '[]', left: '[]' } };
}

function toResult(result: SweepResult): ActionResult {
  const { previews } = result;
  const destroyed = previews.flatMap(({ number, outcome }) => (outcome === 'destroyed' ? [`pr-${number}`] : []));
  const left = previews.flatMap((swept) => ('left' in swept ? swept.left : []));
  const failures = previews.flatMap((swept) =>
    swept.outcome === 'failed' ? [`pr-${swept.number}: ${swept.reason}`] : [],
  );
  const problems = [...failures, ...(left.length === 0 ? [] : [`Left behind: ${left.join(', ')}`])];
  const outputs = { destroyed: JSON.stringify(destroyed), left: JSON.stringify(left) };
  return { summary: sweepReport(result), outputs, ...(problems.length > 0 && { error: problems.join('\n') }) };
}
