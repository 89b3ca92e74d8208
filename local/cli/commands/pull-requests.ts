import type { Command } from '../arguments.ts';
import type { PullRequestReport, RunReport } from '../cloud/wire.ts';
import type { CommandContext } from './context.ts';
import { callShown, showRuns, withRunningCloud } from './with-cloud.ts';

type Numbered = Extract<Command, { number: number; dryRun: boolean }>;

/** Opens a pull request with the working tree's changes against the local cloud's main. */
export function openPullRequest(
  command: Extract<Command, { name: 'pr-open' }>,
  context: CommandContext,
): Promise<boolean> {
  const would = `open a pull request "${command.title}" with the working tree's changes and bring up its preview`;
  return perform({ method: 'pr-open', parameters: { title: command.title }, dryRun: command.dryRun, would }, context);
}

/** Pushes the working tree's changes to an open pull request. */
export function pushPullRequest(command: Numbered, context: CommandContext): Promise<boolean> {
  const would = `push the working tree's changes to pull request ${command.number} and update its preview`;
  return perform({ method: 'pr-push', parameters: { number: command.number }, dryRun: command.dryRun, would }, context);
}

export function closePullRequest(command: Numbered, context: CommandContext): Promise<boolean> {
  const would = `close pull request ${command.number} and destroy its preview`;
  return perform(
    { method: 'pr-close', parameters: { number: command.number }, dryRun: command.dryRun, would },
    context,
  );
}

export function merge(command: Numbered, context: CommandContext): Promise<boolean> {
  const would = `merge pull request ${command.number}, release staging and then production`;
  return perform({ method: 'merge', parameters: { number: command.number }, dryRun: command.dryRun, would }, context);
}

interface Act {
  readonly method: string;
  readonly parameters: object;
  readonly dryRun: boolean;
  readonly would: string;
}

function perform(act: Act, context: CommandContext): Promise<boolean> {
  const started = performance.now();
  return withRunningCloud(context, async (cloud) => {
    if (act.dryRun) {
      context.output.result({ ok: true, dryRun: true, would: act.would }, `Would ${act.would}`);
      return true;
    }
    type Result = { pullRequest?: PullRequestReport; runs: RunReport[] };
    const result = await callShown<Result>({ method: act.method, parameters: act.parameters }, cloud, context);
    if (result?.pullRequest)
      context.output.say(`Pull request ${result.pullRequest.number}: ${result.pullRequest.title}`);
    return result ? showRuns(result, started, context) : false;
  });
}
