import { getOctokit } from '@actions/github';
import type { History, Relation } from './history.ts';

export interface PullRequest {
  readonly number: number;
  readonly open: boolean;
  readonly headCommit: string;
  readonly title: string;
  readonly labels?: readonly string[];
  /** Its branch is in another repository. */
  readonly fork?: boolean;
}

/** The calls to GitHub that the actions make. */
export interface GitHub extends History {
  /** Undefined when there is no such pull request. */
  pullRequest(number: number): Promise<PullRequest | undefined>;
  /** Whether this person may write to the repository. */
  mayWrite(login: string): Promise<boolean>;
  addLabel(number: number, label: string): Promise<void>;
  /** Takes a label off; one that is not there is no error. */
  removeLabel(number: number, label: string): Promise<void>;
  /** Starts a workflow of the default branch by its file name. */
  dispatch(workflow: string, inputs: Readonly<Record<string, string>>): Promise<void>;
  /** Creates or replaces the comment of `number` that begins with `marker`; should there be several, one is left. */
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
    async commitOf(ref) {
      try {
        return (await rest.repos.getCommit({ ...at, ref })).data.sha;
      } catch (error) {
        // GitHub answers 422 to a name that is no ref at all.
        if (isNotFound(error) || (error as { status?: number } | null)?.status === 422) return undefined;
        throw error;
      }
    },
    async pullRequest(number) {
      try {
        const { data } = await rest.pulls.get({ ...at, pull_number: number });
        const labels = data.labels.map(({ name }) => name);
        const fork = data.head.repo?.full_name !== repository;
        return { number, open: data.state === 'open', headCommit: data.head.sha, title: data.title, labels, fork };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async upsertComment(number, marker, body) {
      const comments = await paginate(rest.issues.listComments, { ...at, issue_number: number, per_page: 100 });
      const [ours, ...others] = comments.filter((comment) => comment.body?.startsWith(marker));
      if (ours === undefined) await rest.issues.createComment({ ...at, issue_number: number, body });
      else if (ours.body !== body) await rest.issues.updateComment({ ...at, comment_id: ours.id, body });
      for (const { id } of others) await rest.issues.deleteComment({ ...at, comment_id: id });
    },
    async mayWrite(username) {
      try {
        const { data } = await rest.repos.getCollaboratorPermissionLevel({ ...at, username });
        return data.permission === 'admin' || data.permission === 'write';
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    async addLabel(number, label) {
      await rest.issues.addLabels({ ...at, issue_number: number, labels: [label] });
    },
    async removeLabel(number, label) {
      try {
        await rest.issues.removeLabel({ ...at, issue_number: number, name: label });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    async dispatch(workflow, inputs) {
      const { data } = await rest.repos.get(at);
      await rest.actions.createWorkflowDispatch({ ...at, workflow_id: workflow, ref: data.default_branch, inputs });
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
