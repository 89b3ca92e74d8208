import { type Access, serviceAccess } from '../pipeline/manifest/access.ts';
import { bucketPrefix, serviceSecrets } from '../pipeline/manifest/environment.ts';
import { bucketName, hostEnvironment, logGroupName, repositoryName, tableName } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { createArns } from './arns.ts';
import { allow, type Statement } from './constructs/policy.ts';
import type { StackInput } from './stack.ts';

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

/** What the code of a service may do: derived from `owns` and `uses`, nothing else. */
export function taskStatements(manifest: Manifest, input: StackInput): Statement[] {
  return serviceAccess(manifest, input.manifests).flatMap((access) =>
    access.type === 'table' ? tableStatements(access, input) : bucketStatements(access, input),
  );
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
export function functionStatements(manifest: Manifest, input: StackInput): Statement[] {
  return [...logStatements(input), ...secretStatements(manifest, input), ...taskStatements(manifest, input)];
}

function tableStatements({ declaration, access }: Access, { project, environment }: StackInput): Statement[] {
  const table = createArns(project).table(tableName(environment, declaration.name));
  return [allow(actionsFor(TABLE_ACTIONS, access), [table, `${table}/index/*`])];
}

function bucketStatements({ declaration, access }: Access, { project, environment }: StackInput): Statement[] {
  const bucket = createArns(project).bucket(bucketName(project, hostEnvironment(environment), declaration.name));
  const prefix = bucketPrefix(environment, access);
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
