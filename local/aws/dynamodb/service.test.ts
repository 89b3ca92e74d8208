import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createContext } from './context.ts';
import { openEngine } from './engine.ts';
import { removeExpired } from './expiry.ts';
import { createDynamoDbService } from './service.ts';

const LEDGER = {
  TableName: 'ledger',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'environment', KeyType: 'HASH' },
    { AttributeName: 'item', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'environment', AttributeType: 'S' },
    { AttributeName: 'item', AttributeType: 'S' },
  ],
} satisfies CreateTableCommandInput;

describe('DynamoDB', () => {
  let aws: TestCloud;
  let client: DynamoDBClient;
  const start = async (home?: string) => {
    aws = await startTestCloud((cloud) => [createDynamoDbService(cloud)], home ? { home } : {});
    client = new DynamoDBClient(aws.client);
  };
  const restart = async () => {
    await aws.stop();
    await start(aws.cloud.home);
  };
  beforeEach(async () => {
    await start();
    await client.send(new CreateTableCommand(LEDGER));
  });
  afterEach(() => aws.remove());

  const key = (item: string) => ({ environment: { S: 'staging' }, item: { S: item } });
  const put = (item: string, value: string, more: object = {}) =>
    client.send(new PutItemCommand({ TableName: 'ledger', Item: { ...key(item), value: { S: value } }, ...more }));
  const get = async (item: string) =>
    (await client.send(new GetItemCommand({ TableName: 'ledger', Key: key(item), ConsistentRead: true }))).Item?.[
      'value'
    ]?.S;

  test('a table is active at once, and its items survive a restart', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'ledger' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      DeletionProtectionEnabled: false,
    });
    const Item = { ...key('bytes'), value: { S: 'x' }, data: { B: Buffer.from([0, 255]) } };
    await client.send(new PutItemCommand({ TableName: 'ledger', Item }));
    await restart();
    const found = await client.send(new GetItemCommand({ TableName: 'ledger', Key: key('bytes') }));
    expect(Buffer.from(found.Item?.['data']?.B ?? [])).toEqual(Buffer.from([0, 255]));
    await expect(client.send(new CreateTableCommand(LEDGER))).rejects.toMatchObject({ name: 'ResourceInUseException' });
  });

  test('a failed condition brings the item if asked', async () => {
    await put('head', 'r1');
    const failed = put('head', 'r2', {
      ConditionExpression: 'attribute_not_exists(#item)',
      ExpressionAttributeNames: { '#item': 'item' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await expect(failed).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(failed).rejects.toMatchObject({ Item: { value: { S: 'r1' } } });
    expect(await get('head')).toBe('r1');
  });

  const transaction = (
    ...TransactItems: NonNullable<ConstructorParameters<typeof TransactWriteItemsCommand>[0]['TransactItems']>
  ) => client.send(new TransactWriteItemsCommand({ TransactItems }));
  const putStep = (item: string, value: string) => ({
    Put: { TableName: 'ledger', Item: { ...key(item), value: { S: value } } },
  });
  const expectHead = (value: string) => ({
    ConditionCheck: {
      TableName: 'ledger',
      Key: key('head'),
      ConditionExpression: '#value = :value',
      ExpressionAttributeNames: { '#value': 'value' },
      ExpressionAttributeValues: { ':value': { S: value } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    },
  });

  test('a transaction writes all or nothing', async () => {
    await put('head', 'r1');
    await transaction(putStep('release#2', 'two'), expectHead('r1'));
    expect(await get('release#2')).toBe('two');
    const failed = transaction(putStep('release#3', 'three'), expectHead('r0'));
    await expect(failed).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(failed).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { value: { S: 'r1' } } }],
    });
    expect(await get('release#3')).toBeUndefined();
    await expect(transaction(putStep('a', '1'), putStep('a', '2'))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('a transaction that breaks half-way is undone', async () => {
    await put('head', 'text');
    const increment = {
      Update: {
        TableName: 'ledger',
        Key: key('head'),
        UpdateExpression: 'ADD #value :one',
        ExpressionAttributeNames: { '#value': 'value' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
    await expect(transaction(putStep('new', '1'), increment)).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
    });
    expect(await get('new')).toBeUndefined();
  });

  test('a transaction that a crash interrupted is undone at the next start', async () => {
    await put('head', 'r1');
    await put('half', 'written');
    const undo = [
      { table: 'ledger', key: key('half') },
      { table: 'ledger', key: key('head'), before: { ...key('head'), value: { S: 'r0' } } },
      { table: 'gone', key: key('head') },
    ];
    aws.cloud.store.collection('dynamodb/journal').set('id', undo);
    await restart();
    expect(await get('half')).toBeUndefined();
    expect(await get('head')).toBe('r0');
    expect(aws.cloud.store.collection('dynamodb/journal').entries()).toEqual([]);
  });

  test('a request token makes a transaction happen once', async () => {
    const add = (amount: string) =>
      new TransactWriteItemsCommand({
        ClientRequestToken: 'token',
        TransactItems: [
          {
            Update: {
              TableName: 'ledger',
              Key: key('count'),
              UpdateExpression: 'ADD amount :n',
              ExpressionAttributeValues: { ':n': { N: amount } },
            },
          },
        ],
      });
    await client.send(add('1'));
    await restart();
    await client.send(add('1'));
    const read = { Get: { TableName: 'ledger', Key: key('count') } };
    const { Responses } = await client.send(new TransactGetItemsCommand({ TransactItems: [read] }));
    expect(Responses?.[0]?.Item?.['amount']).toEqual({ N: '1' });
    await expect(client.send(add('2'))).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });

  test('parallel conditional writes: exactly one wins', async () => {
    await put('head', '0');
    const claim = (holder: number) =>
      client.send(
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
    await put('a', 'one');
    await client.send(
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
    await put('b', 'one');
    const query = () =>
      client.send(
        new QueryCommand({
          TableName: 'ledger',
          IndexName: 'by-value',
          KeyConditionExpression: '#value = :value',
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: { ':value': { S: 'one' } },
        }),
      );
    expect((await query()).Count).toBe(2);
    await client.send(
      new UpdateTableCommand({
        TableName: 'ledger',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-value' } }],
      }),
    );
    await expect(query()).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('keeps settings that belong to a table', async () => {
    const TableName = 'ledger';
    await client.send(
      new UpdateTableCommand({
        TableName,
        DeletionProtectionEnabled: true,
        SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'key' },
      }),
    );
    await client.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    await restart();
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      DeletionProtectionEnabled: true,
      SSEDescription: { Status: 'ENABLED', KMSMasterKeyArn: 'key' },
    });
    const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
      'ENABLED',
    );
    await expect(client.send(new DeleteTableCommand({ TableName }))).rejects.toThrow('protected against deletion');
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
    await client.send(new CreateTableCommand({ ...LEDGER, Tags: [{ Key: 'app', Value: 'slipway' }] }));
    const ResourceArn = Table?.TableArn;
    expect((await client.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toEqual([
      { Key: 'app', Value: 'slipway' },
    ]);
  });

  test('refuses what it does not do', async () => {
    const streams = new UpdateTableCommand({
      TableName: 'ledger',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    await expect(client.send(streams)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const statement = client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM ledger' }));
    await expect(statement).rejects.toMatchObject({
      message: 'dynamodb:ExecuteStatement is not supported by the local cloud',
    });
  });

  test('time to live is described', async () => {
    const specification = { AttributeName: 'expires', Enabled: true };
    const update = new UpdateTimeToLiveCommand({ TableName: 'ledger', TimeToLiveSpecification: specification });
    await client.send(update);
    await expect(client.send(update)).rejects.toThrow('TimeToLive is already enabled');
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: 'ledger' }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  });
});

describe('expiry', () => {
  test('removes only items whose time has passed', async () => {
    const aws = await startTestCloud(() => [], { now: () => 1_000_000_000 });
    const engine = openEngine({ folder: `${aws.cloud.home}/dynamodb`, accountId: '0', region: 'us-east-1' });
    const context = createContext(aws.cloud, engine);
    await engine.run('CreateTable', { ...LEDGER });
    await engine.settled('ledger');
    context.settings.set('ledger', {
      deletionProtection: false,
      tags: {},
      timeToLive: { attribute: 'expires', enabled: true },
    });
    const items = [
      { item: { S: 'past' }, expires: { N: '999999' } },
      { item: { S: 'future' }, expires: { N: '1000001' } },
      { item: { S: 'text' }, expires: { S: '1' } },
      { item: { S: 'none' } },
    ];
    for (const item of items) {
      await engine.run('PutItem', { TableName: 'ledger', Item: { environment: { S: 'staging' }, ...item } });
    }
    expect(await removeExpired(context)).toBe(1);
    const { Items } = await engine.run('Scan', { TableName: 'ledger' });
    expect((Items as { item: { S: string } }[]).map(({ item }) => item.S)).toEqual(['future', 'none', 'text']);
    await engine.close();
    await aws.remove();
  });
});
