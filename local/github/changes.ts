import type { Shapes } from './api/shapes/shapes.ts';
import { addComment } from './comments.ts';
import { commentEvent } from './events/comment.ts';
import type { RepositoryEvent } from './events/event.ts';
import { type PullRequestAction, pullRequestEvents } from './events/pull-request.ts';
import { pushEvent } from './events/push.ts';
import { knownIssue } from './issues.ts';
import { closePull, knownPull, mergePull, type NewPullRequest, openPull, refresh, reopenPull, save } from './pulls.ts';
import type { Author } from './repository/author.ts';
import { commitFiles } from './repository/commit.ts';
import { resolveCommit } from './repository/git.ts';
import { updateRef } from './repository/merge.ts';
import type { Runner } from './runs/runner.ts';
import { trigger, triggerOne } from './runs/trigger.ts';
import type { Workflows } from './runs/workflows.ts';
import { DEVELOPER_LOGIN, type Site } from './site.ts';
import { type Comment, GitHubError, type PullRequest, type PushRequest, type Started } from './types.ts';

/** Who changes something: what a GITHUB_TOKEN changes starts no workflow, so that workflows do not call themselves. */
export type Voice = 'developer' | 'workflow';

/** Everything that changes the repository and may start workflows. */
export interface Changes {
  push(request: PushRequest, voice?: Voice): Promise<Started & { readonly commit: string }>;
  open(request: NewPullRequest, voice?: Voice): Promise<Started & PullRequest>;
  close(number: number, voice?: Voice): Promise<Started & PullRequest>;
  /** One event for every label that comes or goes. */
  label(number: number, labels: readonly string[], voice?: Voice): Promise<Started & PullRequest>;
  /** A person's comment; one that is made through the API with a GITHUB_TOKEN starts nothing. */
  comment(request: {
    readonly number: number;
    readonly body: string;
    readonly author?: string;
  }): Promise<Started & Comment>;
  reopen(number: number, voice?: Voice): Promise<Started & PullRequest>;
  merge(number: number, options?: { readonly author?: Author; readonly voice?: Voice }): Promise<Started & PullRequest>;
  /** Starts a run even for a GITHUB_TOKEN, as GitHub does. */
  dispatch(workflow: string, ref: string, inputs: Readonly<Record<string, unknown>>): Promise<number>;
  schedule(workflow: string): Promise<number>;
}

export function createChanges(given: {
  readonly site: Site;
  readonly shapes: Shapes;
  readonly workflows: Workflows;
  readonly runner: Runner;
}): Changes {
  const { site, shapes, workflows, runner } = given;

  async function start(events: readonly RepositoryEvent[], voice: Voice = 'developer'): Promise<number[]> {
    if (voice === 'workflow') return [];
    const runs: number[] = [];
    for (const event of events) runs.push(...(await trigger(workflows, runner, event)));
    return runs;
  }
  async function announce(
    action: PullRequestAction,
    pull: PullRequest,
    voice: Voice | undefined,
  ): Promise<Started & PullRequest> {
    return { ...pull, runs: await start(pullRequestEvents(site, shapes, { action, pull }), voice) };
  }
  /** What follows from a branch that moved: `push`, and `synchronize` of its open pull requests. */
  async function moved(
    { branch, before, after }: { readonly branch: string; readonly before: string | undefined; readonly after: string },
    voice: Voice | undefined,
  ): Promise<number[]> {
    const runs = await start([await pushEvent(site, shapes, { branch, before, after })], voice);
    for (const known of site.state.pulls.list()) {
      if (known.state !== 'open') continue;
      if (known.base === branch) await refresh(site, known);
      if (known.head !== branch) continue;
      const pull = await refresh(site, known);
      const change = { action: 'synchronize' as const, pull, ...(before === undefined ? {} : { before }) };
      runs.push(...(await start(pullRequestEvents(site, shapes, change), voice)));
    }
    return runs;
  }

  return {
    async push(request, voice) {
      const { branch } = request;
      const before = await resolveCommit(site.folder, `refs/heads/${branch}`);
      const after = 'commit' in request ? await moveBranch(site, request) : await commitFiles(site.folder, request);
      if (before === after) return { commit: after, runs: [] };
      return { commit: after, runs: await moved({ branch, before, after }, voice) };
    },
    open: async (request, voice) => announce('opened', await openPull(site, request), voice),
    close: async (number, voice) => announce('closed', closePull(site, number), voice),
    async label(number, labels, voice) {
      const before = knownPull(site, number);
      const pull = save(site, { ...before, labels });
      const had = before.labels ?? [];
      const runs: number[] = [];
      for (const label of new Set([...had, ...labels])) {
        if (had.includes(label) === labels.includes(label)) continue;
        const action = labels.includes(label) ? 'labeled' : 'unlabeled';
        runs.push(...(await start(pullRequestEvents(site, shapes, { action, pull, label }), voice)));
      }
      return { ...pull, runs };
    },
    async comment({ number, body, author = DEVELOPER_LOGIN }) {
      const issue = knownIssue(site, number);
      const comment = addComment(site, { number, body, author });
      return { ...comment, runs: await start([await commentEvent(site, shapes, { comment, issue })]) };
    },
    reopen: async (number, voice) => announce('reopened', await reopenPull(site, number), voice),
    async merge(number, { author, voice } = {}) {
      const { pull, before } = await mergePull(site, number, author);
      const closed = await announce('closed', pull, voice);
      const pushed = await moved({ branch: pull.base, before, after: pull.mergeCommit ?? before }, voice);
      return { ...pull, runs: [...pushed, ...closed.runs] };
    },
    dispatch: async (workflow, ref, inputs) =>
      triggerOne({ workflows, runner }, await manualEvent(site, shapes, { name: 'workflow_dispatch', ref }), {
        workflow,
        inputs,
      }),
    schedule: async (workflow) =>
      triggerOne({ workflows, runner }, await manualEvent(site, shapes, { name: 'schedule', ref: 'main' }), {
        workflow,
      }),
  };
}

async function moveBranch(site: Site, { branch, commit }: { branch: string; commit: string }): Promise<string> {
  const resolved = await resolveCommit(site.folder, commit);
  if (!resolved) throw new GitHubError(422, `There is no commit ${commit}`);
  await updateRef(site.folder, `refs/heads/${branch}`, resolved);
  return resolved;
}

async function manualEvent(
  site: Site,
  shapes: Shapes,
  { name, ref }: { readonly name: 'workflow_dispatch' | 'schedule'; readonly ref: string },
): Promise<RepositoryEvent> {
  const branch = ref.replace(/^refs\/heads\//, '');
  const commit = await resolveCommit(site.folder, `refs/heads/${branch}`);
  if (!commit) throw new GitHubError(422, `No ref found for: ${ref}`);
  const full = `refs/heads/${branch}`;
  return {
    name,
    ref: full,
    commit,
    filterRef: full,
    changedPaths: async () => [],
    payload: { ref: full, repository: shapes.repository(), sender: shapes.user(DEVELOPER_LOGIN) },
    actor: DEVELOPER_LOGIN,
    title: '',
    branch,
    headCommit: commit,
  };
}
