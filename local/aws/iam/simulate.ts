import type * as iam from '@aws-sdk/client-iam';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';

interface Stored {
  readonly attributes: Readonly<Record<string, unknown>>;
}
type OneOrMore<Value> = Value | readonly Value[];
interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
}

/** What a role is trusted with: its trust policy, and whether its own policies let it do something. Conditions are taken as met. */
export function trustOperations(cloud: Cloud): Record<string, Operation> {
  const roles = cloud.store.collection<Stored>('terraform/aws_iam_role');
  const policies = cloud.store.collection<Stored>('terraform/aws_iam_role_policy');
  const find = (is: (attributes: Stored['attributes']) => boolean, name: string): Stored['attributes'] => {
    const found = roles.entries().find(([, { attributes }]) => is(attributes));
    if (!found) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, { status: 404 });
    return found[1].attributes;
  };
  return {
    GetRole({ RoleName = '' }: Input<iam.GetRoleRequest>) {
      const role = find(({ name }) => name === RoleName, RoleName);
      return {
        Role: {
          RoleName,
          RoleId: String(role['unique_id'] ?? RoleName),
          Arn: String(role['arn']),
          Path: String(role['path'] ?? '/'),
          CreateDate: new Date(role['create_date'] === undefined ? cloud.now() : String(role['create_date'])),
          // IAM answers with percent-encoded JSON (RFC 3986).
          AssumeRolePolicyDocument: encodeURIComponent(String(role['assume_role_policy'] ?? '{}')),
        },
      };
    },
    SimulatePrincipalPolicy(input: Input<iam.SimulatePrincipalPolicyRequest>) {
      const { PolicySourceArn = '', ActionNames = [], ResourceArns = ['*'] } = input;
      const role = find(({ arn }) => arn === PolicySourceArn, PolicySourceArn);
      const statements = policies
        .entries()
        .filter(([, { attributes }]) => attributes['role'] === role['name'])
        .flatMap(([, { attributes }]) => statementsOf(String(attributes['policy'])));
      const EvaluationResults = ActionNames.flatMap((action) =>
        ResourceArns.map((resource) => ({
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: decide(statements, action, resource),
        })),
      );
      return { EvaluationResults, IsTruncated: false };
    },
  };
}

function statementsOf(policy: string): readonly Statement[] {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: OneOrMore<Statement> };
  return many(Statement);
}

function decide(statements: readonly Statement[], action: string, resource: string): string {
  const matching = statements.filter(
    ({ Action = [], Resource = [] }) =>
      many(Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
      many(Resource).some((pattern) => like(pattern, resource)),
  );
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'explicitDeny';
  return matching.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicitDeny';
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

const many = <Value>(value: OneOrMore<Value>): readonly Value[] =>
  Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
