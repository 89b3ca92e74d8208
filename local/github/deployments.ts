import { isoTime, type Site } from './site.ts';
import type { Deployment, DeploymentStatus } from './state/state.ts';
import { GitHubError } from './types.ts';

type NewDeployment = Pick<Deployment, 'commit' | 'ref' | 'task' | 'environment' | 'creator'> &
  Partial<Pick<Deployment, 'description' | 'payload' | 'transient' | 'production' | 'run'>>;

export function createDeployment(site: Site, request: NewDeployment): Deployment {
  const now = isoTime(site.cloud.now());
  const deployment: Deployment = {
    id: site.state.next('deployments'),
    description: '',
    payload: {},
    transient: false,
    production: request.environment === 'production',
    createdAt: now,
    updatedAt: now,
    statuses: [],
    ...request,
  };
  site.state.deployments.set(deployment.id, deployment);
  if (!site.state.settings.get(deployment.environment)) {
    site.state.settings.set(deployment.environment, { variables: {}, secrets: {} });
  }
  return deployment;
}

export interface NewStatus {
  readonly state: string;
  readonly creator: string;
  readonly description?: string;
  readonly url?: string;
  readonly logUrl?: string;
  /** Absent or true: a success retires earlier successes of the environment. */
  readonly autoInactive?: boolean;
}

/** @throws GitHubError (404) */
export function setDeploymentStatus(site: Site, id: number, request: NewStatus): DeploymentStatus {
  const deployment = knownDeployment(site, id);
  const status = addStatus(site, deployment, request);
  if (request.state !== 'success' || request.autoInactive === false || deployment.transient) return status;
  for (const other of site.state.deployments.list()) {
    const replaced = other.id !== id && other.environment === deployment.environment && !other.transient;
    if (replaced && other.statuses[0]?.state === 'success') addStatus(site, other, { ...request, state: 'inactive' });
  }
  return status;
}

/** @throws GitHubError: 404, or 422 for an active deployment that is not the only one of its environment. */
export function deleteDeployment(site: Site, id: number): void {
  const deployment = knownDeployment(site, id);
  const others = site.state.deployments.list().filter(({ environment }) => environment === deployment.environment);
  if (others.length > 1 && deployment.statuses[0]?.state !== 'inactive') {
    throw new GitHubError(
      422,
      'We cannot delete an active deployment unless it is the only deployment in a given environment.',
    );
  }
  site.state.deployments.delete(id);
}

/** @throws GitHubError (404) */
export function knownDeployment(site: Site, id: number): Deployment {
  const deployment = site.state.deployments.get(id);
  if (!deployment) throw new GitHubError(404, 'Not Found');
  return deployment;
}

function addStatus(site: Site, deployment: Deployment, request: NewStatus): DeploymentStatus {
  const now = isoTime(site.cloud.now());
  const status: DeploymentStatus = {
    id: site.state.next('deployment statuses'),
    state: request.state,
    description: request.description ?? '',
    url: request.url ?? '',
    logUrl: request.logUrl ?? '',
    creator: request.creator,
    createdAt: now,
  };
  const statuses = [status, ...deployment.statuses];
  site.state.deployments.set(deployment.id, { ...deployment, statuses, updatedAt: now });
  return status;
}
