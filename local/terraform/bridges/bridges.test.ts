import type { TestCloud } from '../../aws/kit/test-cloud.ts';
import type { RunningProvider } from '../server.ts';
import { startAllServices } from '../testing/cloud.ts';
import { startTestProvider } from '../testing/provider.ts';
import { createWorkspace, ref, type Workspace } from '../testing/workspace.ts';

let cloud: TestCloud;
let provider: RunningProvider;
let workspace: Workspace;

beforeAll(async () => {
  cloud = await startAllServices();
  provider = await startTestProvider(cloud.cloud);
});
afterAll(async () => {
  await provider.close();
  await cloud.remove();
});
beforeEach(() => {
  workspace = createWorkspace(() => provider.reattach);
});
afterEach(async () => {
  const { code, output } = await workspace.run('destroy', '-auto-approve', '-no-color');
  workspace.remove();
  expect(code === 0 ? '' : output).toBe('');
});

/** The SDK's door. */
const call = <Output>(service: string, operation: string, input: object): Promise<Output> =>
  cloud.cloud.invoke<Output>(service, operation, input);

async function expectNoChanges(configuration?: object): Promise<void> {
  const { code, output } = await workspace.plan(configuration);
  expect(code === 0 ? '' : output).toBe('');
}

describe('SSM parameters', () => {
  const parameter = (value: string) => ({
    resource: { aws_ssm_parameter: { p: { name: '/app/p', type: 'String', value } } },
  });
  const read = () => call<{ Parameter: { Value: string; Version: number } }>('ssm', 'GetParameter', { Name: '/app/p' });

  test('have one version more with every value; what the SDK wrote shows as drift', async () => {
    await workspace.apply(parameter('one'));
    expect((await read()).Parameter).toMatchObject({ Value: 'one', Version: 1 });
    await workspace.apply(parameter('two'));
    expect(await workspace.attributes('aws_ssm_parameter.p')).toMatchObject({
      value: 'two',
      version: 2,
      tier: 'Standard',
    });
    await call('ssm', 'PutParameter', { Name: '/app/p', Value: 'by hand', Overwrite: true });
    const drift = await workspace.plan();
    expect(drift.code).toBe(2);
    expect(drift.output).toContain('1 to change');
    await workspace.apply();
    expect((await read()).Parameter).toMatchObject({ Value: 'two', Version: 4 });
    await expectNoChanges();
  });

  test('deleted outside are planned to be created', async () => {
    await workspace.apply(parameter('one'));
    await call('ssm', 'DeleteParameter', { Name: '/app/p' });
    expect((await workspace.plan()).output).toContain('1 to add, 0 to change, 0 to destroy');
  });

  test('hold secret, insecure and write-only values', async () => {
    const configuration = {
      resource: {
        aws_ssm_parameter: {
          secret: { name: '/app/secret', type: 'SecureString', value: 'hidden' },
          plain: { name: '/app/plain', type: 'String', insecure_value: 'shown', tier: 'Intelligent-Tiering' },
          unseen: { name: '/app/unseen', type: 'SecureString', value_wo: 'never stored', value_wo_version: 1 },
        },
      },
    };
    await workspace.apply(configuration);
    await expectNoChanges();
    const { Parameter } = await call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
      Name: '/app/unseen',
      WithDecryption: true,
    });
    expect(Parameter.Value).toBe('never stored');
    expect(JSON.stringify(await workspace.attributes('aws_ssm_parameter.unseen'))).not.toContain('never stored');
  });

  test('can be read by a data source', async () => {
    await workspace.apply(parameter('one'));
    await workspace.apply({
      ...parameter('one'),
      data: { aws_ssm_parameter: { p: { name: '/app/p' } } },
      output: { value: { value: ref('nonsensitive(data.aws_ssm_parameter.p.value)') } },
    });
    expect((await workspace.run('output', '-raw', 'value')).output).toBe('one');
  });
});

describe('secrets and log groups', () => {
  test('are what the SDK describes', async () => {
    await workspace.apply({
      resource: {
        aws_secretsmanager_secret: { s: { name: 'db', description: 'of the database', recovery_window_in_days: 0 } },
        aws_secretsmanager_secret_version: {
          v: { secret_id: ref('aws_secretsmanager_secret.s.id'), secret_string: 'pw' },
        },
        aws_cloudwatch_log_group: { l: { name: '/app', retention_in_days: 7, tags: { a: 'b' } } },
      },
    });
    await expectNoChanges();
    const value = await call<{ SecretString: string }>('secretsmanager', 'GetSecretValue', { SecretId: 'db' });
    expect(value.SecretString).toBe('pw');
    const { logGroups } = await call<{ logGroups: object[] }>('logs', 'DescribeLogGroups', {
      logGroupNamePrefix: '/app',
    });
    expect(logGroups).toMatchObject([{ logGroupName: '/app', retentionInDays: 7 }]);
  });
});

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
    await workspace.apply(table({ deletion_protection_enabled: true }));
    await expectNoChanges();
    const refused = await workspace.run('destroy', '-auto-approve', '-no-color');
    expect(refused.output).toContain('operation error DynamoDB: DeleteTable');
    expect(
      await workspace.apply(
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

  test('need a declared attribute for every key', async () => {
    const { output } = await workspace.plan(table({ attribute: [{ name: 'id', type: 'S' }] }));
    expect(output).toContain('all attributes must be indexed');
    workspace.write({});
  });

  test('are replaced when a key changes', async () => {
    await workspace.apply(table());
    const { output } = await workspace.plan(
      table({ range_key: null, attribute: ['id', 'who'].map((name) => ({ name, type: 'S' })) }),
    );
    expect(output).toContain('1 to add, 0 to change, 1 to destroy');
  });
});

describe('S3 buckets', () => {
  const bucket = ref('aws_s3_bucket.b.id');
  const configuration = {
    resource: {
      aws_s3_bucket: { b: { bucket: 'app-data', force_destroy: true, tags: { a: 'b' } }, logs: { bucket: 'app-logs' } },
      aws_s3_bucket_versioning: { v: { bucket, versioning_configuration: { status: 'Enabled' } } },
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
          rule: [
            { id: 'all', status: 'Enabled', filter: {}, expiration: { days: 30 } },
            {
              id: 'some',
              status: 'Enabled',
              filter: { and: { prefix: 'tmp/', tags: { keep: 'no' } } },
              noncurrent_version_expiration: { noncurrent_days: 3 },
              abort_incomplete_multipart_upload: { days_after_initiation: 7 },
              transition: [{ days: 30, storage_class: 'STANDARD_IA' }],
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
    await workspace.apply(configuration);
    await expectNoChanges();
    const head = await call<{ ContentLength: number }>('s3', 'HeadObject', { Bucket: 'app-data', Key: 'a/b.txt' });
    expect(head.ContentLength).toBe(5);
    await call('s3', 'PutPublicAccessBlock', {
      Bucket: 'app-data',
      PublicAccessBlockConfiguration: { BlockPublicAcls: false, RestrictPublicBuckets: true },
    });
    expect((await workspace.plan()).output).toMatch(/block_public_acls\s+= false -> true/);
    await call('s3', 'DeleteBucketPolicy', { Bucket: 'app-data' });
    expect((await workspace.plan()).output).toContain('aws_s3_bucket_policy.p will be created');
  });
});

describe('ECR repositories', () => {
  test('with policies need no second change', async () => {
    const repository = ref('aws_ecr_repository.r.name');
    await workspace.apply({
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
    expect(await workspace.attributes('aws_ecr_repository.r')).toMatchObject({
      repository_url: '127.0.0.1:5000/app/web',
    });
  });
});
