import { resolveCommit } from '../../repository/git.ts';
import { DEFAULT_SUBJECT } from '../../runs/host.ts';
import type { WorkflowFile } from '../../runs/workflows.ts';
import { settingsOf } from '../../state/state.ts';
import type { Run } from '../../types.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Handlers } from '../server.ts';
import type { OperationContext } from './context.ts';

/** Workflows, their runs and jobs. */
export function actionOperations({ site, shapes, examples, runner, changes, workflows }: OperationContext): Handlers {
  const known = (parameters: Readonly<Record<string, unknown>>): Run => {
    const run = site.state.runs.get(Number(parameters['run_id']));
    if (!run) throw notFound();
    return run;
  };
  const answer = (runs: readonly Run[], parameters: Readonly<Record<string, unknown>>) => {
    const found = matching(runs, parameters).toReversed();
    return { status: 200, body: { total_count: found.length, workflow_runs: found.map(shapes.run) } };
  };
  return {
    'actions/list-repo-workflows': async () => {
      const main = await resolveCommit(site.folder, 'refs/heads/main');
      const files = main ? await workflows.at(main) : [];
      const all = files.map((file, index) => workflowShape(examples('actions/list-repo-workflows'), file, index + 1));
      return { status: 200, body: { total_count: all.length, workflows: all } };
    },
    'actions/create-workflow-dispatch': async ({ parameters, body }) => {
      const inputs = (body['inputs'] ?? {}) as Readonly<Record<string, unknown>>;
      const id = await changes.dispatch(String(parameters['workflow_id']), String(body['ref']), inputs);
      if (body['return_run_details'] !== true) return { status: 204 };
      const run_url = `${site.url}/repos/${site.options.repository}/actions/runs/${id}`;
      const html_url = `${site.url}/${site.options.repository}/actions/runs/${id}`;
      return { status: 200, body: { workflow_run_id: id, run_url, html_url } };
    },
    'actions/list-workflow-runs-for-repo': ({ parameters }) => answer(site.state.runs.list(), parameters),
    'actions/list-workflow-runs': ({ parameters }) => {
      const file = String(parameters['workflow_id']);
      const runs = site.state.runs.list().filter(({ workflow }) => workflow.endsWith(`/${file}`));
      return answer(runs, parameters);
    },
    'actions/get-workflow-run': ({ parameters }) => ({ status: 200, body: shapes.run(known(parameters)) }),
    // Environments have no required reviewers here, as on a plan that does not offer them.
    'actions/get-reviews-for-run': ({ parameters }) => {
      known(parameters);
      return { status: 200, body: [] };
    },
    'actions/cancel-workflow-run': ({ parameters }) => {
      const run = known(parameters);
      if (run.status === 'completed') throw new Refusal(409, 'Cannot cancel a workflow run that is completed.');
      runner.cancel(run.id, 'The run was canceled through the API');
      return { status: 202, body: {} };
    },
    'actions/list-jobs-for-workflow-run': ({ parameters }) => {
      const run = known(parameters);
      return { status: 200, body: { total_count: run.jobs.length, jobs: run.jobs.map((job) => shapes.job(run, job)) } };
    },
  };
}

/** Variables of the repository, and how OIDC subjects are formed. */
export function settingOperations({ site }: OperationContext): Handlers {
  const { state } = site;
  const shape = (name: string, value: string) => ({
    name,
    value,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  });
  const save = (name: string, value: string) => {
    const settings = settingsOf(state);
    state.settings.set('', { ...settings, variables: { ...settings.variables, [name]: value } });
  };
  return {
    'actions/list-repo-variables': () => {
      const variables = Object.entries(settingsOf(state).variables).map(([name, value]) => shape(name, value));
      return { status: 200, body: { total_count: variables.length, variables } };
    },
    'actions/list-environment-variables': ({ parameters }) => {
      const settings = state.settings.get(String(parameters['environment_name']));
      if (settings === undefined) throw notFound();
      const variables = Object.entries(settings.variables).map(([name, value]) => shape(name, value));
      return { status: 200, body: { total_count: variables.length, variables } };
    },
    'actions/get-repo-variable': ({ parameters }) => {
      const name = String(parameters['name']);
      const value = settingsOf(state).variables[name];
      if (value === undefined) throw notFound();
      return { status: 200, body: shape(name, value) };
    },
    'actions/create-repo-variable': ({ body }) => {
      const name = String(body['name']);
      if (settingsOf(state).variables[name] !== undefined) throw new Refusal(409, `Variable ${name} already exists`);
      save(name, String(body['value']));
      return { status: 201, body: {} };
    },
    'actions/update-repo-variable': ({ parameters, body }) => {
      const name = String(parameters['name']);
      const value = settingsOf(state).variables[name];
      if (value === undefined) throw notFound();
      save(name, String(body['value'] ?? value));
      return { status: 204 };
    },
    'actions/get-custom-oidc-sub-claim-for-repo': () => ({
      status: 200,
      body: state.values.get('oidc-subject') ?? DEFAULT_SUBJECT,
    }),
    'actions/set-custom-oidc-sub-claim-for-repo': ({ body }) => {
      state.values.set('oidc-subject', body);
      return { status: 201, body: {} };
    },
  };
}

function workflowShape(example: object, file: WorkflowFile, id: number): object {
  const name = file.ok ? (file.workflow.document.name ?? file.path) : file.path;
  return { ...example, id, name, path: file.path, state: 'active' };
}

function matching(runs: readonly Run[], parameters: Readonly<Record<string, unknown>>): readonly Run[] {
  const { branch, event, actor, status, head_sha } = parameters;
  return runs.filter(
    (run) =>
      (branch === undefined || run.branch === branch) &&
      (event === undefined || run.event === event) &&
      (actor === undefined || run.actor === actor) &&
      (head_sha === undefined || run.headCommit === head_sha) &&
      (status === undefined || run.status === status || run.conclusion === status),
  );
}
