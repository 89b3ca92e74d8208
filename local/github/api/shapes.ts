import type { ChangedFile, Commit } from '../repository/history.ts';
import { OWNER_ID, REPOSITORY_ID, type Site } from '../site.ts';
import type { Deployment, DeploymentStatus } from '../state/state.ts';
import type { Comment, JobRecord, PullRequest, Run } from '../types.ts';
import type { Examples, Shape } from './examples.ts';

/** The local GitHub's records in the shapes of GitHub's API. Event payloads use the same shapes. */
export interface Shapes {
  repository(): Shape;
  user(login: string): Shape;
  issue(pull: PullRequest, comments: number): Shape;
  comment(comment: Comment): Shape;
  /** As in a list. */
  pull(pull: PullRequest): Shape;
  /** As on its own: also says whether it can be merged. */
  fullPull(pull: PullRequest): Shape;
  commit(commit: Commit): Shape;
  file(file: ChangedFile, commit: string): Shape;
  deployment(deployment: Deployment): Shape;
  status(deployment: Deployment, status: DeploymentStatus): Shape;
  run(run: Run): Shape;
  job(run: Run, job: JobRecord): Shape;
}

export function createShapes(site: Site, examples: Examples): Shapes {
  const [owner = '', name = ''] = site.options.repository.split('/');
  const api = `${site.url}/repos/${site.options.repository}`;
  const web = `${site.url}/${site.options.repository}`;

  function user(login: string): Shape {
    const { user: example } = examples('issues/get-comment') as { user: Shape };
    const type = login.endsWith('[bot]') ? 'Bot' : 'User';
    return { ...example, login, type, url: `${site.url}/users/${login}`, html_url: `${site.url}/${login}` };
  }

  function repository(): Shape {
    const { parent: _, source: __, organization: ___, template_repository: ____, ...example } = examples('repos/get');
    return {
      ...example,
      id: REPOSITORY_ID,
      name,
      full_name: site.options.repository,
      owner: { ...user(owner), id: OWNER_ID },
      default_branch: 'main',
      private: true,
      visibility: 'private',
      fork: false,
    };
  }

  /** Only what `head.repo` of a pull request says in GitHub's description. */
  const side = (branch: string, sha: string): Shape => ({
    label: `${owner}:${branch}`,
    ref: branch,
    sha,
    user: user(owner),
    repo: repository(),
  });

  const pullBase = (operation: string, pull: PullRequest): Shape => ({
    ...examples(operation, [[/\/(pulls?|issues)\/1347/g, `/$1/${pull.number}`]]),
    id: pull.number,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    body: pull.body,
    user: user(pull.author),
    draft: pull.draft,
    labels: [],
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt ?? null,
    merged_at: pull.mergeCommit ? (pull.closedAt ?? null) : null,
    merge_commit_sha: pull.mergeCommit ?? pull.testMerge ?? null,
    head: side(pull.head, pull.headCommit),
    base: side(pull.base, pull.baseCommit),
    auto_merge: null,
  });

  return {
    repository,
    user,
    issue: (pull, comments) => {
      const { closed_by: _, ...example } = examples('issues/get', [[/\/(pulls?|issues)\/1347/g, `/$1/${pull.number}`]]);
      return {
        ...example,
        number: pull.number,
        state: pull.state,
        title: pull.title,
        body: pull.body,
        user: user(pull.author),
        labels: [],
        milestone: null,
        assignee: null,
        assignees: [],
        comments,
        created_at: pull.createdAt,
        updated_at: pull.updatedAt,
        closed_at: pull.closedAt ?? null,
      };
    },
    comment: (comment) => ({
      ...examples('issues/get-comment'),
      id: comment.id,
      body: comment.body,
      user: user(comment.author),
      url: `${api}/issues/comments/${comment.id}`,
      html_url: `${web}/pull/${comment.number}#issuecomment-${comment.id}`,
      issue_url: `${api}/issues/${comment.number}`,
      created_at: comment.createdAt,
      updated_at: comment.updatedAt,
    }),
    pull: (pull) => pullBase('pulls/list', pull),
    fullPull: (pull) => ({
      ...pullBase('pulls/get', pull),
      merged: pull.mergeCommit !== undefined,
      mergeable: pull.state === 'open' ? pull.testMerge !== undefined : null,
      mergeable_state: pull.testMerge === undefined ? 'dirty' : 'clean',
      merged_by: pull.mergeCommit ? user(pull.author) : null,
    }),
    commit: (commit) => ({
      ...examples('repos/list-commits'),
      sha: commit.sha,
      url: `${api}/commits/${commit.sha}`,
      html_url: `${web}/commit/${commit.sha}`,
      comments_url: `${api}/commits/${commit.sha}/comments`,
      author: null,
      committer: null,
      parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${web}/commit/${sha}` })),
      commit: {
        url: `${api}/git/commits/${commit.sha}`,
        author: commit.author,
        committer: commit.committer,
        message: commit.message,
        tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
        comment_count: 0,
        verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
      },
    }),
    file: (file, commit) => ({
      sha: file.sha,
      filename: file.path,
      status: file.status,
      additions: file.additions,
      deletions: file.deletions,
      changes: file.additions + file.deletions,
      blob_url: `${web}/blob/${commit}/${encodeURI(file.path)}`,
      raw_url: `${web}/raw/${commit}/${encodeURI(file.path)}`,
      contents_url: `${api}/contents/${encodeURI(file.path)}?ref=${commit}`,
      ...(file.patch === undefined ? {} : { patch: file.patch }),
      ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
    }),
    deployment: (deployment) => ({
      ...examples('repos/list-deployments'),
      id: deployment.id,
      url: `${api}/deployments/${deployment.id}`,
      statuses_url: `${api}/deployments/${deployment.id}/statuses`,
      repository_url: api,
      sha: deployment.commit,
      ref: deployment.ref,
      task: deployment.task,
      payload: deployment.payload,
      environment: deployment.environment,
      original_environment: deployment.environment,
      description: deployment.description,
      transient_environment: deployment.transient,
      production_environment: deployment.production,
      creator: user(deployment.creator),
      created_at: deployment.createdAt,
      updated_at: deployment.updatedAt,
    }),
    status: (deployment, status) => ({
      ...examples('repos/list-deployment-statuses'),
      id: status.id,
      url: `${api}/deployments/${deployment.id}/statuses/${status.id}`,
      deployment_url: `${api}/deployments/${deployment.id}`,
      repository_url: api,
      state: status.state,
      description: status.description,
      environment: deployment.environment,
      environment_url: status.url,
      target_url: status.logUrl,
      log_url: status.logUrl,
      creator: user(status.creator),
      created_at: status.createdAt,
      updated_at: status.createdAt,
    }),
    run: (run) => ({
      ...examples('actions/list-workflow-runs', [[/\/runs\/\d+/g, `/runs/${run.id}`]]),
      id: run.id,
      name: run.name,
      display_title: run.title,
      path: run.workflow,
      run_number: run.number,
      run_attempt: 1,
      event: run.event,
      status: run.status,
      conclusion: run.conclusion ?? null,
      head_branch: run.branch,
      head_sha: run.headCommit,
      actor: user(run.actor),
      triggering_actor: user(run.actor),
      pull_requests: [],
      created_at: run.createdAt,
      updated_at: run.completedAt ?? run.startedAt ?? run.createdAt,
      run_started_at: run.startedAt ?? run.createdAt,
    }),
    job: (run, job) => ({
      ...examples('actions/list-jobs-for-workflow-run', [[/\/(jobs|runs)\/\d+/g, `/$1/${job.id}`]]),
      id: job.id,
      run_id: run.id,
      run_url: `${api}/actions/runs/${run.id}`,
      html_url: `${web}/actions/runs/${run.id}/job/${job.id}`,
      name: job.name,
      workflow_name: run.name,
      head_sha: run.headCommit,
      head_branch: run.branch,
      status: job.status,
      conclusion: job.conclusion ?? null,
      created_at: job.startedAt ?? run.createdAt,
      started_at: job.startedAt ?? run.createdAt,
      completed_at: job.completedAt ?? null,
      steps: job.steps.map(({ name, number, status, conclusion, startedAt, completedAt }) => ({
        name,
        number,
        status,
        conclusion: conclusion ?? null,
        started_at: startedAt,
        completed_at: completedAt ?? null,
      })),
    }),
  };
}
