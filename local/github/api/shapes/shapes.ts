import type { Site } from '../../site.ts';
import type { Examples } from '../examples.ts';
import { createShapeBase, type ShapeBase } from './base.ts';
import { type CommitShapes, commitShapes } from './commits.ts';
import { type DeploymentShapes, deploymentShapes } from './deployments.ts';
import { type PullShapes, pullShapes } from './pulls.ts';
import { type RunShapes, runShapes } from './runs.ts';

/** The local GitHub's records in the shapes of GitHub's API. Event payloads use the same shapes. */
export type Shapes = Pick<ShapeBase, 'repository' | 'user'> & PullShapes & CommitShapes & DeploymentShapes & RunShapes;

export function createShapes(site: Site, examples: Examples): Shapes {
  const base = createShapeBase(site, examples);
  return { ...base, ...pullShapes(base), ...commitShapes(base), ...deploymentShapes(base), ...runShapes(base) };
}
