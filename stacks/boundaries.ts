import { bucketName, clusterName, ledgerTableName, type Project, stateBucketName } from '../pipeline/manifest/names.ts';
import { createArns } from './arns.ts';
import { apiLogStatements } from './constructs/api-logging.ts';
import { backupStatements } from './constructs/backup.ts';
import { allow, type Statement } from './constructs/policy.ts';
import { wakeStatements } from './grants.ts';
import { shiftStatements } from './shift-statements.ts';

/** Environments for which roles are created; all previews together are one. */
export const ROLE_ENVIRONMENTS = ['staging', 'production', 'preview'] as const;
export type RoleEnvironment = (typeof ROLE_ENVIRONMENTS)[number];

/** Policy that caps every role of an environment: CI may create roles, but none that could do more than this. */
export const boundaryName = (app: string, environment: string): string => `${app}-boundary-${environment}`;

/** Prefix of names in the environment: previews are `pr-<n>-...`. */
export const namePrefix = (environment: RoleEnvironment): string =>
  environment === 'preview' ? 'pr-' : `${environment}-`;

/** What a function does that renews secrets. */
const ROTATION = ['DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage'];

/** The most that services of an environment can ever be given. Nothing of another environment, no way to change access. */
export function boundaryStatements(project: Project, environment: RoleEnvironment): Statement[] {
  const arns = createArns(project);
  const prefix = namePrefix(environment);
  const host = environment === 'production' ? 'production' : 'staging';
  const objects = environment === 'preview' ? 'pr-*/*' : '*';
  const bucket = arns.bucket(bucketName(project, host, '*'));
  // A full preview has buckets of its own.
  const own = environment === 'preview' ? [arns.bucket(bucketName(project, 'pr-*', '*'))] : [];
  const tables = [arns.table(`${prefix}*`)];
  const groups = environment === 'preview' ? `/${project.app}/pr-*` : `/${project.app}/${environment}`;
  return [
    ...(environment === 'staging' ? wakeStatements(project) : []),
    ...(environment === 'preview' ? [] : shiftStatements(project, environment)),
    ...(environment === 'production' ? backupStatements(project, `${project.app}-${environment}`, tables) : []),
    allow(
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:DescribeTable'],
      tables,
    ),
    allow(
      [
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:ConditionCheckItem',
      ],
      tables,
    ),
    allow(['s3:GetObject', 's3:ListBucket'], [bucket, `${bucket}/*`, ...own, ...own.map((one) => `${one}/*`)]),
    allow(
      ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      [`${bucket}/${objects}`, ...own.map((one) => `${one}/*`)],
    ),
    allow(
      ['Receive', 'Delete', 'Send'].map((verb) => `sqs:${verb}Message`),
      [arns.queue(`${prefix}*`)],
    ),
    allow(['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'], [arns.queue(`${prefix}*`)]),
    allow(['sns:Publish'], [arns.topic(`${prefix}*`)]),
    allow(
      ['GetSecretValue', ...(environment === 'preview' ? [] : ROTATION)].map((action) => `secretsmanager:${action}`),
      [arns.secret(`/${project.app}/${environment}/*`)],
    ),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arns.logGroup(groups)}:*`]),
    allow(['ecr:GetAuthorizationToken', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
      [arns.repository(`${project.app}/*`)],
    ),
    allow(['ecs:RunTask'], [arns.taskFamily(`${prefix}*`)], {
      ArnEquals: { 'ecs:cluster': arns.cluster(clusterName(host)) },
    }),
    allow(['iam:PassRole'], [arns.role(`${project.app}-${prefix}*`)], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
  ];
}

/** The most that the roles of the account's own stack may do: the trail writes its log, backups copy the ledger. */
export function accountBoundaryStatements(project: Project): Statement[] {
  const arns = createArns(project);
  return [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arns.logGroup(`/${project.app}/account/*`)}:*`]),
    ...backupStatements(project, `${project.app}-account`, [arns.table(ledgerTableName(project.app))]),
    ...apiLogStatements(project),
  ];
}

/** Name of the boundary of the pipeline's own roles. */
export const CI_BOUNDARY = 'ci';

/** Where what has no region answers from: IAM, Route 53, budgets. */
const GLOBAL_REGION = 'us-east-1';

/**
 * What no role of the pipeline can do, whatever its policies come to say: give itself more, make roles that are not capped, blind the audit,
 * destroy what the account stands on, or leave the region. Everything else is up to the roles' own policies.
 */
export function ciBoundaryStatements(project: Project): Statement[] {
  const arns = createArns(project);
  const anything = ['*'];
  const uncapped = arns.policy(boundaryName(project.app, '*'));
  return [
    allow(anything, anything),
    deny('Region', anything, anything, {
      StringNotEquals: { 'aws:RequestedRegion': [project.region, GLOBAL_REGION] },
    }),
    deny('OnlyCappedRoles', ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'], anything, {
      StringNotLike: { 'iam:PermissionsBoundary': uncapped },
    }),
    deny('NoEscape', ESCAPES, anything),
    deny('NoChangeOfItself', ROLE_CHANGES, [arns.role(`${project.app}-ci-*`)]),
    deny('NoBlinding', BLINDING, anything),
    deny(
      'NoDestruction',
      ['s3:DeleteBucket', 's3:DeleteBucketPolicy', 's3:PutBucketPolicy'],
      [arns.bucket(stateBucketName(project)), arns.bucket(bucketName(project, 'account', '*'))],
    ),
    deny('NoLossOfBackups', ['backup:DeleteRecoveryPoint', 'backup:DeleteBackupVault*'], anything),
  ];
}

const iam = (names: readonly string[]): readonly string[] => names.map((name) => `iam:${name}`);

const ESCAPES = [
  ...iam(['DeleteRolePermissionsBoundary', 'CreatePolicy', 'CreatePolicyVersion', 'DeletePolicy*']),
  ...iam(['SetDefaultPolicyVersion', 'CreateUser', 'UpdateUser', 'PutUserPolicy', 'AttachUserPolicy']),
  ...iam(['*AccessKey', '*LoginProfile', 'CreateGroup', 'PutGroupPolicy', 'AttachGroupPolicy', 'AddUserToGroup']),
  ...['OpenIDConnectProvider', 'SAMLProvider'].flatMap((kind) =>
    iam([`Create${kind}`, `Update${kind}*`, `Delete${kind}`]),
  ),
  ...iam(['AddClientIDToOpenIDConnectProvider', 'UpdateAccountPasswordPolicy']),
  ...['organizations:*', 'account:*'],
];

const ROLE_CHANGES = iam([
  ...['CreateRole', 'UpdateRole*', 'DeleteRole*', 'PutRole*', 'AttachRolePolicy', 'DetachRolePolicy'],
  ...['UpdateAssumeRolePolicy', 'TagRole', 'UntagRole'],
]);

const BLINDING = [
  ...['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'].map((name) => `cloudtrail:${name}`),
  ...['Delete*', 'Disassociate*', 'UpdateDetector', 'StopMonitoringMembers'].map((name) => `guardduty:${name}`),
  ...['access-analyzer:DeleteAnalyzer', 'config:Stop*', 'config:Delete*', 's3:PutAccountPublicAccessBlock'],
];

function deny(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  return { Sid, Effect: 'Deny', Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}
