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
import type { AppliedMigration, ApprovalRequest, Control, Entry, Freeze, Head, Ledger, Lock } from './ledger.ts';
import type { Release } from './types.ts';

const RELEASE = 'release#';
const APPROVAL = 'signoff#';
const ENTRY = 'trail#';

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

/** The item of migrations has an attribute per service, and its keys. */
const withoutKeys = (item: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'item' && name !== 'environment'));

/** An item without its keys. */
function content<Value>(item: Record<string, unknown> | undefined): Value | undefined {
  if (item === undefined) return undefined;
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'item' && name !== 'partition')) as Value;
}

/**
 * The ledger in DynamoDB: partition key `environment`, sort key `item` = `freeze` | `head` | `lock` | `migrations` | `queue` |
 * `release#<id>` | `signoff#<commit>` | `trail#<id>`. The control items sort before everything that grows, so that one query
 * reads them together.
 */
export function createDynamoLedger({ table, ...options }: DynamoDBClientConfig & { readonly table: string }): Ledger {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(options), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const key = (environment: string, item: string) => ({ TableName: table, Key: { environment, item } });
  const newest = async <Item>(environment: string, prefix: string, limit: number): Promise<Item[]> => {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: limit,
        KeyConditionExpression: '#e = :e AND begins_with(#i, :prefix)',
        ExpressionAttributeNames: { '#e': 'environment', '#i': 'item' },
        ExpressionAttributeValues: { ':e': environment, ':prefix': prefix },
      }),
    );
    return (answer.Items ?? []).flatMap((item) => content<Item>(item) ?? []);
  };
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
      const items = Object.fromEntries((answer.Items ?? []).map((item) => [item['item'], item]));
      const { migrations } = items;
      return { ...items, ...(migrations && { migrations: withoutKeys(migrations) }) } as Control;
    },
    releases: (environment, limit) => newest<Release>(environment, RELEASE, limit),
    async release(environment, id) {
      const answer = await client.send(new GetCommand({ ...key(environment, RELEASE + id), ConsistentRead: true }));
      return content<Release>(answer.Item);
    },
    async saveRelease(release) {
      await client.send(new PutCommand({ TableName: table, Item: { ...release, item: RELEASE + release.id } }));
    },
    async moveHead(environment, { from, release, commit }) {
      const head: Head = { release, commit, version: from + 1 };
      // A move whose answer was lost is sent again by the client: it finds what it has written, and that is a success.
      const ours = '(#v = :to AND #r = :release AND #c = :commit)';
      const condition: Partial<PutCommandInput> = {
        ConditionExpression: from === 0 ? `attribute_not_exists(#i) OR ${ours}` : `#v = :from OR ${ours}`,
        ExpressionAttributeNames: {
          '#v': 'version',
          '#r': 'release',
          '#c': 'commit',
          ...(from === 0 && { '#i': 'item' }),
        },
        ExpressionAttributeValues: {
          ':to': head.version,
          ':release': release,
          ':commit': commit,
          ...(from > 0 && { ':from': from }),
        },
      };
      const item = { ...head, environment, item: 'head' };
      return holds(client.send(new PutCommand({ TableName: table, Item: item, ...condition })));
    },
    async dropHead(environment) {
      await client.send(new DeleteCommand(key(environment, 'head')));
    },
    async acquireLock(environment, lock: Lock, now, over) {
      const acquired = await holds(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...lock, environment, item: 'lock' },
            // Ours already: the client sent it again because the answer was lost.
            ConditionExpression: 'attribute_not_exists(#i) OR #x <= :now OR #t IN (:over, :ours)',
            ExpressionAttributeNames: { '#i': 'item', '#x': 'expires', '#t': 'token' },
            ExpressionAttributeValues: { ':now': now, ':over': over ?? '', ':ours': lock.token },
          }),
        ),
      );
      if (acquired) return { acquired };
      const answer = await client.send(new GetCommand({ ...key(environment, 'lock'), ConsistentRead: true }));
      return { acquired, lock: content<Lock>(answer.Item) };
    },
    async renewLock(environment, token, expires) {
      try {
        const answer = await client.send(
          new UpdateCommand({
            ...key(environment, 'lock'),
            UpdateExpression: 'SET #x = :x',
            ConditionExpression: '#t = :t',
            ExpressionAttributeNames: { '#x': 'expires', '#t': 'token' },
            ExpressionAttributeValues: { ':x': expires, ':t': token },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return content<Lock>(answer.Attributes);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },
    async askToStop(environment, token, request) {
      await holds(
        client.send(
          new UpdateCommand({
            ...key(environment, 'lock'),
            UpdateExpression: 'SET #a = if_not_exists(#a, :a)',
            ConditionExpression: '#t = :t',
            ExpressionAttributeNames: { '#a': 'asked', '#t': 'token' },
            ExpressionAttributeValues: { ':a': request, ':t': token },
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
    async enqueue(environment, waiting, now, over) {
      return holds(
        client.send(
          new PutCommand({
            TableName: table,
            Item: { ...waiting, environment, item: 'queue' },
            ConditionExpression: 'attribute_not_exists(#i) OR #x <= :now OR #c = :ours OR #c = :over',
            ExpressionAttributeNames: { '#i': 'item', '#x': 'expires', '#c': 'commit' },
            ExpressionAttributeValues: { ':now': now, ':ours': waiting.commit, ':over': over ?? '' },
          }),
        ),
      );
    },
    async dequeue(environment, commit) {
      await holds(
        client.send(
          new DeleteCommand({
            ...key(environment, 'queue'),
            ConditionExpression: '#c = :c',
            ExpressionAttributeNames: { '#c': 'commit' },
            ExpressionAttributeValues: { ':c': commit },
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
    async saveMigrations(environment, service, applied: readonly AppliedMigration[]) {
      await client.send(
        new UpdateCommand({
          ...key(environment, 'migrations'),
          UpdateExpression: 'SET #s = :a',
          ExpressionAttributeNames: { '#s': service },
          ExpressionAttributeValues: { ':a': applied },
        }),
      );
    },
    async saveApprovalRequest(environment, request) {
      const item = { ...request, environment, item: APPROVAL + request.commit };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },
    approvalRequests: (environment, prefix) => newest<ApprovalRequest>(environment, APPROVAL + prefix, 100),
    async record(entry) {
      await client.send(new PutCommand({ TableName: table, Item: { ...entry, item: ENTRY + entry.id } }));
    },
    history: (environment, limit) => newest<Entry>(environment, ENTRY, limit),
  };
}
