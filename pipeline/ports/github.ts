import { getOctokit } from '@actions/github';
import type { History, Relation } from './history.ts';

export interface PullRequest {
  readonly number: number;
  readonly open: boolean;
  readonly headCommit: string;
  readonly title: string;
}

/** The calls to GitHub that the actions make. */
export interface GitHub extends History {
  /** Undefined when there is no such pull request. */
  pullRequest(number: number): Promise<PullRequest | undefined>;
  /** Creates or replaces the comment of `number` that contains `marker`. */
  upsertComment(number: number, marker: string, body: string): Promise<void>;
  /** Starts a deployment in GitHub's environment `preview`; `task` tells the pull requests apart. Returns its id. */
  startDeployment(request: { commit: string; task: string; description: string }): Promise<number>;
  finishDeployment(id: number, result: { state: 'success' | 'failure'; url?: string }): Promise<void>;
  /** Marks every deployment of `task` inactive. */
  retireDeployments(task: string): Promise<void>;
}

const PREVIEW = 'preview';
const isNotFound = (error: unknown): boolean => (error as { status?: number } | null)?.status === 404;

/** GitHub over REST; `GITHUB_API_URL` says where. `repository` is `owner/name`. */
export function createGitHub(token: string, repository: string): GitHub {
  const { rest, paginate } = getOctokit(token);
  const [owner = '', repo = ''] = repository.split('/');
  const at = { owner, repo };
  return {
    async relation(base, commit) {
      if (base === commit) return 'identical';
      try {
        const answer = await rest.repos.compareCommitsWithBasehead({
          ...at,
          basehead: `${base}...${commit}`,
          per_page: 1,
        });
        return answer.data.status satisfies Relation;
      } catch (error) {
        if (isNotFound(error)) return 'unknown';
        throw error;
      }
    },
    async pullRequest(number) {
      try {
        const { data } = await rest.pulls.get({ ...at, pull_number: number });
        return { number, open: data.state === 'open', headCommit: data.head.sha, title: data.title };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async upsertComment(number, marker, body) {
      const comments = await paginate(rest.issues.listComments, { ...at, issue_number: number, per_page: 100 });
      const ours = comments.find((comment) => comment.body?.includes(marker));
      if (ours === undefined) await rest.issues.createComment({ ...at, issue_number: number, body });
      else if (ours.body !== body) await rest.issues.updateComment({ ...at, comment_id: ours.id, body });
    },
    async startDeployment({ commit, task, description }) {
      const { data } = await rest.repos.createDeployment({
        ...at,
        ref: commit,
        task,
        environment: PREVIEW,
        description,
        auto_merge: false,
        required_contexts: [],
        transient_environment: true,
        production_environment: false,
      });
      if (!('id' in data)) throw new Error(`GitHub did not create a deployment: ${data.message}`);
      return data.id;
    },
    async finishDeployment(id, { state, url }) {
      await rest.repos.createDeploymentStatus({
        ...at,
        deployment_id: id,
        state,
        // All previews share one environment: without this, each would retire the others.
        auto_inactive: false,
        ...(url === undefined ? {} : { environment_url: url }),
      });
    },
    async retireDeployments(task) {
      const deployments = await paginate(rest.repos.listDeployments, {
        ...at,
        environment: PREVIEW,
        task,
        per_page: 100,
      });
      await Promise.all(
        deployments.map(({ id }) => rest.repos.createDeploymentStatus({ ...at, deployment_id: id, state: 'inactive' })),
      );
    },
  };
}
