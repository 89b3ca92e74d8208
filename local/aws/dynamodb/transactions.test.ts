import {
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { key, startTestTable, type TestTable } from './test-table.ts';

describe('DynamoDB transactions', () => {
  let table: TestTable;
  beforeEach(async () => {
    table = await startTestTable();
  });
  afterEach(() => table.aws.remove());
  const transaction = (
    ...TransactItems: NonNullable<ConstructorParameters<typeof TransactWriteItemsCommand>[0]['TransactItems']>
  ) => table.client.send(new TransactWriteItemsCommand({ TransactItems }));
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
    await table.put('head', 'r1');
    await transaction(putStep('release#2', 'two'), expectHead('r1'));
    expect(await table.get('release#2')).toBe('two');
    const failed = transaction(putStep('release#3', 'three'), expectHead('r0'));
    await expect(failed).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(failed).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { value: { S: 'r1' } } }],
    });
    expect(await table.get('release#3')).toBeUndefined();
    await expect(transaction(putStep('a', '1'), putStep('a', '2'))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('a transaction that breaks half-way is undone', async () => {
    await table.put('head', 'text');
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
    expect(await table.get('new')).toBeUndefined();
  });

  test('a transaction that a crash interrupted is undone at the next start', async () => {
    await table.put('head', 'r1');
    await table.put('half', 'written');
    const undo = [
      { table: 'ledger', key: key('half') },
      { table: 'ledger', key: key('head'), before: { ...key('head'), value: { S: 'r0' } } },
      { table: 'gone', key: key('head') },
    ];
    table.aws.cloud.store.collection('dynamodb/journal').set('id', undo);
    table = await table.restart();
    expect(await table.get('half')).toBeUndefined();
    expect(await table.get('head')).toBe('r0');
    expect(table.aws.cloud.store.collection('dynamodb/journal').entries()).toEqual([]);
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
    await table.client.send(add('1'));
    table = await table.restart();
    await table.client.send(add('1'));
    const read = { Get: { TableName: 'ledger', Key: key('count') } };
    const { Responses } = await table.client.send(new TransactGetItemsCommand({ TransactItems: [read] }));
    expect(Responses?.[0]?.Item?.['amount']).toEqual({ N: '1' });
    await expect(table.client.send(add('2'))).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });
});
