/** Jobs in DynamoDB. Every change is conditional, so that two runs never both own a job. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  ScanCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Claim, Job, Jobs, Outcome } from './jobs.ts';

/** Finished jobs are removed by the table's time to live, which keeps the scan for waiting ones short. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;

const WAITING = '#status = :new OR (#status = :running AND leaseUntil < :now)';
const OWNED = '#status = :running AND #owner = :owner';

export function createDynamoJobs(client: DynamoDBDocumentClient, table: string): Jobs {
  const update = async (id: string, change: Omit<UpdateCommandInput, 'TableName' | 'Key'>) => {
    try {
      return await client.send(new UpdateCommand({ TableName: table, Key: { id }, ...change }));
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };
  return {
    async waiting(now) {
      const ids: string[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new ScanCommand({
            TableName: table,
            FilterExpression: WAITING,
            ProjectionExpression: 'id',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':new': 'new', ':running': 'running', ':now': now },
            ConsistentRead: true,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        ids.push(...(page.Items ?? []).map((item) => String(item['id'])));
        start = page.LastEvaluatedKey;
      } while (start);
      return ids;
    },
    async claim({ id, owner, now, leaseUntil }) {
      const updated = await update(id, {
        ConditionExpression: WAITING,
        UpdateExpression: 'SET #status = :running, #owner = :owner, leaseUntil = :until ADD attempts :one',
        ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner' },
        ExpressionAttributeValues: {
          ':new': 'new',
          ':running': 'running',
          ':now': now,
          ':owner': owner,
          ':until': leaseUntil,
          ':one': 1,
        },
        ReturnValues: 'ALL_NEW',
      });
      return updated?.Attributes as Job | undefined;
    },
    async finish({ id, owner, now }, outcome) {
      return (await update(id, finished(owner, now, outcome))) !== undefined;
    },
    async giveBack({ id, owner }: Claim) {
      await update(id, {
        ConditionExpression: OWNED,
        UpdateExpression: 'SET #status = :new REMOVE #owner, leaseUntil',
        ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner' },
        ExpressionAttributeValues: { ':new': 'new', ':running': 'running', ':owner': owner },
      });
    },
  };
}

function finished(owner: string, now: number, outcome: Outcome): Omit<UpdateCommandInput, 'TableName' | 'Key'> {
  const { status, ...details } = outcome;
  const fields = {
    ...details,
    finishedAt: new Date(now).toISOString(),
    expiresAt: Math.floor(now / 1000) + KEEP_SECONDS,
  };
  const names = Object.keys(fields);
  return {
    ConditionExpression: OWNED,
    UpdateExpression: `SET #status = :status, ${names.map((name) => `#${name} = :${name}`).join(', ')} REMOVE #owner, leaseUntil`,
    ExpressionAttributeNames: {
      '#status': 'status',
      '#owner': 'owner',
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':status': status,
      ':running': 'running',
      ':owner': owner,
      ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])),
    },
  };
}
