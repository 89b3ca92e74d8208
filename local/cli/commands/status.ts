import { connect, type RunningCloud } from '../cloud/launch.ts';
import type { StatusReport } from '../cloud/wire.ts';
import { table } from '../output.ts';
import type { CommandContext } from './context.ts';
import { callShown } from './with-cloud.ts';

/** What runs, where it answers, what was released. That nothing runs is an answer, not a failure. */
export async function status(context: CommandContext): Promise<boolean> {
  const cloud = connect(context.home);
  if (cloud) return printStatus(cloud, context);
  context.output.result({ running: false }, 'No local cloud is running. Start it with: npm run local -- up');
  return true;
}

export async function printStatus(cloud: RunningCloud, context: CommandContext): Promise<boolean> {
  const report = await callShown<StatusReport>({ method: 'status' }, cloud, context);
  if (!report) return false;
  context.output.result({ running: true, ...report }, describe(report));
  return true;
}

function describe(report: StatusReport): string {
  const environments = report.environments.map(({ name, url, release, frozen }) => [
    name,
    url,
    release ? `${release.commit.slice(0, 7)} (${release.kind})` : 'nothing released',
    frozen ? `frozen: ${frozen}` : '',
  ]);
  const pullRequests = report.pullRequests.map(({ number, title, state }) => `#${number} ${state.padEnd(6)} ${title}`);
  return [
    `Local cloud, process ${report.pid}, ${report.home}`,
    `Containers run in mode ${report.runtime.mode}: ${report.runtime.limitations}`,
    table(environments),
    ...(pullRequests.length > 0 ? ['Pull requests', ...pullRequests] : []),
  ].join('\n');
}
