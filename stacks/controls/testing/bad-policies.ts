import { edit } from '../paths.ts';
import type { POLICY_RULES } from '../policies.ts';
import type { Control, Json } from '../types.ts';

type Operator = keyof typeof POLICY_RULES;
type Policy = { Statement: Json[] };

const ANYBODY = { Principal: '*' };
const ROOT = { Principal: { AWS: 'arn:aws:iam::999999999999:root' } };

/** For each rule about policies, a statement that breaks it. */
const BAD_STATEMENTS: Readonly<Partial<Record<Operator, (value: Json) => Json>>> = {
  policyNoPublicPrincipal: () => ({ Effect: 'Allow', ...ANYBODY, Action: 's3:GetObject', Resource: 'arn:x' }),
  policyNoWildcardAction: () => ({ Effect: 'Allow', Principal: { AWS: 'arn:x' }, Action: 's3:*', Resource: 'arn:x' }),
  policyNoStarAction: () => ({ Effect: 'Allow', Action: '*', Resource: 'arn:x' }),
  policyNoServiceWildcard: () => ({ Effect: 'Allow', Action: 'dynamodb:*', Resource: 'arn:x' }),
  policyNoStarResource: () => ({ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*' }),
  policyPassRoleScoped: () => ({ Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::1:role/x' }),
  policyNoActionOnStar: ({ actions }) => ({ Effect: 'Allow', Action: (actions as string[])[0], Resource: '*' }),
  policyLeadingKeysGuarded: () => ({
    Effect: 'Allow',
    Action: 'dynamodb:Query',
    Resource: 'arn:x',
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['TENANT#1'] } },
  }),
  policyNoLockout: () => ({ Effect: 'Deny', ...ANYBODY, Action: 's3:*', Resource: 'arn:x' }),
  policyNoForeignRoot: () => ({ Effect: 'Allow', ...ROOT, Action: 'sts:AssumeRole' }),
  policyConfusedDeputy: ({ services }) => ({
    Effect: 'Allow',
    Principal: { Service: (services as string[])[0] },
    Action: 'sts:AssumeRole',
  }),
};

/** The resource with a policy that breaks the control. */
export function spoilPolicy({ operator, path, value }: Control, resource: Json): Json {
  return edit(resource, path, (holder, name) => {
    const policy = JSON.parse(String(holder[name])) as Policy;
    holder[name] = JSON.stringify(spoil(operator as Operator, policy, (value ?? {}) as Json));
  });
}

function spoil(operator: Operator, policy: Policy, value: Json): Policy {
  if (operator === 'policyDeniesInsecureTransport')
    return { ...policy, Statement: policy.Statement.filter(({ Effect }) => Effect !== 'Deny') };
  if (operator === 'githubOidcTrust')
    return JSON.parse(JSON.stringify(policy).replaceAll(/"repo:[^"]+"/g, '"repo:o/r:*"'));
  const bad = BAD_STATEMENTS[operator];
  if (bad === undefined) throw new Error(`Nobody has said how to break ${operator}.`);
  return { ...policy, Statement: [...policy.Statement, bad(value)] };
}
