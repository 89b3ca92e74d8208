import { DeleteObjectsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { type Project, stateBucketName } from '../../manifest/names.ts';

/** Stack of a preview: `preview-pr-1`; its state is `preview-pr-1.tfstate`. */
const STATE = /^preview-(pr-[1-9]\d{0,5})\.tfstate$/;

/** What previews keep in S3: objects below their prefix in staging's `buckets` (physical names), and their Terraform state. */
export function createPreviewObjects(project: Project, buckets: readonly string[]) {
  const client = new S3Client({
    region: project.region,
    forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined,
  });
  const stateBucket = stateBucketName(project);

  async function keys(bucket: string, prefix: string): Promise<readonly string[]> {
    const found: string[] = [];
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const object of page.Contents ?? []) if (object.Key !== undefined) found.push(object.Key);
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchBucket') return [];
      throw error;
    }
    return found;
  }

  async function deleteFrom(bucket: string, prefix: string): Promise<number> {
    const found = await keys(bucket, prefix);
    // DeleteObjects takes at most 1000 keys.
    for (let start = 0; start < found.length; start += 1000) {
      const Objects = found.slice(start, start + 1000).map((Key) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
    }
    return found.length;
  }

  return {
    /** Environments that have a state, as `pr-1`. */
    async states(): Promise<readonly string[]> {
      return (await keys(stateBucket, 'preview-')).flatMap((key) => STATE.exec(key)?.[1] ?? []);
    },
    async list(environment: string): Promise<readonly string[]> {
      const found = await Promise.all(
        buckets.map(async (bucket) => ({ bucket, count: (await keys(bucket, `${environment}/`)).length })),
      );
      return found.flatMap(({ bucket, count }) =>
        count === 0 ? [] : [`${count} objects s3://${bucket}/${environment}/`],
      );
    },
    /** The state that knew nothing any more, and a lock on it. */
    async deleteState(environment: string): Promise<void> {
      await deleteFrom(stateBucket, `preview-${environment}.tfstate`);
    },
    async deleteAll(environment: string): Promise<number> {
      const counts = await Promise.all(buckets.map((bucket) => deleteFrom(bucket, `${environment}/`)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
