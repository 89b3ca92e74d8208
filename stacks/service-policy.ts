import { type Access, serviceAccess } from '../pipeline/manifest/access.ts';
import { bucketPlace, serviceSecrets } from '../pipeline/manifest/environment.ts';
import {
  deadLetterName,
  hostEnvironment,
  isPreview,
  logGroupName,
  queueName,
  repositoryName,
  secretName,
  tableName,
  topicName,
} from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { createArns } from './arns.ts';
import { allow, type Statement } from './constructs/policy.ts';
import { environmentSettings } from './environments.ts';
import { grantStatements } from './grants.ts';
import type { StackInput } from './stack.ts';
import { tracingStatements } from './tracing.ts';

const TABLE_ACTIONS = {
  read: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:DescribeTable'],
  write: [
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
    'dynamodb:BatchWriteItem',
    'dynamodb:ConditionCheckItem',
  ],
} as const;

const OBJECT_ACTIONS = {
  read: ['s3:GetObject'],
  write: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
} as const;

const QUEUE_ACTIONS = {
  read: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
  write: ['sqs:SendMessage', 'sqs:GetQueueUrl'],
} as const;

/** What the code of a service may do: derived from `owns` and `uses`, nothing else. */
export function taskStatements(manifest: Manifest, input: StackInput): Statement[] {
  const access = serviceAccess(manifest, input.manifests).flatMap((one) => accessStatements(one, input));
  const tracing = tracingStatements(manifest, environmentSettings(input));
  return [...access, ...tracing, ...grantStatements(manifest, input.project)];
}

function accessStatements(one: Access, input: StackInput): Statement[] {
  const { topic } = createArns(input.project);
  const { declaration, type } = one;
  switch (type) {
    case 'table':
      return tableStatements(one, input);
    case 'bucket':
      return bucketStatements(one, input);
    case 'queue':
      return queueStatements(one, input);
    case 'topic':
      return [allow(['sns:Publish'], [topic(topicName(input.environment, declaration.name))])];
  }
}

/** What ECS needs to start the service: its image, its log group, its secrets. */
export function executionStatements(manifest: Manifest, input: StackInput): Statement[] {
  const arns = createArns(input.project);
  return [
    allow(['ecr:GetAuthorizationToken'], ['*']),
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
      [arns.repository(repositoryName(input.project.app, manifest.name))],
    ),
    ...logStatements(input),
    ...secretStatements(manifest, input),
  ];
}

/** A function has one role for both: Lambda itself pulls the image, the code reads its secrets. */
export function functionStatements(manifest: Manifest, input: StackInput, deadLetterArn: string): Statement[] {
  return [
    ...logStatements(input),
    ...secretStatements(manifest, input),
    ...taskStatements(manifest, input),
    ...rotationStatements(manifest, input),
    // X-Ray has no resources.
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
    allow(['sqs:SendMessage'], [deadLetterArn]),
  ];
}

/** Renewing a secret: a new version, tried out, then made the current one. */
function rotationStatements({ rotates = {} }: Manifest, { project, environment }: StackInput): Statement[] {
  const names = Object.keys(rotates).map((name) => secretName(project.app, hostEnvironment(environment), name));
  if (names.length === 0 || isPreview(environment)) return [];
  const actions = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
  return [
    allow(
      actions.map((action) => `secretsmanager:${action}`),
      names.map(createArns(project).secret),
    ),
  ];
}

/** Who receives messages may also put one aside, which then says why. */
function queueStatements({ declaration, access }: Access, { project, environment }: StackInput): Statement[] {
  const { queue } = createArns(project);
  const own = allow(actionsFor(QUEUE_ACTIONS, access), [queue(queueName(environment, declaration.name))]);
  if (access === 'write') return [own];
  return [own, allow(['sqs:SendMessage'], [queue(deadLetterName(environment, declaration.name))])];
}

function tableStatements({ declaration, access }: Access, { project, environment }: StackInput): Statement[] {
  const table = createArns(project).table(tableName(environment, declaration.name));
  return [allow(actionsFor(TABLE_ACTIONS, access), [table, `${table}/index/*`])];
}

function bucketStatements({ declaration, access }: Access, input: StackInput): Statement[] {
  const { bucket: name, prefix } = bucketPlace(input, { name: declaration.name, access });
  const bucket = createArns(input.project).bucket(name);
  const objects = allow(actionsFor(OBJECT_ACTIONS, access), [`${bucket}/${prefix}*`]);
  if (access === 'write') return [objects];
  const condition = prefix === '' ? undefined : { StringLike: { 's3:prefix': [`${prefix}*`] } };
  return [objects, allow(['s3:ListBucket'], [bucket], condition)];
}

function logStatements({ project, environment }: StackInput): Statement[] {
  const group = createArns(project).logGroup(logGroupName(project.app, environment));
  return [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${group}:*`])];
}

function secretStatements(manifest: Manifest, { project, environment }: StackInput): Statement[] {
  const names = Object.values(serviceSecrets(manifest, environment, project));
  if (names.length === 0) return [];
  return [allow(['secretsmanager:GetSecretValue'], names.map(createArns(project).secret))];
}

function actionsFor(
  actions: Readonly<Record<'read' | 'write', readonly string[]>>,
  access: Access['access'],
): string[] {
  if (access === 'read-write') return [...actions.read, ...actions.write];
  return [...actions[access]];
}
