import { type Account, arn, asArn, type Input, list, type NeededAccess } from './names.ts';

/** Actions of ECS that IAM cannot narrow to a resource. */
const ECS_ANY =
  /^(?:RegisterTaskDefinition|DeregisterTaskDefinition|DescribeTaskDefinition|List(?!Tags).*|DescribeClusters)$/;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
export function ecsAccess(operation: string, input: Input, account: Account): NeededAccess[] {
  const action = `ecs:${operation}`;
  const cluster = asArn(account, 'ecs', 'cluster/', input['cluster'] ?? 'default');
  const inCluster = (kind: string, name: unknown): string =>
    asArn(account, 'ecs', `${kind}/${cluster.split('/').at(-1)}/`, name);
  const context = { 'ecs:cluster': cluster };
  if (operation === 'RegisterTaskDefinition') {
    const passed = ['taskRoleArn', 'executionRoleArn'].flatMap((name) => (input[name] ? [String(input[name])] : []));
    return [{ action, resource: '*' }, ...passed.map(passRole('ecs-tasks.amazonaws.com'))];
  }
  if (ECS_ANY.test(operation)) return [{ action, resource: '*' }];
  if (operation === 'RunTask') {
    return [{ action, resource: asArn(account, 'ecs', 'task-definition/', input['taskDefinition']), context }];
  }
  const named: readonly (readonly [kind: string, names: readonly unknown[]])[] = [
    ['service', [...list(input['services']), ...[input['service'], input['serviceName']].filter(Boolean)]],
    ['task', [...list(input['tasks']), ...[input['task']].filter(Boolean)]],
    ['', list(input['serviceDeploymentArns'])],
    ['', [input['serviceDeploymentArn'], input['resourceArn']].filter(Boolean)],
  ];
  const resources = named.flatMap(([kind, names]) => names.map((name) => inCluster(kind, name)));
  return (resources.length > 0 ? resources : ['*']).map((resource) => ({ action, resource, context }));
}

const passRole =
  (service: string) =>
  (resource: string): NeededAccess => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': service },
  });

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export function lambdaAccess(operation: string, input: Input, account: Account): NeededAccess[] {
  const action = operation === 'Invoke' ? 'lambda:InvokeFunction' : `lambda:${operation}`;
  const name = input['FunctionName'];
  if (name === undefined) return [{ action, resource: String(input['Resource'] ?? '*') }];
  const qualifier = operation === 'Invoke' && input['Qualifier'] ? `:${String(input['Qualifier'])}` : '';
  const role = input['Role'] === undefined ? [] : [passRole('lambda.amazonaws.com')(String(input['Role']))];
  return [{ action, resource: `${asArn(account, 'lambda', 'function:', name)}${qualifier}` }, ...role];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html */
export function balancingAccess(operation: string, input: Input): NeededAccess[] {
  const action = `elasticloadbalancing:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*' }];
  const keys = ['RuleArn', 'ListenerArn', 'TargetGroupArn', 'LoadBalancerArn'];
  const found = keys.map((key) => input[key]).find((value) => value !== undefined);
  const tagged = list(input['ResourceArns']);
  const resources = tagged.length > 0 ? tagged : [found ?? '*'];
  return resources.map((resource) => ({ action, resource: String(resource) }));
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export function logsAccess(operation: string, input: Input, account: Account): NeededAccess[] {
  const action = `logs:${operation}`;
  const group = input['logGroupName'] ?? input['logGroupIdentifier'];
  if (group === undefined)
    return [{ action, resource: operation === 'DescribeLogGroups' ? '*' : String(input['resourceArn'] ?? '*') }];
  const stream = input['logStreamName'] === undefined ? '*' : `log-stream:${String(input['logStreamName'])}`;
  return [{ action, resource: arn(account, 'logs', `log-group:${String(group)}:${stream}`) }];
}
