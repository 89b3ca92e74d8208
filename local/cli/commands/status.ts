import { connect, type RunningCloud } from '../cloud/launch.ts';
import type { EnvironmentReport, StatusReport } from '../cloud/wire.ts';
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
    ...report.environments.flatMap(describeEnvironment),
    ...(pullRequests.length > 0 ? ['Pull requests', ...pullRequests] : []),
  ].join('\n');
}

/** The newest releases of an environment; `>` is what serves. */
function describeEnvironment({ name, release, releases = [], lock }: EnvironmentReport): string[] {
  if (releases.length === 0 && lock === undefined) return [];
  const rows = releases.map(({ id, commit, kind, status, actor, createdAt, seconds, failure }) => [
    `${id === release?.id ? '>' : ' '} ${createdAt.slice(0, 19).replace('T', ' ')}`,
    commit.slice(0, 7),
    kind,
    status,
    seconds === undefined ? '' : `${seconds.toFixed(1)} s`,
    actor.split(' ')[0] ?? '',
    failure === undefined ? '' : failure.slice(0, 60),
  ]);
  const locked =
    lock && `  locked by ${lock.holder} since ${lock.since} (${lock.reason}), until ${lock.expires} at least`;
  return [`Releases of ${name}`, table(rows), ...(locked ? [locked] : [])];
}
