import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSecretsManagerService } from './service.ts';

describe('Secrets Manager', () => {
  let aws: TestCloud;
  let client: SecretsManagerClient;
  let now: number;
  const start = async (home?: string) => {
    aws = await startTestCloud((cloud) => [createSecretsManagerService(cloud)], {
      now: () => now,
      ...(home ? { home } : {}),
    });
    client = new SecretsManagerClient(aws.client);
  };
  beforeEach(async () => {
    now = Date.parse('2026-01-01');
    await start();
  });
  afterEach(() => aws.remove());
  const get = (SecretId: string, more: object = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));

  test('stages move from version to version, and survive a restart', async () => {
    const created = await client.send(new CreateSecretCommand({ Name: 'app/key', SecretString: 'one' }));
    await client.send(new PutSecretValueCommand({ SecretId: 'app/key', SecretString: 'two' }));
    await aws.stop();
    await start(aws.cloud.home);
    expect(await get('app/key')).toMatchObject({ SecretString: 'two', VersionStages: ['AWSCURRENT'] });
    expect(await get(created.ARN ?? '', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'one' });
    const current = await get('app/key');
    const move = { SecretId: 'app/key', VersionStage: 'AWSCURRENT', MoveToVersionId: created.VersionId };
    await expect(client.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: current.VersionId }));
    expect(await get('app/key')).toMatchObject({ SecretString: 'one' });
    expect(await get('app/key', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'two' });
  });

  test('binary values come back as they were', async () => {
    const SecretBinary = Buffer.from([0, 255, 1]);
    await client.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary }));
    expect(Buffer.from((await get('bytes')).SecretBinary ?? [])).toEqual(SecretBinary);
  });

  test('the same request token is idempotent, with another value it is refused', async () => {
    await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'a' }));
    const ClientRequestToken = '0123456789abcdef0123456789abcdef';
    const put = (SecretString: string) =>
      client.send(new PutSecretValueCommand({ SecretId: 's', SecretString, ClientRequestToken }));
    await put('b');
    expect(await put('b')).toMatchObject({ VersionId: ClientRequestToken });
    await expect(put('c')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('a deleted secret can be restored until its window ends', async () => {
    await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'a' }));
    await client.send(new DeleteSecretCommand({ SecretId: 's', RecoveryWindowInDays: 7 }));
    await expect(get('s')).rejects.toMatchObject({ name: 'InvalidRequestException' });
    expect((await client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    await client.send(new RestoreSecretCommand({ SecretId: 's' }));
    expect(await get('s')).toMatchObject({ SecretString: 'a' });
    await client.send(new DeleteSecretCommand({ SecretId: 's' }));
    now += 31 * 24 * 60 * 60 * 1000;
    await expect(client.send(new DescribeSecretCommand({ SecretId: 's' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'b' }));
    await expect(client.send(new CreateSecretCommand({ Name: 's' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });
});
