import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
} from '@aws-sdk/client-s3';
import { startTestS3, type TestS3 } from './test-s3.ts';

describe('S3 buckets', () => {
  let s3: TestS3;
  beforeEach(async () => {
    s3 = await startTestS3();
  });
  afterEach(() => s3.aws.remove());
  const Bucket = 'bucket';

  test('are made once, listed, and deleted only when empty', async () => {
    await expect(s3.client.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    await expect(s3.client.send(new CreateBucketCommand({ Bucket: 'No_Bucket' }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
    expect((await s3.client.send(new ListBucketsCommand({}))).Buckets).toMatchObject([{ Name: 'bucket' }]);
    expect((await s3.client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeFalsy();
    await s3.put('k', 'x');
    await expect(s3.client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    const missing = s3.client.send(new HeadBucketCommand({ Bucket: 'missing' }));
    await expect(missing).rejects.toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });

  test('have the settings of new buckets on AWS', async () => {
    const { PublicAccessBlockConfiguration } = await s3.client.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true, RestrictPublicBuckets: true });
    const { OwnershipControls } = await s3.client.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    const { ServerSideEncryptionConfiguration: encryption } = await s3.client.send(
      new GetBucketEncryptionCommand({ Bucket }),
    );
    expect(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'AES256' });
    expect((await s3.client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    expect((await s3.client.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled).toBeUndefined();
    await expect(s3.client.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
    await expect(s3.client.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchTagSet',
    });
  });

  test('keep their settings over a restart', async () => {
    const Policy = '{"Version":"2012-10-17","Statement":[]}';
    await s3.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const Rules = [{ ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } }];
    await s3.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    await s3.client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
    s3 = await s3.restart();
    expect((await s3.client.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
    expect((await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules);
    expect((await s3.client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: 'a', Value: 'b' }]);
    await s3.client.send(new DeleteBucketPolicyCommand({ Bucket }));
    await expect(s3.client.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
    await s3.client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const block = s3.client.send(new GetPublicAccessBlockCommand({ Bucket }));
    await expect(block).rejects.toMatchObject({ name: 'NoSuchPublicAccessBlockConfiguration' });
  });

  test('encrypt new objects by default as configured', async () => {
    const Rules = [
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: 'arn:key' } },
    ];
    await s3.client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
    await s3.put('k', 'x');
    const found = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    expect(found).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'arn:key' });
  });

  test('list with prefix, delimiter and pages', async () => {
    for (const key of ['a/1', 'a/2', 'b', 'c/x/y', 'd é', 'e']) await s3.put(key, key);
    const pages: (string | undefined)[][] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.client.send(
        new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      );
      pages.push([
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        ...(page.Contents ?? []).map(({ Key }) => Key),
      ]);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(pages).toEqual([['a/', 'b'], ['c/', 'd é'], ['e']]);
    const one = await s3.client.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'c/', StartAfter: 'c/a', EncodingType: 'url' }),
    );
    expect(one).toMatchObject({ KeyCount: 1, IsTruncated: false, Contents: [{ Key: 'c/x/y', Size: 5 }] });
    const old = await s3.client.send(new ListObjectsCommand({ Bucket, Marker: 'b', MaxKeys: 2 }));
    expect(old.Contents?.map(({ Key }) => Key)).toEqual(['c/x/y', 'd é']);
    expect(old.NextMarker).toBe('d é');
  });

  test('what is not served is refused by name', async () => {
    const acl = s3.client.send(new GetBucketAclCommand({ Bucket }));
    await expect(acl).rejects.toMatchObject({ message: 's3:GetBucketAcl is not supported by the local cloud' });
  });
});
