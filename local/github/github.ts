import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDescription } from './api/description.ts';
import { createExamples } from './api/examples.ts';
import { actionOperations, settingOperations } from './api/operations/actions.ts';
import { commentOperations } from './api/operations/comments.ts';
import { commitOperations } from './api/operations/commits.ts';
import { deploymentOperations } from './api/operations/deployments.ts';
import { issueOperations } from './api/operations/issues.ts';
import { pullOperations } from './api/operations/pulls.ts';
import { type Api, startApi } from './api/server.ts';
import { createShapes } from './api/shapes/shapes.ts';
import { createChanges } from './changes.ts';
import { commentsOf } from './comments.ts';
import { identityAnswer } from './oidc/endpoint.ts';
import { openIssuer } from './oidc/issuer.ts';
import { commitFiles } from './repository/commit.ts';
import { git } from './repository/git.ts';
import { seedRepository } from './repository/seed.ts';
import { recoverRuns } from './runs/recovery.ts';
import { createRunner, type Runner } from './runs/runner.ts';
import { createWorkflows } from './runs/workflows.ts';
import { DEVELOPER_LOGIN, type Site } from './site.ts';
import { openState, type State, settingsOf } from './state/state.ts';
import { createTokens } from './state/tokens.ts';
import type { GitHub, GitHubCloud, GitHubEvent, GitHubOptions, Runs } from './types.ts';

/**
 * Starts the local GitHub of one repository: REST API and OIDC issuer on a port, a bare git repository under
 * `<home>/github/repository.git`, and runs of the repository's own workflow files under `<home>/runs`.
 * What a killed predecessor left in progress is settled first.
 */
export async function createGitHub(cloud: GitHubCloud, options: GitHubOptions): Promise<GitHub> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(options.repository)) {
    throw new Error(`The repository '${options.repository}' has not the form owner/name`);
  }
  const folder = join(cloud.home, 'github', 'repository.git');
  await openRepository(folder);
  const state = openState(cloud.store);
  const listeners = new Set<(event: GitHubEvent) => void>();
  const { api, site } = await startSite({ cloud, options, state, folder, listeners });
  recoverRuns(site);
  const examples = createExamples(readDescription(), { url: site.url, repository: options.repository });
  const shapes = createShapes(site, examples);
  const workflows = createWorkflows(folder);
  const runner = createRunner(site, workflows);
  const changes = createChanges({ site, shapes, workflows, runner });
  const context = { site, shapes, examples, workflows, runner, changes };
  api.serve({
    ...issueOperations(context),
    ...commentOperations(context),
    ...pullOperations(context),
    ...commitOperations(context),
    ...deploymentOperations(context),
    ...actionOperations(context),
    ...settingOperations(context),
  });
  return {
    url: site.url,
    repository: options.repository,
    repositoryFolder: folder,
    issuer: site.issuer.issuer,
    jwks: site.issuer.jwks,
    setVariables: (variables, environment) => changeSettings(state, environment, { variables }),
    setSecrets: (secrets, environment) => changeSettings(state, environment, { secrets }),
    protectEnvironment: (environment, branches) =>
      state.settings.set(environment, { ...settingsOf(state, environment), branches }),
    seedRepository: ({ from, message }) => seedRepository({ repository: folder, from, message }),
    commit: (request) => commitFiles(folder, request),
    push: changes.push,
    openPullRequest: changes.open,
    reopenPullRequest: changes.reopen,
    closePullRequest: changes.close,
    labelPullRequest: changes.label,
    mergePullRequest: (number, author) => changes.merge(number, author ? { author } : {}),
    comment: changes.comment,
    pullRequest: (number) => state.pulls.get(number),
    pullRequests: () => state.pulls.list(),
    dispatch: (workflow, ref, inputs = {}) => changes.dispatch(workflow, ref, inputs),
    schedule: changes.schedule,
    runs: runsOf(state, runner),
    comments: (number) => commentsOf(site, number),
    issues: () => state.issues.list(),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    issueToken: (permissions) => site.tokens.issue({ login: DEVELOPER_LOGIN, permissions }),
    async close() {
      await runner.close();
      await api.close();
    },
  };
}

/** Server and shared parts need each other: the address is known only once the server listens. */
async function startSite(given: {
  readonly cloud: GitHubCloud;
  readonly options: GitHubOptions;
  readonly state: State;
  readonly folder: string;
  readonly listeners: ReadonlySet<(event: GitHubEvent) => void>;
}): Promise<{ readonly api: Api; readonly site: Site }> {
  const { cloud, options, state, folder, listeners } = given;
  const tokens = createTokens();
  const api = await startApi({
    port: options.port ?? 0,
    repository: options.repository,
    callerOf: tokens.callerOf,
    other: (request) => identityAnswer({ tokens, issuer, repository: options.repository }, request),
    onRequest: (operation, status) => cloud.log({ source: 'github', message: operation, status }),
    onBug: (operation, error) =>
      cloud.log({
        source: 'github',
        message: `bug in ${operation}`,
        error: error instanceof Error ? error.stack : error,
      }),
  });
  const issuer = openIssuer({
    keyFile: join(cloud.home, 'github', 'oidc-key.pem'),
    address: api.url,
    issuer: options.issuer,
    now: cloud.now,
  });
  const emit = (event: GitHubEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return { api, site: { cloud, options, state, tokens, issuer, url: api.url, folder, emit } };
}

async function openRepository(folder: string): Promise<void> {
  if (existsSync(join(folder, 'HEAD'))) return;
  mkdirSync(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--bare', '--initial-branch=main']);
  await git(folder, ['config', 'gc.auto', '0']);
}

function changeSettings(
  state: State,
  environment: string | undefined,
  change: {
    readonly variables?: Readonly<Record<string, string>>;
    readonly secrets?: Readonly<Record<string, string>>;
  },
): void {
  const settings = settingsOf(state, environment);
  state.settings.set(environment ?? '', {
    ...settings,
    variables: { ...settings.variables, ...change.variables },
    secrets: { ...settings.secrets, ...change.secrets },
  });
}

function runsOf(state: State, runner: Runner): Runs {
  return {
    list: ({ workflow, commit, event } = {}) =>
      state.runs
        .list()
        .reverse()
        .filter(
          (run) =>
            (workflow === undefined || run.workflow.endsWith(`/${workflow}`)) &&
            (commit === undefined || run.commit === commit || run.headCommit === commit) &&
            (event === undefined || run.event === event),
        ),
    get: (id) => state.runs.get(id),
    wait: runner.wait,
    cancel: (id) => runner.cancel(id, 'The operation was canceled.'),
    lose: runner.lose,
  };
}
