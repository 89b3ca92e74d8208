import { bucketName, logGroupName, PREVIEW_SECRETS, type Project, platformParameter } from '../../manifest/names.ts';

/** The preview whose stack is looked at. */
export interface Preview {
  readonly project: Project;
  /** `pr-7`. */
  readonly environment: string;
  /** Parameters that the stack reads: its data sources by their address (`data.aws_ssm_parameter.key-arn`). */
  readonly read: ReadonlyMap<string, string>;
}

const literally = (text: string): string => text.replace(/[.+^${}()|[\]\\*?]/g, '\\$&');
const NAME = '[\\w.-]+';

/** What the resources of one preview are called, as patterns of whole texts. No expression of Terraform can hide in them. */
export function ownNames({ project, environment }: Pick<Preview, 'project' | 'environment'>) {
  const { app } = project;
  const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
  const plain = `${literally(environment)}-${NAME}`;
  const bucket = `${literally(bucketName(project, environment, ''))}${NAME}`;
  const log = `${literally(logGroupName(app, environment))}`;
  const role = `${literally(app)}-${plain}`;
  return {
    plain: whole(plain),
    role: whole(role),
    bucket: whole(bucket),
    log: whole(log),
    parameter: whole(`/${literally(app)}/${literally(environment)}/(?:services|platform)/[\\w./-]+`),
    arn: whole(ownArns(project, { plain, role, bucket, log }).join('|')),
  };
}

interface Names {
  readonly plain: string;
  readonly role: string;
  readonly bucket: string;
  readonly log: string;
}

/** ARNs that the policies of a preview may name: its own things, images of the application and the secrets of all previews. */
function ownArns({ app, region, accountId }: Project, { plain, role, bucket, log }: Names): readonly string[] {
  const regional = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${accountId}:${resource}`;
  return [
    regional('dynamodb', `table/${plain}(?:/index/\\*)?`),
    regional('sqs', plain),
    regional('sns', plain),
    regional('lambda', `function:${plain}(?::\\w+)?`),
    regional('logs', `log-group:${log}(?::\\*)?`),
    regional('ecs', `task-definition/${plain}(?::\\*)?`),
    regional('ecr', `repository/${literally(app)}/(?:${NAME}|\\*)`),
    regional('secretsmanager', `secret:/${literally(app)}/${PREVIEW_SECRETS}/${NAME}[?]{0,6}`),
    `arn:aws:s3:::${bucket}(?:/[\\w./*-]+)?`,
    `arn:aws:iam::${accountId}:role/${role}`,
  ];
}

/** The most that roles of previews may ever do; stacks/boundaries.ts makes it. */
export const previewBoundary = ({ app, accountId }: Project): string =>
  `arn:aws:iam::${accountId}:policy/${app}-boundary-preview`;

/** What a stack may read of others: what the account and staging publish, but for ARNs of staging's secrets. */
export function mayRead({ app }: Project, name: string): boolean {
  const published = ['account', 'staging'].map((environment) => platformParameter(app, environment, ''));
  return (
    /^[\w./-]+$/.test(name) &&
    published.some((prefix) => name.startsWith(prefix) && !name.startsWith(`${prefix}secret/`)) &&
    !name.includes('..')
  );
}

/** Reads staging's parameter `key`: `${data.aws_ssm_parameter.x.insecure_value}`. */
export function readsPlatform(value: unknown, key: string, { project, read }: Preview): boolean {
  const [, address = ''] = /^\$\{(data\.aws_ssm_parameter\.[\w-]+)\.(?:insecure_)?value\}$/.exec(String(value)) ?? [];
  return read.get(address) === platformParameter(project.app, 'staging', key);
}

/** Names a resource of the same stack, and nothing else. */
export const refersTo = (value: unknown, types: readonly string[]): boolean =>
  types.includes(/^\$\{(aws_\w+)\.[\w-]+\.\w+\}(?:\/\*|:\*)?$/.exec(String(value))?.[1] ?? '');

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
