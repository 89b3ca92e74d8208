import { getOctokit } from '@actions/github';
import type { Issues, OpenedIssue } from './issues.ts';

const LABEL = 'slipway';
/** What GitHub lists of a comparison on one page, and more than anybody reads. */
const COMMITS = 250;

const isNotFound = (error: unknown): boolean => (error as { status?: number } | null)?.status === 404;

async function unlessMissing<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Issues over GitHub's REST API. `repository` is `owner/name`. */
export function createIssues(token: string, repository: string): Issues {
  const { rest, paginate } = getOctokit(token);
  const [owner = '', repo = ''] = repository.split('/');
  const at = { owner, repo };
  async function find(marker: string): Promise<OpenedIssue | undefined> {
    const open = await paginate(rest.issues.listForRepo, { ...at, state: 'open', labels: LABEL, per_page: 100 });
    const found = open.find(({ body }) => body?.startsWith(marker));
    return found && { number: found.number, url: found.html_url };
  }
  const defaultBranch = async (): Promise<string> => (await rest.repos.get(at)).data.default_branch;
  return {
    async upsert({ marker, title, body: text }) {
      const body = `${marker}\n${text}`;
      const open = await find(marker);
      if (open !== undefined) {
        await rest.issues.update({ ...at, issue_number: open.number, title, body });
        return open;
      }
      const { data } = await rest.issues.create({ ...at, title, body, labels: [LABEL] });
      return { number: data.number, url: data.html_url };
    },
    async close(marker, comment) {
      const open = await find(marker);
      if (open === undefined) return undefined;
      await rest.issues.createComment({ ...at, issue_number: open.number, body: comment });
      await rest.issues.update({ ...at, issue_number: open.number, state: 'closed' });
      return open;
    },
    async comment(number, body) {
      await rest.issues.createComment({ ...at, issue_number: number, body });
    },
    async commitsSince(base) {
      const compared = await unlessMissing(async () =>
        rest.repos.compareCommitsWithBasehead({
          ...at,
          basehead: `${base}...${await defaultBranch()}`,
          per_page: COMMITS,
        }),
      );
      const commits = (compared?.data.commits ?? []).toReversed().map(({ sha, commit, author, html_url: url }) => ({
        sha,
        title: commit.message.split('\n')[0] ?? '',
        author: author?.login ?? commit.author?.name ?? '',
        url,
      }));
      return { commits, total: compared?.data.total_commits ?? 0 };
    },
    mergeCommit: (number) =>
      unlessMissing(async () => {
        const { data } = await rest.pulls.get({ ...at, pull_number: number });
        return data.merged ? (data.merge_commit_sha ?? undefined) : undefined;
      }),
    async reviews(run) {
      const { data } = await rest.actions.getReviewsForRun({ ...at, run_id: run });
      return data.map(({ environments, user, state }) => ({
        environments: environments.map(({ name = '' }) => name),
        by: user.login,
        approved: state === 'approved',
      }));
    },
    async mayWrite(username) {
      const answer = await unlessMissing(() => rest.repos.getCollaboratorPermissionLevel({ ...at, username }));
      return answer?.data.permission === 'admin' || answer?.data.permission === 'write';
    },
    async dispatch(workflow, inputs) {
      await rest.actions.createWorkflowDispatch({ ...at, workflow_id: workflow, ref: await defaultBranch(), inputs });
    },
  };
}
