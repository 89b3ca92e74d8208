import { type Project, platformParameter } from '../pipeline/manifest/names.ts';
import { type Construct, DataAwsSsmParameter, SsmParameter } from './cdktf.ts';

/**
 * Stacks talk through SSM parameters: reading another stack's state would show all of it, and would tie the order of
 * their destruction.
 */
export interface ParameterScope {
  readonly project: Project;
  readonly environment: string;
}

/** Lets other stacks read `value` under `/<app>/<environment>/platform/<key>`. */
export function publishParameter(
  scope: Construct,
  { project, environment }: ParameterScope,
  [key, value]: [string, string],
): void {
  new SsmParameter(scope, `parameter-${key.replaceAll('/', '-')}`, {
    name: platformParameter(project.app, environment, key),
    type: 'String',
    insecureValue: value,
  });
}

/** What another stack published; known to Terraform when it plans. Asking twice reads once. */
export function readParameter(scope: Construct, { project, environment }: ParameterScope, key: string): string {
  const id = `parameter-${key.replaceAll('/', '-')}`;
  const known = scope.node.tryFindChild(id);
  if (known instanceof DataAwsSsmParameter) return known.insecureValue;
  return new DataAwsSsmParameter(scope, id, { name: platformParameter(project.app, environment, key) }).insecureValue;
}
