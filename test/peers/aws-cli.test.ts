import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDynamoDbService } from '../../local/aws/dynamodb/service.ts';
import { createEcrService } from '../../local/aws/ecr/service.ts';
import { startTestCloud, type TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createLogsService } from '../../local/aws/logs/service.ts';
import { createS3Service } from '../../local/aws/s3/service.ts';
import { createSecretsManagerService } from '../../local/aws/secretsmanager/service.ts';
import { createSsmService } from '../../local/aws/ssm/service.ts';
import { createStsService } from '../../local/aws/sts/service.ts';
import { RegistryStorage } from '../../local/registry/registry.ts';
import { type AwsCli, createAwsCli, findAwsCli } from './aws-cli.ts';

const program = findAwsCli();

describe('the AWS CLI', () => {
  let cloud: TestCloud;
  let aws: AwsCli;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
    const storage = new RegistryStorage({ folder: join(folder, 'registry') });
    cloud = await startTestCloud((parts) => [
      createStsService(parts),
      createSsmService(parts),
      createSecretsManagerService(parts),
      createLogsService(parts),
      createDynamoDbService(parts),
      createS3Service(parts),
      createEcrService(parts, storage),
    ]);
    aws = createAwsCli(program, cloud.client.endpoint, folder);
  });
  afterAll(async () => {
    await cloud.remove();
    rmSync(folder, { recursive: true });
  });

  test('sts: Query protocol', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: '000000000000' });
    const refused = aws('sts', 'get-federation-token', '--name', 'somebody');
    await expect(refused).rejects.toThrow(
      '(UnsupportedOperation) when calling the GetFederationToken operation: sts:GetFederationToken is not supported',
    );
  });

  test('ssm: JSON 1.1', async () => {
    await aws(
      'ssm',
      'put-parameter',
      '--name',
      '/cli/a',
      '--value',
      'grün',
      '--type',
      'SecureString',
      '--tags',
      'Key=a,Value=b',
    );
    const read = await aws('ssm', 'get-parameters-by-path', '--path', '/cli', '--with-decryption');
    expect(read).toMatchObject({ Parameters: [{ Name: '/cli/a', Value: 'grün', Version: 1 }] });
    const again = aws('ssm', 'put-parameter', '--name', '/cli/a', '--value', 'x', '--type', 'String');
    await expect(again).rejects.toThrow('(ParameterAlreadyExists)');
  });

  test('secretsmanager', async () => {
    await aws('secretsmanager', 'create-secret', '--name', 'cli', '--secret-string', 'one');
    await aws('secretsmanager', 'put-secret-value', '--secret-id', 'cli', '--secret-string', 'two');
    const previous = ['--secret-id', 'cli', '--version-stage', 'AWSPREVIOUS'];
    expect(await aws('secretsmanager', 'get-secret-value', ...previous)).toMatchObject({ SecretString: 'one' });
  });

  test('logs', async () => {
    await aws('logs', 'create-log-group', '--log-group-name', '/cli');
    await aws('logs', 'create-log-stream', '--log-group-name', '/cli', '--log-stream-name', 's');
    const event = JSON.stringify([{ timestamp: Date.now(), message: 'ERROR it broke' }]);
    await aws('logs', 'put-log-events', '--log-group-name', '/cli', '--log-stream-name', 's', '--log-events', event);
    const found = await aws('logs', 'filter-log-events', '--log-group-name', '/cli', '--filter-pattern', 'ERROR');
    expect(found).toMatchObject({ events: [{ message: 'ERROR it broke', logStreamName: 's' }] });
  });

  test('dynamodb: JSON 1.0, with a waiter and a condition', async () => {
    const table = ['--table-name', 'cli'];
    const schema = [
      '--key-schema',
      'AttributeName=id,KeyType=HASH',
      '--attribute-definitions',
      'AttributeName=id,AttributeType=S',
    ];
    await aws('dynamodb', 'create-table', ...table, ...schema, '--billing-mode', 'PAY_PER_REQUEST');
    await aws('dynamodb', 'wait', 'table-exists', ...table);
    const put = () =>
      aws(
        'dynamodb',
        'put-item',
        ...table,
        '--item',
        '{"id":{"S":"a"}}',
        '--condition-expression',
        'attribute_not_exists(id)',
      );
    await put();
    await expect(put()).rejects.toThrow('(ConditionalCheckFailedException)');
    expect(await aws('dynamodb', 'scan', ...table)).toMatchObject({ Count: 1, Items: [{ id: { S: 'a' } }] });
  });

  test('s3: REST-XML, large files in parts, listings and presigned URLs', async () => {
    const [file, copy] = [join(folder, 'big'), join(folder, 'copy')];
    writeFileSync(file, randomBytes(9 * 1024 * 1024));
    await aws('s3', 'mb', 's3://cli');
    await aws('s3', 'cp', '--only-show-errors', file, 's3://cli/folder/big file+ü');
    expect(await aws('s3', 'ls', '--recursive', 's3://cli')).toContain('folder/big file+ü');
    await aws('s3', 'cp', '--only-show-errors', 's3://cli/folder/big file+ü', copy);
    const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(hash(copy)).toBe(hash(file));
    const head = await aws('s3api', 'head-object', '--bucket', 'cli', '--key', 'folder/big file+ü');
    expect(head).toMatchObject({ ContentLength: 9 * 1024 * 1024, ETag: expect.stringMatching(/-2"$/) });
    const url = await aws('s3', 'presign', 's3://cli/folder/big file+ü');
    expect((await fetch(String(url))).status).toBe(200);
    await aws('s3', 'rm', '--only-show-errors', '--recursive', 's3://cli');
    await aws('s3', 'rb', 's3://cli');
  });

  test('ecr', async () => {
    await aws('ecr', 'create-repository', '--repository-name', 'cli', '--image-tag-mutability', 'IMMUTABLE');
    expect(await aws('ecr', 'describe-images', '--repository-name', 'cli')).toMatchObject({ imageDetails: [] });
    const missing = aws('ecr', 'describe-images', '--repository-name', 'cli', '--image-ids', 'imageTag=none');
    await expect(missing).rejects.toThrow('(ImageNotFoundException)');
  });
});
