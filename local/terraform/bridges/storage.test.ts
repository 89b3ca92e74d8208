import { useTerraform } from '../testing/fixture.ts';
import { ref } from '../testing/workspace.ts';

const terraform = useTerraform();
const { call, expectNoChanges } = terraform;

describe('DynamoDB tables', () => {
  const table = (change: object = {}) => ({
    resource: {
      aws_dynamodb_table: {
        t: {
          name: 'orders',
          billing_mode: 'PAY_PER_REQUEST',
          hash_key: 'id',
          range_key: 'at',
          attribute: ['id', 'at', 'who'].map((name) => ({ name, type: 'S' })),
          global_secondary_index: [{ name: 'by-who', hash_key: 'who', projection_type: 'ALL' }],
          ttl: { attribute_name: 'expires', enabled: true },
          point_in_time_recovery: { enabled: true },
          server_side_encryption: { enabled: true },
          ...change,
        },
      },
    },
  });

  test('change in place and are protected', async () => {
    await terraform.workspace.apply(table({ deletion_protection_enabled: true }));
    await expectNoChanges();
    const refused = await terraform.workspace.run('destroy', '-auto-approve', '-no-color');
    expect(refused.output).toContain('operation error DynamoDB: DeleteTable');
    expect(
      await terraform.workspace.apply(
        table({
          tags: { a: 'b' },
          global_secondary_index: [],
          attribute: ['id', 'at'].map((name) => ({ name, type: 'S' })),
        }),
      ),
    ).toContain('1 changed');
    await expectNoChanges();
    const { Table } = await call<{ Table: Record<string, unknown> }>('dynamodb', 'DescribeTable', {
      TableName: 'orders',
    });
    expect(Table['GlobalSecondaryIndexes'] ?? []).toEqual([]);
    expect(Table['DeletionProtectionEnabled']).toBe(false);
  });

  test('whose creation fails half-way are known to Terraform, and replaced the next time', async () => {
    terraform.failing.add('dynamodb:UpdateTimeToLive');
    terraform.workspace.write(table());
    const { code, output } = await terraform.workspace.run('apply', '-auto-approve', '-no-color');
    terraform.failing.clear();
    expect(code).toBe(1);
    expect(output.replace(/\s+/g, ' ')).toContain(
      'creating aws_dynamodb_table (orders): operation error DynamoDB: UpdateTimeToLive, https response error StatusCode: 403, AccessDeniedException: denied by the test',
    );
    expect(await terraform.workspace.apply()).toContain('1 added, 0 changed, 1 destroyed');
    await expectNoChanges();
  });

  test('that could not be changed stay as they were', async () => {
    await terraform.workspace.apply(table());
    terraform.failing.add('dynamodb:TagResource');
    terraform.workspace.write(table({ tags: { a: 'b' } }));
    const { code } = await terraform.workspace.run('apply', '-auto-approve', '-no-color');
    terraform.failing.clear();
    expect(code).toBe(1);
    expect(await terraform.workspace.apply()).toContain('1 changed');
  });

  test('need a declared attribute for every key', async () => {
    const { output } = await terraform.workspace.plan(table({ attribute: [{ name: 'id', type: 'S' }] }));
    expect(output).toContain('all attributes must be indexed');
    terraform.workspace.write({});
  });

  test('are replaced when a key changes', async () => {
    await terraform.workspace.apply(table());
    const { output } = await terraform.workspace.plan(
      table({ range_key: null, attribute: ['id', 'who'].map((name) => ({ name, type: 'S' })) }),
    );
    expect(output).toContain('1 to add, 0 to change, 1 to destroy');
  });
});

describe('S3 buckets', () => {
  const bucket = ref('aws_s3_bucket.b.id');
  const logs = { bucket: 'app-logs', object_lock_enabled: true, request_payer: 'Requester' };
  const configuration = {
    resource: {
      aws_s3_bucket: { b: { bucket: 'app-data', force_destroy: true, tags: { a: 'b' } }, logs },
      aws_s3_bucket_versioning: {
        v: { bucket, versioning_configuration: { status: 'Enabled' } },
        none: {
          bucket: ref('aws_s3_bucket.logs.id'),
          expected_bucket_owner: '000000000000',
          versioning_configuration: { status: 'Disabled' },
        },
      },
      aws_s3_bucket_public_access_block: { p: { bucket, block_public_acls: true, restrict_public_buckets: true } },
      aws_s3_bucket_ownership_controls: { o: { bucket, rule: { object_ownership: 'BucketOwnerEnforced' } } },
      aws_s3_bucket_server_side_encryption_configuration: {
        e: {
          bucket,
          rule: { bucket_key_enabled: true, apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms' } },
        },
      },
      aws_s3_bucket_lifecycle_configuration: {
        l: {
          bucket,
          transition_default_minimum_object_size: 'varies_by_storage_class',
          rule: [
            { id: 'all', status: 'Enabled', filter: {}, expiration: { days: 30 } },
            {
              id: 'some',
              status: 'Enabled',
              filter: { and: { prefix: 'tmp/', tags: { keep: 'no' } } },
              noncurrent_version_expiration: { noncurrent_days: 3 },
              abort_incomplete_multipart_upload: { days_after_initiation: 7 },
              transition: [{ days: 30, storage_class: 'STANDARD_IA' }, { storage_class: 'INTELLIGENT_TIERING' }],
            },
          ],
        },
      },
      aws_s3_bucket_policy: {
        p: { bucket, policy: JSON.stringify({ Version: '2012-10-17', Statement: [] }, undefined, 4) },
      },
      aws_s3_bucket_logging: { l: { bucket, target_bucket: ref('aws_s3_bucket.logs.id'), target_prefix: 'log/' } },
      aws_s3_object: { o: { bucket, key: 'a/b.txt', content: 'hello', depends_on: ['aws_s3_bucket_versioning.v'] } },
    },
  };

  test('and all that is set on them need no second change', async () => {
    await terraform.workspace.apply(configuration);
    await expectNoChanges();
    const head = await call<{ ContentLength: number }>('s3', 'HeadObject', { Bucket: 'app-data', Key: 'a/b.txt' });
    expect(head.ContentLength).toBe(5);
    await call('s3', 'PutPublicAccessBlock', {
      Bucket: 'app-data',
      PublicAccessBlockConfiguration: { BlockPublicAcls: false, RestrictPublicBuckets: true },
    });
    expect((await terraform.workspace.plan()).output).toMatch(/block_public_acls\s+= false -> true/);
    await call('s3', 'DeleteBucketPolicy', { Bucket: 'app-data' });
    expect((await terraform.workspace.plan()).output).toContain('aws_s3_bucket_policy.p will be created');
  });
});

describe('ECR repositories', () => {
  test('with policies need no second change', async () => {
    const repository = ref('aws_ecr_repository.r.name');
    await terraform.workspace.apply({
      resource: {
        aws_ecr_repository: {
          r: {
            name: 'app/web',
            image_tag_mutability: 'IMMUTABLE',
            image_scanning_configuration: { scan_on_push: true },
            encryption_configuration: { encryption_type: 'KMS' },
            force_delete: true,
          },
          plain: { name: 'app/plain' },
        },
        aws_ecr_lifecycle_policy: { l: { repository, policy: '{"rules": [{"rulePriority": 1}]}' } },
        aws_ecr_repository_policy: { p: { repository, policy: '{"Version":"2012-10-17","Statement":[]}' } },
      },
    });
    await expectNoChanges();
    expect(await terraform.workspace.attributes('aws_ecr_repository.r')).toMatchObject({
      repository_url: '127.0.0.1:5000/app/web',
    });
  });
});
