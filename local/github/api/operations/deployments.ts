import { createDeployment, deleteDeployment, knownDeployment, setDeploymentStatus } from '../../deployments.ts';
import { resolveCommit } from '../../repository/git.ts';
import type { Deployment } from '../../state/state.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Handlers } from '../server.ts';
import type { OperationContext } from './context.ts';

export function deploymentOperations({ site, shapes, examples }: OperationContext): Handlers {
  const known = (parameters: Readonly<Record<string, unknown>>): Deployment =>
    knownDeployment(site, Number(parameters['deployment_id']));
  const environments = (): readonly string[] =>
    site.state.settings.entries().flatMap(([name]) => (name === '' ? [] : [name]));
  const environment = (name: string) => ({ ...examples('repos/get-environment'), name, protection_rules: [] });
  return {
    'repos/list-deployments': ({ parameters }) => ({
      status: 200,
      body: matching(site.state.deployments.list(), parameters).toReversed().map(shapes.deployment),
    }),
    'repos/get-deployment': ({ parameters }) => ({ status: 200, body: shapes.deployment(known(parameters)) }),
    'repos/create-deployment': async ({ body, caller }) => {
      const ref = String(body['ref']);
      const commit = await resolveCommit(site.folder, ref);
      if (!commit) throw new Refusal(422, `No ref found for: ${ref}`);
      const deployment = createDeployment(site, {
        commit,
        ref,
        task: String(body['task'] ?? 'deploy'),
        environment: String(body['environment'] ?? 'production'),
        description: String(body['description'] ?? ''),
        payload: body['payload'] ?? {},
        transient: body['transient_environment'] === true,
        ...(typeof body['production_environment'] === 'boolean' ? { production: body['production_environment'] } : {}),
        creator: caller.login,
      });
      return { status: 201, body: shapes.deployment(deployment) };
    },
    'repos/delete-deployment': ({ parameters }) => {
      deleteDeployment(site, known(parameters).id);
      return { status: 204 };
    },
    'repos/list-deployment-statuses': ({ parameters }) => {
      const deployment = known(parameters);
      return { status: 200, body: deployment.statuses.map((status) => shapes.status(deployment, status)) };
    },
    'repos/create-deployment-status': ({ parameters, body, caller }) => {
      const { id } = known(parameters);
      const status = setDeploymentStatus(site, id, {
        state: String(body['state']),
        creator: caller.login,
        description: String(body['description'] ?? ''),
        url: String(body['environment_url'] ?? ''),
        logUrl: String(body['log_url'] ?? body['target_url'] ?? ''),
        ...(typeof body['auto_inactive'] === 'boolean' ? { autoInactive: body['auto_inactive'] } : {}),
      });
      return { status: 201, body: shapes.status(known(parameters), status) };
    },
    'repos/get-all-environments': () => {
      const all = environments().map(environment);
      return { status: 200, body: { total_count: all.length, environments: all } };
    },
    'repos/get-environment': ({ parameters }) => {
      const name = String(parameters['environment_name']);
      if (!environments().includes(name)) throw notFound();
      return { status: 200, body: environment(name) };
    },
  };
}

/** `none` is GitHub's way to say that a filter does not apply. */
function matching(all: readonly Deployment[], parameters: Readonly<Record<string, unknown>>): readonly Deployment[] {
  const { sha, ref, task, environment } = parameters;
  const passes = (filter: unknown, value: string): boolean =>
    filter === undefined || filter === 'none' || filter === value;
  return all.filter(
    (one) =>
      passes(sha, one.commit) && passes(ref, one.ref) && passes(task, one.task) && passes(environment, one.environment),
  );
}
