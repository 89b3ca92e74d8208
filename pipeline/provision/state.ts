import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Project, stateBucketName } from '../manifest/names.ts';
import type { LockInfo } from './lock.ts';

/** The bucket with the Terraform states. */
export interface StateStore {
  /** Creates the bucket unless it is there and complete. Resolves to whether it had to. */
  ensureBucket(): Promise<boolean>;
  /** Deletes the state of a stack that was destroyed. */
  deleteState(stack: string): Promise<void>;
  /** Breaks the lock of a stack. Resolves to what the lock said; undefined when there was none. */
  unlock(stack: string): Promise<LockInfo | undefined>;
}

/** Client of the state bucket; an endpoint of one's own has no DNS names for buckets. */
export const createStateClient = (
  project: Project,
  environment: Readonly<Record<string, string | undefined>>,
): S3Client => new S3Client({ region: project.region, forcePathStyle: Boolean(environment['AWS_ENDPOINT_URL']) });

export function createStateStore(project: Project, client: Pick<S3Client, 'send'>): StateStore {
  const Bucket = stateBucketName(project);
  return {
    async ensureBucket() {
      // Versioning is switched on last, so a bucket that has it is complete.
      const status = await versioningStatus(client, Bucket);
      if (status === 'Enabled') return false;
      if (status === undefined) await client.send(new CreateBucketCommand(creation(Bucket, project.region)));
      await protect(client, Bucket);
      return true;
    },
    async deleteState(stack) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: `${stack}.tfstate` }));
    },
    async unlock(stack) {
      const Key = `${stack}.tfstate.tflock`;
      const text = await readText(client, { Bucket, Key });
      if (text === undefined) return undefined;
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
      const lock = JSON.parse(text) as Readonly<Record<string, string>>;
      const field = (name: string): string => lock[name] ?? 'unknown';
      return { id: field('ID'), who: field('Who'), operation: field('Operation'), created: field('Created') };
    },
  };
}

/** us-east-1 is the one region that must not be named. */
const creation = (Bucket: string, region: string) =>
  region === 'us-east-1'
    ? { Bucket }
    : { Bucket, CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } };

async function protect(client: Pick<S3Client, 'send'>, Bucket: string): Promise<void> {
  await client.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await client.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true }],
      },
    }),
  );
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
}

/** `none` when the bucket exists without versioning, undefined when there is no bucket. */
async function versioningStatus(client: Pick<S3Client, 'send'>, Bucket: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status ?? 'none';
  } catch (error) {
    if (hasName(error, 'NoSuchBucket')) return undefined;
    throw error;
  }
}

async function readText(
  client: Pick<S3Client, 'send'>,
  object: { readonly Bucket: string; readonly Key: string },
): Promise<string | undefined> {
  try {
    return await (await client.send(new GetObjectCommand(object))).Body?.transformToString();
  } catch (error) {
    if (hasName(error, 'NoSuchKey') || hasName(error, 'NoSuchBucket')) return undefined;
    throw error;
  }
}

const hasName = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
