import type { Project } from '../manifest/names.ts';
import type { AccessRequest } from './evaluate.ts';

export interface Forbidden extends AccessRequest {
  /** Why nobody of the role may. */
  readonly what: string;
}

/** What no role of the pipeline or of a service may ever do. */
export function forbiddenToAll({ app, accountId, region }: Project): readonly Forbidden[] {
  const iam = (kind: string, name: string): string => `arn:aws:iam::${accountId}:${kind}/${name}`;
  const list = (what: string, resource: string, actions: readonly string[]): Forbidden[] =>
    actions.map((action) => ({ what, action, resource }));
  const anyRole = iam('role', `${app}-production-web-task`);
  return [
    ...list('users and keys', iam('user', 'mallory'), [
      'iam:CreateUser',
      'iam:CreateAccessKey',
      'iam:CreateLoginProfile',
    ]),
    ...list('more rights for itself', iam('role', `${app}-ci-deploy-staging`), [
      ...['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:PassRole'],
      ...['iam:DeleteRolePermissionsBoundary', 'iam:PutRolePermissionsBoundary'],
    ]),
    ...list('a role without a boundary', anyRole, ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy']),
    ...list('wider boundaries', iam('policy', `${app}-boundary-production`), [
      ...['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion', 'iam:DeletePolicy'],
    ]),
    ...list('another identity provider', iam('oidc-provider', 'evil.example'), ['iam:CreateOpenIDConnectProvider']),
    ...list('turning off the trail', `arn:aws:cloudtrail:${region}:${accountId}:trail/${app}-trail`, [
      ...['cloudtrail:StopLogging', 'cloudtrail:DeleteTrail', 'cloudtrail:UpdateTrail', 'cloudtrail:PutEventSelectors'],
    ]),
    ...list('turning off the threat detector', '*', ['guardduty:DeleteDetector', 'guardduty:UpdateDetector']),
    ...list("the trail's records", `arn:aws:s3:::${app}-${accountId}-account-trail/AWSLogs/x`, [
      's3:DeleteObject',
      's3:PutObject',
    ]),
    ...list("the trail's bucket", `arn:aws:s3:::${app}-${accountId}-account-trail`, [
      ...['s3:DeleteBucket', 's3:PutBucketPolicy', 's3:PutLifecycleConfiguration'],
    ]),
    ...list('leaving the organization', '*', ['organizations:LeaveOrganization', 'account:CloseAccount']),
  ];
}

/** What belongs to one environment, and is no business of any other. */
export function forbiddenToOthers({ app, accountId, region }: Project, environment: string): readonly Forbidden[] {
  const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${accountId}:${resource}`;
  const what = `${environment}'s`;
  return [
    { what, action: 'dynamodb:GetItem', resource: arn('dynamodb', `table/${environment}-jobs`) },
    { what, action: 'dynamodb:PutItem', resource: arn('dynamodb', `table/${environment}-feedback`) },
    { what, action: 'dynamodb:DeleteTable', resource: arn('dynamodb', `table/${environment}-jobs`) },
    { what, action: 's3:GetObject', resource: `arn:aws:s3:::${app}-${accountId}-${environment}-results/x` },
    { what, action: 's3:DeleteBucket', resource: `arn:aws:s3:::${app}-${accountId}-${environment}-models` },
    {
      what,
      action: 'secretsmanager:GetSecretValue',
      resource: arn('secretsmanager', `secret:/${app}/${environment}/sentry-dsn-000000`),
    },
    {
      what,
      action: 'secretsmanager:DeleteSecret',
      resource: arn('secretsmanager', `secret:/${app}/${environment}/sentry-dsn-000000`),
    },
    { what, action: 'ecs:UpdateService', resource: arn('ecs', `service/${environment}/${environment}-web`) },
    { what, action: 'lambda:UpdateFunctionCode', resource: arn('lambda', `function:${environment}-scorer`) },
    { what, action: 'lambda:UpdateAlias', resource: arn('lambda', `function:${environment}-scorer`) },
    { what, action: 'ssm:PutParameter', resource: arn('ssm', `parameter/${app}/${environment}/services/web`) },
    { what, action: 's3:PutObject', resource: `arn:aws:s3:::${app}-${accountId}-state/${environment}-data.tfstate` },
    {
      what,
      action: 'dynamodb:PutItem',
      resource: arn('dynamodb', `table/${app}-ledger`),
      context: { 'dynamodb:LeadingKeys': environment },
    },
    // Without a key at all, a condition on keys must not be vacuously true.
    { what, action: 'dynamodb:Scan', resource: arn('dynamodb', `table/${app}-ledger`) },
  ];
}
