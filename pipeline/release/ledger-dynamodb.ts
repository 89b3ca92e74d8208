import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Control, Freeze, Head, Ledger, Lock } from './ledger.ts';
import type { Release } from './types.ts';

const RELEASE = 'release#';

/** A condition that does not hold is an answer; every other error is a fault. */
async function holds(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** An item without its keys. */
function content<Value>(item: Record<string, unknown> | undefined): Value | undefined {
  if (item === undefined) return undefined;
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'item' && name !== 'partition')) as Value;
}

/**
 * The ledger in DynamoDB: partition key `environment`, sort key `item` = `head` | `lock` | `freeze` | `release#<id>`.
 * The three control items sort before the releases, so that one query reads them together.
 */
export function createDynamoLedger({ table, ...options }: DynamoDBClientConfig & { readonly table: string }): Ledger {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(options), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const key = (environment: string, item: string) => ({ TableName: table, Key: { environment, item } });
  return {
    async control(environment) {
      const answer = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: '#e = :e AND #i < :releases',
          ExpressionAttributeNames: { '#e': 'environment', '#i': 'item' },
          ExpressionAttributeValues: { ':e': environment, ':releases': RELEASE },
        }),
      );
      return Object.fromEntries((answer.Items ?? []).map((item) => [item['item'], item])) as Control;
    },
    async releases(environment, limit) {
      const answer = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: limit,
          KeyConditionExpression: '#e = :e AND begins_with(#i, :releases)',
          ExpressionAttributeNames: { '#e': 'environment', '#i': 'item' },
          ExpressionAttributeValues: { ':e': environment, ':releases': RELEASE },
        }),
      );
      return (answer.Items ?? []).flatMap((item) => content<Release>(item) ?? []);
    },
    async release(environment, id) {
      const answer = await client.send(new GetCommand({ ...key(environment, RELEASE + id), ConsistentRead: true }));
      return content<Release>(answer.Item);
    },
    async saveRelease(release) {
      await client.send(new PutCommand({ TableName: table, Item: { ...release, item: RELEASE + release.id } }));
    },
    async moveHead(environment, { from, release, commit }) {
      const head: Head = { release, commit, version: from + 1 };
      const condition: Partial<PutCommandInput> =
        from === 0
          ? { ConditionExpression: 'attribute_not_exists(#i)', ExpressionAttributeNames: { '#i': 'item' } }
          : {
              ConditionExpression: '#v = :from',
              ExpressionAttributeNames: { '#v': 'version' },
              ExpressionAttributeValues: { ':from': from },
            };
      const item = { ...head, environment, item: 'head' };
      return holds(client.send(new PutCommand({ TableName: table, Item: item, ...condition })));
    },
    async dropHead(environment) {
      await client.send(new DeleteCommand(key(environment, 'head')));
    },
    async acquireLock(environment, lock: Lock, now) {
      const acquired = await holds(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...lock, environment, item: 'lock' },
            ConditionExpression: 'attribute_not_exists(#i) OR #x <= :now',
            ExpressionAttributeNames: { '#i': 'item', '#x': 'expires' },
            ExpressionAttributeValues: { ':now': now },
          }),
        ),
      );
      if (acquired) return { acquired };
      const answer = await client.send(new GetCommand({ ...key(environment, 'lock'), ConsistentRead: true }));
      return { acquired, lock: content<Lock>(answer.Item) };
    },
    async renewLock(environment, token, expires) {
      return holds(
        client.send(
          new UpdateCommand({
            ...key(environment, 'lock'),
            UpdateExpression: 'SET #x = :x',
            ConditionExpression: '#t = :t',
            ExpressionAttributeNames: { '#x': 'expires', '#t': 'token' },
            ExpressionAttributeValues: { ':x': expires, ':t': token },
          }),
        ),
      );
    },
    async releaseLock(environment, token) {
      await holds(
        client.send(
          new DeleteCommand({
            ...key(environment, 'lock'),
            ConditionExpression: '#t = :t',
            ExpressionAttributeNames: { '#t': 'token' },
            ExpressionAttributeValues: { ':t': token },
          }),
        ),
      );
    },
    async freeze(environment, freeze) {
      await client.send(new PutCommand({ TableName: table, Item: { ...freeze, environment, item: 'freeze' } }));
    },
    async resume(environment) {
      const answer = await client.send(new DeleteCommand({ ...key(environment, 'freeze'), ReturnValues: 'ALL_OLD' }));
      return content<Freeze>(answer.Attributes);
    },
  };
}
