/** The seam to S3: whole objects of one bucket. */
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientOptions } from './client.ts';

export interface ObjectStore {
  /** Keys that start with `prefix`, in order. */
  list(prefix: string): Promise<string[]>;
  /** The object's bytes; undefined when there is no such object. */
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
}

export function createObjectStore(bucket: string): ObjectStore {
  // Host names with a bucket in front do not resolve where an endpoint is set by hand.
  const client = new S3Client({ ...clientOptions, forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL']) });
  return {
    async list(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
        );
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key ? [Key] : [])));
        token = page.NextContinuationToken;
      } while (token);
      return keys;
    },
    async read(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async write(key, body, contentType) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    },
  };
}
