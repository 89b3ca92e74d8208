import { bucketName, clusterName, type Project } from '../pipeline/manifest/names.ts';
import { createArns } from './arns.ts';
import { allow, type Statement } from './constructs/policy.ts';

/** Environments for which roles are created; all previews together are one. */
export const ROLE_ENVIRONMENTS = ['staging', 'production', 'preview'] as const;
export type RoleEnvironment = (typeof ROLE_ENVIRONMENTS)[number];

/** Policy that caps every role of an environment: CI may create roles, but none that could do more than this. */
export const boundaryName = (app: string, environment: string): string => `${app}-boundary-${environment}`;

/** Prefix of names in the environment: previews are `pr-<n>-...`. */
export const namePrefix = (environment: RoleEnvironment): string =>
  environment === 'preview' ? 'pr-' : `${environment}-`;

/** The most that services of an environment can ever be given. Nothing of another environment, no way to change access. */
export function boundaryStatements(project: Project, environment: RoleEnvironment): Statement[] {
  const arns = createArns(project);
  const prefix = namePrefix(environment);
  const host = environment === 'production' ? 'production' : 'staging';
  const objects = environment === 'preview' ? 'pr-*/*' : '*';
  const bucket = arns.bucket(bucketName(project, host, '*'));
  const tables = [arns.table(`${prefix}*`)];
  const groups = environment === 'preview' ? `/${project.app}/pr-*` : `/${project.app}/${environment}`;
  return [
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
    allow(['s3:GetObject', 's3:ListBucket'], [bucket, `${bucket}/*`]),
    allow(['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], [`${bucket}/${objects}`]),
    allow(
      ['Receive', 'Delete', 'Send'].map((verb) => `sqs:${verb}Message`),
      [arns.queue(`${prefix}*`)],
    ),
    allow(['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'], [arns.queue(`${prefix}*`)]),
    allow(['sns:Publish'], [arns.topic(`${prefix}*`)]),
    allow(['secretsmanager:GetSecretValue'], [arns.secret(`/${project.app}/${environment}/*`)]),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arns.logGroup(groups)}:*`]),
    allow(['ecr:GetAuthorizationToken'], ['*']),
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
