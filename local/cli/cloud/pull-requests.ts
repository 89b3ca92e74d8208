import { snapshotTree } from '../../github/repository/seed.ts';
import type { GitHub, PullRequest } from '../../github/types.ts';
import { type CallContext, CallRefused, type Method } from './control.ts';
import type { MethodContext } from './methods.ts';
import { followRuns } from './runs.ts';
import type { FileChanges, PullRequestReport, RunReport } from './wire.ts';

interface Answer {
  readonly pullRequest: PullRequestReport;
  readonly commit: string;
  readonly runs: readonly RunReport[];
}

/** Pull requests as a developer makes them: from the working tree, or from given files. */
export function pullRequestMethods(context: MethodContext): Readonly<Record<string, Method>> {
  const { github } = context.local;
  const finish = async (pull: PullRequest, runs: readonly number[], call: CallContext): Promise<Answer> => ({
    pullRequest: reportPullRequest(pull),
    commit: pull.mergeCommit ?? pull.headCommit,
    runs: await followRuns(github, runs, call),
  });
  return {
    async 'pr-open'(parameters, call) {
      const title = String(parameters['title']);
      const branch = `change-${github.pullRequests().length + 1}-${Date.now().toString(36)}`;
      await change(context, {
        branch,
        from: 'main',
        message: title,
        files: parameters['files'] as FileChanges | undefined,
      });
      const opened = await github.openPullRequest({ head: branch, title, fork: parameters['fork'] === true });
      return await finish(opened, opened.runs, call);
    },
    async 'pr-push'(parameters, call) {
      const pull = find(github, parameters['number']);
      if (pull.state !== 'open') throw new CallRefused(`Pull request ${pull.number} is closed`);
      const files = parameters['files'] as FileChanges | undefined;
      const message = 'More changes';
      const { runs } = await github.push(
        files
          ? { branch: pull.head, message, files }
          : {
              branch: pull.head,
              commit: await change(context, { branch: pull.head, from: pull.head, message, files }),
            },
      );
      return await finish(find(github, pull.number), runs, call);
    },
    async 'pr-comment'(parameters, call) {
      const { number } = find(github, parameters['number']);
      const author = parameters['author'] === undefined ? {} : { author: String(parameters['author']) };
      const { runs } = await github.comment({ number, body: String(parameters['body']), ...author });
      return await finish(find(github, number), runs, call);
    },
    async 'pr-label'(parameters, call) {
      const labels = parameters['labels'] as readonly string[];
      const labelled = await github.labelPullRequest(find(github, parameters['number']).number, labels);
      return await finish(labelled, labelled.runs, call);
    },
    async 'pr-reopen'(parameters, call) {
      const reopened = await github.reopenPullRequest(find(github, parameters['number']).number);
      return await finish(reopened, reopened.runs, call);
    },
    async 'pr-close'(parameters, call) {
      const pull = find(github, parameters['number']);
      if (pull.state === 'closed') return await finish(pull, closingRuns(github, pull), call);
      const closed = await github.closePullRequest(pull.number);
      return await finish(closed, closed.runs, call);
    },
    async merge(parameters, call) {
      const merged = await github.mergePullRequest(find(github, parameters['number']).number);
      return await finish(merged, merged.runs, call);
    },
  };
}

/** Commits files on a branch and tells GitHub, waiting for what that starts. */
export async function commitFiles(
  { local }: MethodContext,
  commit: { readonly branch: string; readonly message: string; readonly files: FileChanges },
  call: CallContext,
): Promise<{ commit: string; runs: RunReport[] }> {
  const pushed = await local.github.push(commit);
  return { commit: pushed.commit, runs: await followRuns(local.github, pushed.runs, call) };
}

interface Change {
  readonly branch: string;
  readonly from: string;
  readonly message: string;
  readonly files: FileChanges | undefined;
}

/** One commit with the given files, or with the working tree as it is. */
async function change({ local, root }: MethodContext, { branch, from, message, files }: Change): Promise<string> {
  const { github } = local;
  if (files) return await github.commit({ branch, from, message, files });
  const commit = await snapshotTree({ repository: github.repositoryFolder, from: root, branch, parent: from, message });
  if (commit === undefined) throw new CallRefused(`The working tree has no changes against ${from} of the local cloud`);
  return commit;
}

/** Runs that the closing of a pull request started, for one that was closed before (by merging it). */
function closingRuns(github: GitHub, pull: PullRequest): number[] {
  const runs = github.runs.list({ workflow: 'preview.yml', event: 'pull_request_target' });
  const last = runs.find((run) => run.pullRequest === pull.number);
  return last ? [last.id] : [];
}

function find(github: GitHub, number: unknown): PullRequest {
  const pull = github.pullRequest(Number(number));
  if (!pull) throw new CallRefused(`There is no pull request ${String(number)}. See: npm run local -- status`);
  return pull;
}

export function reportPullRequest({ number, title, state, mergeCommit, headCommit }: PullRequest): PullRequestReport {
  return { number, title, commit: headCommit, state: state === 'closed' && mergeCommit ? 'merged' : state };
}
