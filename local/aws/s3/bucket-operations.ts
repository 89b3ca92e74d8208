import type * as s3 from '@aws-sdk/client-s3';
import type { Input } from '../kit/input.ts';
import { checkBucketName } from './buckets.ts';
import { notSupported, s3Error } from './errors.ts';
import type { S3Context } from './objects.ts';

/** Operations on buckets themselves. */
export function bucketOperations({ cloud, buckets, bodies }: S3Context) {
  return {
    CreateBucket(input: Input<s3.CreateBucketRequest>): s3.CreateBucketOutput {
      checkBucketName(input.Bucket);
      if (input.ObjectLockEnabledForBucket) throw notSupported('Object Lock');
      if (buckets.exists(input.Bucket)) throw s3Error('BucketAlreadyOwnedByYou');
      const settings = input.ObjectOwnership
        ? { OwnershipControls: { Rules: [{ ObjectOwnership: input.ObjectOwnership }] } }
        : {};
      buckets.save({ name: input.Bucket, created: cloud.now(), settings });
      return { Location: `/${input.Bucket}`, BucketArn: `arn:aws:s3:::${input.Bucket}` };
    },
    HeadBucket(input: Input<s3.HeadBucketRequest>): s3.HeadBucketOutput {
      buckets.find(input.Bucket);
      return { BucketArn: `arn:aws:s3:::${input.Bucket}`, BucketRegion: cloud.region };
    },
    async DeleteBucket(input: Input<s3.DeleteBucketRequest>) {
      const { name } = buckets.find(input.Bucket);
      if (buckets.objects(name).entries().length > 0) throw s3Error('BucketNotEmpty');
      const uploads = buckets.uploads(name);
      const parts = uploads.entries().flatMap(([, upload]) => Object.values(upload.parts));
      for (const [id] of uploads.entries()) uploads.delete(id);
      buckets.remove(name);
      await Promise.all(parts.map(({ body }) => bodies.remove(body)));
      return {};
    },
    ListBuckets(input: s3.ListBucketsRequest): s3.ListBucketsOutput {
      const shown = buckets.all().filter(({ name }) => name.startsWith(input.Prefix ?? ''));
      return {
        Buckets: shown.map(({ name, created }) => ({
          Name: name,
          CreationDate: new Date(created),
          BucketRegion: cloud.region,
        })),
        Owner: { ID: cloud.accountId },
      };
    },
    GetBucketLocation(input: Input<s3.GetBucketLocationRequest>): s3.GetBucketLocationOutput {
      buckets.find(input.Bucket);
      // Buckets in us-east-1 have no location constraint.
      return {};
    },
    PutBucketVersioning(input: Input<s3.PutBucketVersioningRequest>) {
      const { Status, MFADelete } = input.VersioningConfiguration;
      if (MFADelete === 'Enabled') throw notSupported('MFA delete');
      if (Status !== 'Enabled' && Status !== 'Suspended') throw s3Error('MalformedXML');
      buckets.save({ ...buckets.find(input.Bucket), versioning: Status });
      return {};
    },
    GetBucketVersioning: (input: Input<s3.GetBucketVersioningRequest>): s3.GetBucketVersioningOutput => ({
      Status: buckets.find(input.Bucket).versioning,
    }),
  };
}
