import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { PredictionRequest, PredictionRequests, Reference } from './request.ts';

interface Change {
  readonly reference: Reference;
  /** States in which the change is made. */
  readonly from: readonly string[];
  readonly set?: Readonly<Record<string, unknown>>;
  readonly add?: Readonly<Record<string, number>>;
}

/** Requests in DynamoDB; partition key `tenant`, sort key `id`. */
export function createDynamoRequests(client: DynamoDBDocumentClient, table: string): PredictionRequests {
  const keyOf = ({ tenant, id }: Reference) => ({ tenant, id });
  const find = async (reference: Reference): Promise<PredictionRequest | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: keyOf(reference), ConsistentRead: true }),
    );
    return Item as PredictionRequest | undefined;
  };
  const change = async ({ reference, from, set = {}, add = {} }: Change): Promise<PredictionRequest | undefined> => {
    const names = [...new Set(['state', ...Object.keys(set), ...Object.keys(add)])];
    const states = from.map((state, index) => [`:from${index}`, state] as const);
    const assign = Object.keys(set).map((name) => `#${name} = :${name}`);
    const count = Object.keys(add).map((name) => `#${name} :${name}`);
    const expression = [assign.length > 0 && `SET ${assign.join(', ')}`, count.length > 0 && `ADD ${count.join(', ')}`];
    return onCondition(async () => {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(reference),
          ConditionExpression: `#state IN (${states.map(([name]) => name).join(', ')})`,
          UpdateExpression: expression.filter(Boolean).join(' '),
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(states),
            ...Object.fromEntries(
              [...Object.entries(set), ...Object.entries(add)].map(([name, value]) => [`:${name}`, value]),
            ),
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes as PredictionRequest;
    });
  };
  return {
    find,
    async add(request) {
      const added = await onCondition(async () => {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...request },
            ConditionExpression: 'attribute_not_exists(#id)',
            ExpressionAttributeNames: { '#id': 'id' },
          }),
        );
        return true;
      });
      return added ? undefined : find(request);
    },
    async list(tenant, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#tenant = :tenant',
          ExpressionAttributeNames: { '#tenant': 'tenant' },
          ExpressionAttributeValues: { ':tenant': tenant },
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      return Items as PredictionRequest[];
    },
    async uploaded(reference) {
      await change({ reference, from: ['uploading'], set: { state: 'waiting' } });
    },
    begin: (reference) =>
      change({ reference, from: ['waiting', 'running'], set: { state: 'running' }, add: { attempts: 1 } }),
    async progressed(reference) {
      await change({ reference, from: ['running'], set: { attempts: 0 } });
    },
    async giveBack(reference, { reason, forgiven }) {
      const set = { state: 'waiting', ...(reason !== undefined && { reason }), ...(forgiven && { attempts: 0 }) };
      await change({ reference, from: ['running'], set });
    },
    finish: (reference, ending, now) =>
      change({
        reference,
        from: ['uploading', 'waiting', 'running'],
        set: { ...ending, finishedAt: new Date(now).toISOString() },
      }),
    async told(reference) {
      await change({ reference, from: ['done', 'failed'], set: { told: true } });
    },
  };
}

/** Undefined when the condition does not hold. */
async function onCondition<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
