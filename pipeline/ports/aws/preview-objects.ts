import { DeleteObjectsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { type Project, stateBucketName } from '../../manifest/names.ts';
import { countVersions, deleteVersions } from './object-versions.ts';

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
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
      for (const object of page.Contents ?? []) if (object.Key !== undefined) found.push(object.Key);
    }
    return found;
  }

  /** Before staging is provisioned there are no buckets. */
  async function unlessAbsent<Value>(work: Promise<Value>, absent: Value): Promise<Value> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchBucket') return absent;
      throw error;
    }
  }

  return {
    /** Environments that have a state, as `pr-1`. */
    async states(): Promise<readonly string[]> {
      return (await unlessAbsent(keys(stateBucket, 'preview-'), [])).flatMap((key) => STATE.exec(key)?.[1] ?? []);
    },
    async list(environment: string): Promise<readonly string[]> {
      const found = await Promise.all(
        buckets.map(async (Bucket) => ({
          Bucket,
          count: await unlessAbsent(countVersions(client, { Bucket, Prefix: `${environment}/` }), 0),
        })),
      );
      return found.flatMap(({ Bucket, count }) =>
        count === 0 ? [] : [`${count} versions of objects s3://${Bucket}/${environment}/`],
      );
    },
    /** The state that knew nothing any more, and a lock on it. */
    async deleteState(environment: string): Promise<void> {
      const Objects = (await unlessAbsent(keys(stateBucket, `preview-${environment}.tfstate`), [])).map((Key) => ({
        Key,
      }));
      if (Objects.length > 0)
        await client.send(new DeleteObjectsCommand({ Bucket: stateBucket, Delete: { Objects, Quiet: true } }));
    },
    async deleteAll(environment: string): Promise<void> {
      const Prefix = `${environment}/`;
      await Promise.all(buckets.map((Bucket) => unlessAbsent(deleteVersions(client, { Bucket, Prefix }), undefined)));
    },
  };
}
