import type { Project } from '../pipeline/manifest/names.ts';

/** ARNs of things whose names are known before they exist, so that no stack has to ask another for them. */
export interface Arns {
  role(name: string): string;
  policy(name: string): string;
  table(name: string): string;
  bucket(name: string): string;
  /** With the suffix of six characters that Secrets Manager adds. */
  secret(name: string): string;
  parameter(name: string): string;
  repository(name: string): string;
  logGroup(name: string): string;
  cluster(name: string): string;
  taskFamily(name: string): string;
  lambda(name: string): string;
  queue(name: string): string;
  topic(name: string): string;
  /** Alias of a key, without `alias/`. */
  alias(name: string): string;
  /** Any other service of the region. */
  regional(service: string, resource: string): string;
}

export function createArns({ accountId, region }: Pick<Project, 'accountId' | 'region'>): Arns {
  const global = (service: string, resource: string): string => `arn:aws:${service}::${accountId}:${resource}`;
  const regional = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${accountId}:${resource}`;
  return {
    role: (name) => global('iam', `role/${name}`),
    policy: (name) => global('iam', `policy/${name}`),
    table: (name) => regional('dynamodb', `table/${name}`),
    bucket: (name) => `arn:aws:s3:::${name}`,
    secret: (name) => regional('secretsmanager', `secret:${name}-??????`),
    parameter: (name) => regional('ssm', `parameter${name}`),
    repository: (name) => regional('ecr', `repository/${name}`),
    logGroup: (name) => regional('logs', `log-group:${name}`),
    cluster: (name) => regional('ecs', `cluster/${name}`),
    taskFamily: (name) => regional('ecs', `task-definition/${name}`),
    lambda: (name) => regional('lambda', `function:${name}`),
    queue: (name) => regional('sqs', name),
    topic: (name) => regional('sns', name),
    alias: (name) => regional('kms', `alias/${name}`),
    regional,
  };
}
