import { ledgerTableName, type Project, provisionedParameter, stateBucketName } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { allow, type Statement } from '../constructs/policy.ts';

/** Configuration of everything, content of nothing: no object, item, secret, parameter or log line. */
const READ_ACTIONS = [
  ...['ec2', 'elasticloadbalancing', 'application-autoscaling', 'autoscaling'].map((service) => `${service}:Describe*`),
  ...['acm', 'cloudtrail', 'cloudwatch', 'dynamodb', 'ecr', 'ecs', 'kms', 'logs'].flatMap((service) => [
    `${service}:Describe*`,
    `${service}:List*`,
  ]),
  ...['cognito-idp', 'events'].flatMap((service) => [`${service}:Describe*`, `${service}:List*`]),
  'cognito-idp:GetUserPoolMfaConfig',
  ...['backup', 'xray'].flatMap((service) => [`${service}:Get*`, `${service}:List*`]),
  ...['backup:DescribeBackupVault', 'cloudwatch:GetDashboard'],
  ...['access-analyzer', 'guardduty', 'iam', 'lambda', 'route53', 'scheduler', 'sns', 'sqs', 'wafv2'].flatMap(
    (service) => [`${service}:Get*`, `${service}:List*`],
  ),
  ...[
    'kms:GetKey*',
    'cloudwatch:GetMetricStatistics',
    'cloudtrail:GetTrailStatus',
    'cloudtrail:GetEventSelectors',
    'ecr:GetLifecyclePolicy',
    'ecr:GetRepositoryPolicy',
  ],
  ...[
    'application-autoscaling:ListTagsForResource',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetResourcePolicy',
  ],
  ...[
    's3:GetBucket*',
    's3:GetAccountPublicAccessBlock',
    's3:GetEncryptionConfiguration',
    's3:GetLifecycleConfiguration',
  ],
  ...['s3:GetReplicationConfiguration', 's3:GetAccelerateConfiguration', 'ec2:GetEbsEncryptionByDefault'],
];

/** What a plan needs to see. */
export const readStatements = (): Statement[] => [
  allow(READ_ACTIONS, ['*']),
  allow(['budgets:ViewBudget'], ['arn:aws:budgets::*:budget/*']),
  // Not of keys: their answer may hold the key itself.
  allow(
    ['apigateway:GET'],
    ['account', 'clientcertificates', 'domainnames', 'restapis', 'usageplans'].map(
      (path) => `arn:aws:apigateway:*::/${path}*`,
    ),
  ),
];

/** Reading and writing the Terraform state of the stacks that match `pattern`, its lock, and the record of what was applied. */
export function stateStatements(project: Project, patterns: readonly string[]): Statement[] {
  const arns = createArns(project);
  const bucket = arns.bucket(stateBucketName(project));
  const objects = patterns.map((pattern) => `${bucket}/${pattern}.tfstate*`);
  return [
    allow(['s3:ListBucket'], [bucket]),
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], objects),
    allow(
      ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      patterns.map((pattern) => arns.parameter(provisionedParameter(project.app, pattern))),
    ),
  ];
}

/** The same for a plan that takes no lock: reading only. */
export function stateReadStatements(project: Project): Statement[] {
  const arns = createArns(project);
  const bucket = arns.bucket(stateBucketName(project));
  return [
    allow(['s3:ListBucket'], [bucket]),
    allow(['s3:GetObject'], [`${bucket}/*.tfstate`]),
    allow(['ssm:GetParameter'], [arns.parameter(provisionedParameter(project.app, '*'))]),
  ];
}

/** Reading what stacks publish for each other, and the templates of releases. */
export function parameterReadStatements(project: Project, environments: readonly string[]): Statement[] {
  const arns = createArns(project);
  // Listing a path is a permission for the path itself.
  const paths = environments.flatMap((environment) =>
    ['', '/*'].map((below) => arns.parameter(`/${project.app}/${environment}${below}`)),
  );
  return [
    allow(['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:ListTagsForResource'], paths),
    // What was applied of other stacks is part of what a stack stands on.
    allow(['ssm:GetParameters'], [arns.parameter(provisionedParameter(project.app, '*'))]),
    allow(['ssm:DescribeParameters'], ['*']),
  ];
}

/** The part of the ledger that belongs to the environments. */
export function ledgerStatements(
  project: Project,
  environments: readonly string[],
  access: 'read' | 'write' = 'write',
): Statement[] {
  const changes = access === 'write' ? ['PutItem', 'UpdateItem', 'DeleteItem'] : [];
  const actions = ['GetItem', 'Query', ...changes].map((action) => `dynamodb:${action}`);
  return [
    allow(actions, [createArns(project).table(ledgerTableName(project.app))], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': environments },
      // ForAllValues is also true when there is no key at all.
      Null: { 'dynamodb:LeadingKeys': 'false' },
    }),
  ];
}

/** Reading images of the application: a deployment proves that they exist, and compares what their models predict. */
export const pullStatements = (project: Project): Statement[] => [
  allow(['ecr:GetAuthorizationToken'], ['*']),
  allow(
    ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    [createArns(project).repository(`${project.app}/*`)],
  ),
];

/** Pushing images of the application and reading what is there. */
export function imageStatements(project: Project): Statement[] {
  const actions = [
    'BatchCheckLayerAvailability',
    'BatchGetImage',
    'CompleteLayerUpload',
    'GetDownloadUrlForLayer',
    'InitiateLayerUpload',
    'PutImage',
    'UploadLayerPart',
  ];
  return [
    allow(['ecr:GetAuthorizationToken'], ['*']),
    allow(
      actions.map((action) => `ecr:${action}`),
      [createArns(project).repository(`${project.app}/*`)],
    ),
  ];
}
