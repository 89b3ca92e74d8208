import { bucketName, clusterName, type Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { boundaryName, namePrefix, type RoleEnvironment } from '../boundaries.ts';
import { allow, type Statement } from '../constructs/policy.ts';

const verbs = (service: string, names: readonly string[]): string[] => names.map((name) => `${service}:${name}`);

/**
 * Creating, changing and releasing the services of an environment. Every name carries the environment, so the role of one
 * cannot touch what belongs to another.
 */
export function serviceStatements(project: Project, environment: RoleEnvironment): Statement[] {
  const { app } = project;
  const { regional, secret, taskFamily, lambda, logGroup, table, parameter } = createArns(project);
  const prefix = namePrefix(environment);
  const host = environment === 'production' ? 'production' : 'staging';
  const cluster = clusterName(host);
  const path = environment === 'preview' ? 'pr-*' : environment;
  return [
    allow(
      verbs('ecs', [
        'CreateService',
        'UpdateService',
        'DeleteService',
        'TagResource',
        'UntagResource',
        'RunTask',
        'StopTask',
        'StopServiceDeployment',
      ]),
      [
        regional('ecs', `service/${cluster}/${prefix}*`),
        regional('ecs', `service-deployment/${cluster}/${prefix}*`),
        regional('ecs', `task/${cluster}/*`),
        `${taskFamily(`${prefix}*`)}`,
      ],
    ),
    // ECS offers no finer choice for these two.
    allow(verbs('ecs', ['RegisterTaskDefinition', 'DeregisterTaskDefinition']), [taskFamily(`${prefix}*`), '*']),
    allow(
      verbs('lambda', [
        'CreateFunction',
        'UpdateFunction*',
        'DeleteFunction',
        'PublishVersion',
        'CreateAlias',
        'UpdateAlias',
        'DeleteAlias',
        'PutFunctionConcurrency',
        'DeleteFunctionConcurrency',
        'PutProvisionedConcurrencyConfig',
        'DeleteProvisionedConcurrencyConfig',
        'AddPermission',
        'RemovePermission',
        'TagResource',
        'UntagResource',
      ]),
      [lambda(`${prefix}*`)],
    ),
    allow(
      verbs('elasticloadbalancing', [
        'CreateTargetGroup',
        'ModifyTargetGroup*',
        'DeleteTargetGroup',
        'RegisterTargets',
        'DeregisterTargets',
        'AddTags',
        'RemoveTags',
      ]),
      [regional('elasticloadbalancing', `targetgroup/${prefix}*`)],
    ),
    allow(
      verbs('elasticloadbalancing', [
        'CreateRule',
        'ModifyRule',
        'DeleteRule',
        'SetRulePriorities',
        'AddTags',
        'RemoveTags',
      ]),
      [
        regional('elasticloadbalancing', `listener/app/${app}-${host}/*`),
        regional('elasticloadbalancing', `listener-rule/app/${app}-${host}/*`),
      ],
    ),
    allow(verbs('sqs', ['CreateQueue', 'SetQueueAttributes', 'DeleteQueue', 'TagQueue', 'UntagQueue']), [
      regional('sqs', `${prefix}*`),
    ]),
    allow(
      verbs('sns', ['CreateTopic', 'SetTopicAttributes', 'DeleteTopic', 'Subscribe', 'Unsubscribe', 'TagResource']),
      [regional('sns', `${prefix}*`)],
    ),
    allow(verbs('cloudwatch', ['PutMetricAlarm', 'DeleteAlarms', 'TagResource']), [
      regional('cloudwatch', `alarm:${prefix}*`),
    ]),
    allow(verbs('cloudwatch', ['PutDashboard', 'DeleteDashboards']), [
      `arn:aws:cloudwatch::${project.accountId}:dashboard/${app}-${path}`,
    ]),
    allow(verbs('secretsmanager', ['RotateSecret', 'CancelRotateSecret']), [secret(`/${app}/${path}/*`)]),
    allow(verbs('scheduler', ['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule']), [
      regional('scheduler', `schedule/default/${prefix}*`),
    ]),
    allow(
      verbs('application-autoscaling', [
        'RegisterScalableTarget',
        'DeregisterScalableTarget',
        'PutScalingPolicy',
        'DeleteScalingPolicy',
        'TagResource',
      ]),
      [regional('application-autoscaling', 'scalable-target/*')],
    ),
    allow(
      verbs('logs', [
        'CreateLogGroup',
        'DeleteLogGroup',
        'PutRetentionPolicy',
        'AssociateKmsKey',
        'TagResource',
        'UntagResource',
        'GetLogEvents',
        'DescribeLogStreams',
      ]),
      [`${logGroup(`/${app}/${path}`)}*`],
    ),
    allow(
      verbs('dynamodb', [
        'CreateTable',
        'UpdateTable',
        'UpdateContinuousBackups',
        'UpdateTimeToLive',
        'DeleteTable',
        'TagResource',
        'UntagResource',
      ]),
      [table(`${prefix}*`)],
    ),
    allow(verbs('ssm', ['PutParameter', 'DeleteParameter', 'AddTagsToResource', 'RemoveTagsFromResource']), [
      parameter(`/${app}/${path}/*`),
    ]),
  ];
}

/** Roles of the environment's services: only below its boundary, and only for the services that take roles on. */
export function roleStatements(project: Project, environment: RoleEnvironment): Statement[] {
  const { role, policy } = createArns(project);
  const roles = [role(`${project.app}-${namePrefix(environment)}*`)];
  const capped = { StringEquals: { 'iam:PermissionsBoundary': policy(boundaryName(project.app, environment)) } };
  return [
    allow(['iam:CreateRole', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy'], roles, capped),
    allow(
      verbs('iam', ['DeleteRole', 'TagRole', 'UntagRole', 'UpdateRoleDescription', 'UpdateAssumeRolePolicy']),
      roles,
    ),
    // Before a release: will the service's roles be taken on, and may they do what the service needs?
    allow(['iam:SimulatePrincipalPolicy'], roles),
    allow(['iam:PassRole'], roles, {
      StringEquals: {
        'iam:PassedToService': [
          'backup.amazonaws.com',
          'ecs-tasks.amazonaws.com',
          'ecs.amazonaws.com',
          'lambda.amazonaws.com',
          'scheduler.amazonaws.com',
        ],
      },
    }),
  ];
}

/** What a pull request changes in staging's buckets, only below its own prefix; and the buckets of its own that a full preview has. */
export function previewObjectStatements(project: Project): Statement[] {
  const arns = createArns(project);
  const bucket = arns.bucket(bucketName(project, 'staging', '*'));
  const own = arns.bucket(bucketName(project, 'pr-*', '*'));
  const objects = verbs('s3', [
    ...['GetObject', 'GetObjectTagging', 'PutObject', 'PutObjectTagging'],
    ...['DeleteObject', 'DeleteObjectVersion'],
  ]);
  return [
    allow(
      verbs('s3', [
        'CreateBucket',
        'DeleteBucket',
        'DeleteBucketPolicy',
        'PutBucket*',
        'PutEncryptionConfiguration',
        'PutLifecycleConfiguration',
        'ListBucket',
        'ListBucketVersions',
      ]),
      [own],
    ),
    allow(objects, [`${own}/*`]),
    // How the sweep finds them.
    allow(['s3:ListAllMyBuckets'], ['*']),
    allow(objects, [`${bucket}/pr-*`]),
    allow(['s3:ListBucket', 's3:ListBucketVersions'], [bucket], { StringLike: { 's3:prefix': ['pr-*'] } }),
  ];
}
