import { type Access, serviceAccess } from './access.ts';
import {
  bucketName,
  hostEnvironment,
  isPreview,
  ledgerTableName,
  PREVIEW_SECRETS,
  type Project,
  queueName,
  secretName,
  tableName,
  topicName,
} from './names.ts';
import type { Manifest } from './types.ts';

/** Where a service runs, as far as the names of what it reaches go. */
export interface Whereabouts {
  readonly environment: string;
  readonly project: Project;
  /** Of a preview. `full`: it has buckets of its own. */
  readonly preview?: { readonly full?: boolean };
}

/**
 * The plain environment variables that a service sees, sorted by name; services/kit parses them. A preview has tables of its
 * own, and queues and topics, but shares staging's buckets unless it is full: what it may write goes below `PREFIX_<NAME>` (`pr-1/`).
 * SLIPWAY_RELEASE is missing on purpose: the rollout adds it, so that a release never changes what Terraform says.
 */
export function serviceEnvironment(
  manifest: Manifest,
  manifests: readonly Manifest[],
  whereabouts: Whereabouts,
): Readonly<Record<string, string>> {
  const { environment, project } = whereabouts;
  const variables: Record<string, string> = {
    ...manifest.environment,
    ...Object.assign({}, ...serviceAccess(manifest, manifests).map((access) => locate(access, whereabouts))),
    ...(manifest.kind === 'function' ? {} : { AWS_REGION: project.region }),
    ...(manifest.port === undefined ? {} : { PORT: String(manifest.port) }),
    ...functionSecrets(manifest, environment, project),
    ...jobTimeout(manifest),
    ...(manifest.grants?.includes('wake-previews') ? { SLIPWAY_LEDGER: ledgerTableName(project.app) } : {}),
    SLIPWAY_ENVIRONMENT: environment,
    SLIPWAY_SERVICE: manifest.name,
  };
  return Object.fromEntries(Object.entries(variables).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Environment variable -> physical name of its secret. All previews share one set, which is not staging's. */
export function serviceSecrets(
  manifest: Manifest,
  environment: string,
  project: Project,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(manifest.secrets ?? {})
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([variable, secret]) => [
        variable,
        secretName(project.app, isPreview(environment) ? PREVIEW_SECRETS : environment, secret),
      ]),
  );
}

/** A bucket as one environment reaches it. */
export interface BucketPlace {
  /** Physical name. */
  readonly bucket: string;
  /** Put in front of every key: of what a preview writes into one of staging's buckets. Empty elsewhere. */
  readonly prefix: string;
}

/** Where a service finds a bucket: its own environment's, or for a preview that is not full, staging's. */
export function bucketPlace(
  { environment, project, preview }: Whereabouts,
  { name, access }: { readonly name: string; readonly access: Access['access'] },
): BucketPlace {
  const shared = isPreview(environment) && preview?.full !== true;
  const owner = shared ? hostEnvironment(environment) : environment;
  return { bucket: bucketName(project, owner, name), prefix: shared && access !== 'read' ? `${environment}/` : '' };
}

function locate({ type, declaration, access }: Access, whereabouts: Whereabouts): Record<string, string> {
  const { environment, project } = whereabouts;
  const suffix = declaration.name.toUpperCase().replaceAll('-', '_');
  switch (type) {
    case 'table':
      return { [`TABLE_${suffix}`]: tableName(environment, declaration.name) };
    case 'queue':
      return { [`QUEUE_${suffix}`]: queueUrl(project, queueName(environment, declaration.name)) };
    case 'topic':
      return { [`TOPIC_${suffix}`]: topicArn(project, topicName(environment, declaration.name)) };
    case 'bucket':
      return bucketVariables(suffix, bucketPlace(whereabouts, { name: declaration.name, access }));
  }
}

const queueUrl = ({ region, accountId }: Project, name: string): string =>
  `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;

const topicArn = ({ region, accountId }: Project, name: string): string => `arn:aws:sns:${region}:${accountId}:${name}`;

const bucketVariables = (suffix: string, { bucket, prefix }: BucketPlace): Record<string, string> => ({
  [`BUCKET_${suffix}`]: bucket,
  ...(prefix === '' ? {} : { [`PREFIX_${suffix}`]: prefix }),
});

/** Lambda cannot put a secret into a variable, so a function gets the secret's name as `<VARIABLE>_FROM` and reads it itself. */
function functionSecrets(manifest: Manifest, environment: string, project: Project): Record<string, string> {
  if (manifest.kind !== 'function') return {};
  const secrets = serviceSecrets(manifest, environment, project);
  return Object.fromEntries(Object.entries(secrets).map(([variable, name]) => [`${variable}_FROM`, name]));
}

/** ECS has no time limit for a task, so a job gets its own and stops by itself. */
const jobTimeout = ({ kind, timeout }: Manifest): Record<string, string> =>
  kind === 'job' && timeout !== undefined ? { SLIPWAY_TIMEOUT: String(timeout) } : {};
