import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { FeedbackStore } from './feedback.ts';

/** Feedback in DynamoDB: one partition per model, sorted by time. */
export function createDynamoFeedback(client: DynamoDBDocumentClient, table: string): FeedbackStore {
  return {
    async add(feedback) {
      await client.send(new PutCommand({ TableName: table, Item: feedback }));
    },
    async summary(model) {
      const ratings: unknown[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: '#model = :model',
            ProjectionExpression: 'rating',
            ExpressionAttributeNames: { '#model': 'model' },
            ExpressionAttributeValues: { ':model': model },
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        ratings.push(...(page.Items ?? []).map((item) => item['rating']));
        start = page.LastEvaluatedKey;
      } while (start);
      const count = (rating: string) => ratings.filter((given) => given === rating).length;
      return { model, total: ratings.length, helpful: count('helpful'), wrong: count('wrong') };
    },
  };
}
