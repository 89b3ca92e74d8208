import type { Deployment, DeploymentStatus } from '../../state/state.ts';
import type { Shape } from '../examples.ts';
import type { ShapeBase } from './base.ts';

export interface DeploymentShapes {
  deployment(deployment: Deployment): Shape;
  status(deployment: Deployment, status: DeploymentStatus): Shape;
}

/** Deployments and their statuses. */
export function deploymentShapes({ examples, api, user }: ShapeBase): DeploymentShapes {
  return {
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
  };
}
