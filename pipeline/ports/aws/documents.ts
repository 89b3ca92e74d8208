import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Documents } from '../../preview/ports.ts';

/** Items `{ environment, item, version, value }` in the ledger's table. services/waker writes them, too. */
export function createDocuments({
  table: TableName,
  ...options
}: DynamoDBClientConfig & { readonly table: string }): Documents {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(options), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return {
    async read<Value>(environment: string, item: string) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { environment, item }, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : { version: Number(Item['version']), value: Item['value'] as Value };
    },
    async write(environment, item, { from, value }) {
      const condition: Partial<PutCommandInput> =
        from === 0
          ? { ConditionExpression: 'attribute_not_exists(#i)', ExpressionAttributeNames: { '#i': 'item' } }
          : {
              ConditionExpression: '#v = :from',
              ExpressionAttributeNames: { '#v': 'version' },
              ExpressionAttributeValues: { ':from': from },
            };
      try {
        await client.send(
          new PutCommand({ TableName, Item: { environment, item, version: from + 1, value }, ...condition }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async remove(environment, item) {
      await client.send(new DeleteCommand({ TableName, Key: { environment, item } }));
    },
  };
}
