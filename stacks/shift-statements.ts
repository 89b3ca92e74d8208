import type { Project } from '../pipeline/manifest/names.ts';
import { createArns } from './arns.ts';
import { allow, type Statement } from './constructs/policy.ts';

/**
 * Moving requests between two target groups, which ECS does in our name.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
 */
export function shiftStatements(project: Project, environment: 'staging' | 'production'): Statement[] {
  const { regional } = createArns(project);
  const balancer = `app/${project.app}-${environment}/*`;
  const verbs = (...names: string[]): string[] => names.map((name) => `elasticloadbalancing:${name}`);
  return [
    // Describing has no resources.
    allow(verbs('DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'), ['*']),
    allow(verbs('ModifyListener', 'ModifyRule'), [
      regional('elasticloadbalancing', `listener/${balancer}`),
      regional('elasticloadbalancing', `listener-rule/${balancer}`),
    ]),
    allow(verbs('RegisterTargets', 'DeregisterTargets'), [
      regional('elasticloadbalancing', `targetgroup/${environment}-*`),
    ]),
  ];
}
