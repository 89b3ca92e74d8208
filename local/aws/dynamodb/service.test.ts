import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { key, LEDGER, startTestTable, type TestTable } from './test-table.ts';

describe('DynamoDB', () => {
  let table: TestTable;
  beforeEach(async () => {
    table = await startTestTable();
  });
  afterEach(() => table.aws.remove());

  test('a table is active at once, and its items survive a restart', async () => {
    const { Table } = await table.client.send(new DescribeTableCommand({ TableName: 'ledger' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      DeletionProtectionEnabled: false,
    });
    const Item = { ...key('bytes'), value: { S: 'x' }, data: { B: Buffer.from([0, 255]) } };
    await table.client.send(new PutItemCommand({ TableName: 'ledger', Item }));
    table = await table.restart();
    const found = await table.client.send(new GetItemCommand({ TableName: 'ledger', Key: key('bytes') }));
    expect(Buffer.from(found.Item?.['data']?.B ?? [])).toEqual(Buffer.from([0, 255]));
    await expect(table.client.send(new CreateTableCommand(LEDGER))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
  });

  test('a failed condition brings the item if asked', async () => {
    await table.put('head', 'r1');
    const failed = table.put('head', 'r2', {
      ConditionExpression: 'attribute_not_exists(#item)',
      ExpressionAttributeNames: { '#item': 'item' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(failed).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(failed).rejects.toMatchObject({ Item: { value: { S: 'r1' } } });
    expect(await table.get('head')).toBe('r1');
  });

  test('parallel conditional writes: exactly one wins', async () => {
    await table.put('head', '0');
    const claim = (holder: number) =>
      table.client.send(
        new UpdateItemCommand({
          TableName: 'ledger',
          Key: key('lock'),
          UpdateExpression: 'SET holder = :holder',
          ConditionExpression: 'attribute_not_exists(holder)',
          ExpressionAttributeValues: { ':holder': { N: String(holder) } },
        }),
      );
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, holder) => claim(holder)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('an index can be added to a table with items, and removed again', async () => {
    await table.put('a', 'one');
    await table.client.send(
      new UpdateTableCommand({
        TableName: 'ledger',
        AttributeDefinitions: [{ AttributeName: 'value', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-value',
              KeySchema: [{ AttributeName: 'value', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          },
        ],
      }),
    );
    await table.put('b', 'one');
    const query = () =>
      table.client.send(
        new QueryCommand({
          TableName: 'ledger',
          IndexName: 'by-value',
          KeyConditionExpression: '#value = :value',
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: { ':value': { S: 'one' } },
        }),
      );
    expect((await query()).Count).toBe(2);
    await table.client.send(
      new UpdateTableCommand({
        TableName: 'ledger',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-value' } }],
      }),
    );
    await expect(query()).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('keeps settings that belong to a table', async () => {
    const TableName = 'ledger';
    await table.client.send(
      new UpdateTableCommand({
        TableName,
        DeletionProtectionEnabled: true,
        SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'key' },
      }),
    );
    await table.client.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    table = await table.restart();
    const { Table } = await table.client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      DeletionProtectionEnabled: true,
      SSEDescription: { Status: 'ENABLED', KMSMasterKeyArn: 'key' },
    });
    const backups = await table.client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
      'ENABLED',
    );
    await expect(table.client.send(new DeleteTableCommand({ TableName }))).rejects.toThrow(
      'protected against deletion',
    );
    await table.client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await table.client.send(new DeleteTableCommand({ TableName }));
    await table.client.send(new CreateTableCommand({ ...LEDGER, Tags: [{ Key: 'app', Value: 'slipway' }] }));
    const ResourceArn = Table?.TableArn;
    expect((await table.client.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toEqual([
      { Key: 'app', Value: 'slipway' },
    ]);
  });

  test('refuses what it does not do', async () => {
    const streams = new UpdateTableCommand({
      TableName: 'ledger',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    await expect(table.client.send(streams)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const statement = table.client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM ledger' }));
    await expect(statement).rejects.toMatchObject({
      message: 'dynamodb:ExecuteStatement is not supported by the local cloud',
    });
  });

  test('time to live is described', async () => {
    const specification = { AttributeName: 'expires', Enabled: true };
    const update = new UpdateTimeToLiveCommand({ TableName: 'ledger', TimeToLiveSpecification: specification });
    await table.client.send(update);
    await expect(table.client.send(update)).rejects.toThrow('TimeToLive is already enabled');
    const { TimeToLiveDescription } = await table.client.send(new DescribeTimeToLiveCommand({ TableName: 'ledger' }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  });
});
