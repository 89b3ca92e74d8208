/** Every physical name in one place: stacks, actions and tests derive names here and nowhere else. */

/** Where the product runs: one AWS account holds all environments. */
export interface Project {
  /** Prefix of everything that is global in the account. */
  readonly app: string;
  readonly accountId: string;
  readonly region: string;
  /** Base domain: production answers on it, staging on `staging.<domain>`, previews on `pr-<n>.preview.<domain>`. */
  readonly domain: string;
  /** `own`: the account stack makes the domain's hosted zone. Default: `existing`, a person has made it. */
  readonly zone?: Zone;
  /** How a host becomes a URL: `https://{host}` on AWS. */
  readonly urlPattern: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /**
   * Start of the `sub` claim in GitHub's OIDC tokens. Repositories created, renamed or moved after 15 July 2026 send
   * `repo:OWNER@OWNER_ID/NAME@ID`. Default: `repo:<repository>`.
   */
  readonly oidcSubject?: string;
  /** What tasks and functions run on, and images are built for. Default: `arm64`, which costs a fifth less. */
  readonly architecture?: Architecture;
  /** How much the environments are made of. Default: `standard`. */
  readonly profile?: Profile;
  /** Who hears of alarms and of the budget. Absent: nobody is written to. */
  readonly alertEmail?: string;
}

export const ZONES = ['existing', 'own'] as const;
export type Zone = (typeof ZONES)[number];

export const ARCHITECTURES = ['arm64', 'x86_64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** `shoestring`: no NAT, one task each and all on Spot, staging in office hours only. */
export const PROFILES = ['standard', 'shoestring'] as const;
export type Profile = (typeof PROFILES)[number];

export const PREVIEW_PATTERN = /^pr-([1-9]\d{0,5})$/;

/** The long-lived environment that lends a network, cluster, load balancer and data to `environment`. */
export function hostEnvironment(environment: string): 'staging' | 'production' {
  return environment === 'production' ? 'production' : 'staging';
}

export function isPreview(environment: string): boolean {
  return PREVIEW_PATTERN.test(environment);
}

/** Cluster, load balancer and network of an environment; previews use staging's. */
export const clusterName = (environment: string): string => hostEnvironment(environment);
/** ECS service, task family, target group and Lambda function of one service in one environment. */
export const serviceName = (environment: string, service: string): string => `${environment}-${service}`;
export const tableName = (environment: string, table: string): string => `${environment}-${table}`;
export const bucketName = (project: Project, environment: string, bucket: string): string =>
  `${project.app}-${project.accountId}-${environment}-${bucket}`;
export const queueName = (environment: string, queue: string): string => `${environment}-${queue}`;
/** Queue of the messages that could not be processed. */
export const deadLetterName = (environment: string, queue: string): string => `${queueName(environment, queue)}-dead`;
export const topicName = (environment: string, topic: string): string => `${environment}-${topic}`;
export const stateBucketName = (project: Project): string => `${project.app}-${project.accountId}-state`;
/** Alias of the key that encrypts the states, without `alias/`. */
export const stateKeyAlias = (project: Project): string => `${project.app}-state`;
/** ECR repository of a service; all environments share it. */
export const repositoryName = (app: string, service: string): string => `${app}/${service}`;
export const logGroupName = (app: string, environment: string): string => `/${app}/${environment}`;
/** Previews share secrets of their own: `/<app>/preview/<secret>`. */
export const PREVIEW_SECRETS = 'preview';
export const secretName = (app: string, environment: string, secret: string): string =>
  `/${app}/${environment}/${secret}`;
/** SSM parameter with the template of a service: what Terraform says about it, as JSON (see pipeline/release/template.ts). */
export const templateParameter = (app: string, environment: string, service: string): string =>
  `/${app}/${environment}/services/${service}`;
/** SSM parameters through which one stack tells another what it made. */
export const platformParameter = (app: string, environment: string, key: string): string =>
  `/${app}/${environment}/platform/${key}`;
/** DynamoDB table of the ledger; one per account, partitioned by environment. */
export const ledgerTableName = (app: string): string => `${app}-ledger`;
/** Alias that requests to a function go through. */
export const LIVE_ALIAS = 'live';
/** Tag that an ECR repository gets with its first image, so that Terraform has something to create a service from. */
export const BOOTSTRAP_TAG = 'bootstrap';

/** Host name of an environment. */
export function hostName(project: Pick<Project, 'domain'>, environment: string): string {
  if (environment === 'production') return project.domain;
  if (isPreview(environment)) return `${environment}.preview.${project.domain}`;
  return `${environment}.${project.domain}`;
}

/** Every host of a preview, as a pattern. */
export const previewHosts = (project: Pick<Project, 'domain'>): string => `*.preview.${project.domain}`;

/** Base URL of an environment, without a trailing slash. */
export function baseUrl(project: Pick<Project, 'domain' | 'urlPattern'>, environment: string): string {
  return project.urlPattern.replace('{host}', hostName(project, environment));
}

/** Header that leads a request to staging's host into a preview. */
export const PREVIEW_HEADER = 'x-slipway-preview';
/** SSM parameter, a SecureString that a person writes, with the password of previews where they ask for one. */
export const previewPasswordParameter = (app: string): string => `/${app}/account/preview-password`;
/** Header in which programs bring it. */
export const PREVIEW_PASSWORD_HEADER = 'x-slipway-preview-password';

/** IAM role that a workflow's job takes on: `build`, `deploy-staging`, `deploy-production`, `preview`. */
export const ciRoleName = (app: string, role: string): string => `${app}-ci-${role}`;
/** SSM parameter with the hash of what `provision` last applied for a stack. */
export const provisionedParameter = (app: string, stack: string): string => `/${app}/provisioned/${stack}`;
