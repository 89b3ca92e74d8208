import type { CallResult } from '../cloud/client.ts';
import { stopCloud } from '../cloud/halt.ts';
import { connect, launch, type RunningCloud } from '../cloud/launch.ts';
import type { RunReport } from '../cloud/wire.ts';
import { duration } from '../output.ts';
import type { CommandContext } from './context.ts';

/** Runs `work` on the local cloud, starting it if need be. When interrupted, a cloud that was started for this is taken down again. */
export async function withCloud(
  context: CommandContext,
  work: (cloud: RunningCloud) => Promise<boolean>,
): Promise<boolean> {
  const { home, root, environment, output, signal } = context;
  const started = performance.now();
  const launched = await launch({ home, root, environment, signal });
  if (launched.kind === 'refused') {
    output.fail(launched.message);
    return false;
  }
  const { cloud } = launched;
  if (cloud.started) output.say(`Local cloud started in ${duration(performance.now() - started)}`);
  const ok = signal.aborted ? false : await work(cloud);
  if (signal.aborted && cloud.started) await stopCloud(home);
  return ok;
}

/** Runs `work` on the local cloud that is there; says how to start one otherwise. */
export async function withRunningCloud(
  context: CommandContext,
  work: (cloud: RunningCloud) => Promise<boolean>,
): Promise<boolean> {
  const cloud = connect(context.home);
  if (cloud) return await work(cloud);
  context.output.fail('The local cloud is not running. Start it with: npm run local -- up');
  return false;
}

/** Calls a method, showing its progress; an expected failure is printed and gives undefined. */
export async function callShown<Result>(
  call: { method: string; parameters?: object },
  cloud: RunningCloud,
  context: CommandContext,
): Promise<Result | undefined> {
  const result: CallResult<Result> = await cloud.client.call<Result>(call.method, call.parameters ?? {}, {
    signal: context.signal,
    onEvent: (event) => context.output.progress(String(event['text'] ?? '')),
  });
  if (result.ok) return result.value;
  if (!context.signal.aborted) context.output.fail(result.bug ?? result.message);
  return undefined;
}

/** Prints what workflow runs came to, and the Markdown that they wrote for people. Returns whether all succeeded. */
export function showRuns(
  value: { runs: readonly RunReport[] } & Record<string, unknown>,
  started: number,
  context: CommandContext,
): boolean {
  const { output } = context;
  const ok = value.runs.every(({ conclusion }) => conclusion === 'success');
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const mark = (good: boolean): string => (good ? output.style.good('✓') : output.style.bad('✗'));
  const lines = value.runs.flatMap((run) => [
    `${mark(run.conclusion === 'success')} ${run.workflow} ${run.conclusion} in ${run.seconds.toFixed(1)} s (run ${run.id})`,
    // What went well is told by its line; of what did not, people want the whole story.
    ...run.jobs.flatMap(({ summary, conclusion }) => (conclusion === 'failure' ? [summary.trimEnd()] : [])),
    ...run.jobs.flatMap(({ name, errors }) =>
      errors.map((error) => `  ${output.style.bad('error')} ${name}: ${error}`),
    ),
  ]);
  const shown = {
    ...value,
    runs: value.runs.map(({ jobs, ...run }) => ({ ...run, jobs: jobs.map(({ summary: _, ...job }) => job) })),
  };
  output.result({ ok, seconds, ...shown }, lines.join('\n') || 'No workflow was started by this');
  return ok;
}
