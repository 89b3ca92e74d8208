import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createS3Service } from './service.ts';

/** A test cloud with S3 and the bucket `bucket`. */
export interface TestS3 {
  readonly aws: TestCloud;
  readonly client: S3Client;
  put(
    key: string,
    body: string | Uint8Array,
    more?: object,
  ): Promise<{ VersionId?: string | undefined; ETag?: string | undefined }>;
  get(key: string, more?: object): Promise<string>;
  enableVersioning(): Promise<void>;
  restart(): Promise<TestS3>;
}

export async function startTestS3(options: { home?: string; now?: () => number } = {}): Promise<TestS3> {
  const aws = await startTestCloud((cloud) => [createS3Service(cloud)], options);
  const client = new S3Client({ ...aws.client, forcePathStyle: true });
  if (!options.home) await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  return {
    aws,
    client,
    put: (Key, Body, more = {}) => client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body, ...more })),
    async get(Key, more = {}) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key, ...more }));
      return (await Body?.transformToString()) ?? '';
    },
    async enableVersioning() {
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await client.send(new PutBucketVersioningCommand({ Bucket: 'bucket', VersioningConfiguration }));
    },
    async restart() {
      await aws.stop();
      return startTestS3({ ...options, home: aws.cloud.home });
    },
  };
}
