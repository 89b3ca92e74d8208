/** Records in DynamoDB (partition key `tenant`, sort key `id`), large parts in S3. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ObjectStore } from '../aws/objects.ts';
import { NOBODY } from '../predictions/request.ts';
import type { RecordStore } from './log.ts';
import type { Parts, PredictionRecord } from './record.ts';

const ROUNDS = 4;
/** Before what a table that throttles left over is sent again; doubled each time. */
const PAUSE_MILLISECONDS = 50;

export function createRecordStore(
  client: DynamoDBDocumentClient,
  table: string,
  objects: Pick<ObjectStore, 'write'>,
): RecordStore {
  return {
    async write(records) {
      const placed = await Promise.allSettled(
        records.map(async ({ object }) => object && (await objects.write(object.key, object.body, 'application/json'))),
      );
      // A record without its parts would be found and not be readable; the others are none the worse for it.
      const whole = records.filter((_, at) => placed[at]?.status === 'fulfilled');
      let left = whole.map(({ record }) => ({ PutRequest: { Item: { ...record } } }));
      for (let round = 0; round < ROUNDS && left.length > 0; round++) {
        if (round > 0) await sleep(PAUSE_MILLISECONDS * 2 ** round);
        const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems: { [table]: left } }));
        left = (UnprocessedItems[table] ?? []) as typeof left;
      }
      return left.length + records.length - whole.length;
    },
  };
}

export interface Period {
  /** Empty: nobody's. */
  readonly tenant: string;
  /** Milliseconds since 1970, both included. */
  readonly from: number;
  readonly to: number;
  readonly limit?: number;
}

export interface PredictionReader {
  /** Of a tenant, oldest first. */
  list(period: Period): Promise<PredictionRecord[]>;
  find(tenant: string, id: string): Promise<PredictionRecord | undefined>;
  /** Request, features and result, wherever they are. */
  parts(record: PredictionRecord): Promise<Parts | undefined>;
}

export function createPredictionReader(
  client: DynamoDBDocumentClient,
  table: string,
  objects: Pick<ObjectStore, 'read'>,
): PredictionReader {
  return {
    async list({ tenant, from, to, limit = 1000 }) {
      const found: PredictionRecord[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: '#tenant = :tenant AND #id BETWEEN :first AND :last',
            ExpressionAttributeNames: { '#tenant': 'tenant', '#id': 'id' },
            ExpressionAttributeValues: { ':tenant': tenant || NOBODY, ':first': firstId(from), ':last': lastId(to) },
            Limit: limit - found.length,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        found.push(...((page.Items ?? []) as PredictionRecord[]));
        start = page.LastEvaluatedKey;
      } while (start && found.length < limit);
      return found;
    },
    async find(tenant, id) {
      const Key = { tenant: tenant || NOBODY, id };
      return (await client.send(new GetCommand({ TableName: table, Key }))).Item as PredictionRecord | undefined;
    },
    async parts({ parts, object }) {
      if (parts || object === undefined) return parts;
      const bytes = await objects.read(object);
      return bytes && (JSON.parse(Buffer.from(bytes).toString()) as Parts);
    },
  };
}

/** The smallest and the largest UUID version 7 of a millisecond. */
const firstId = (time: number): string => `${timePart(time)}-7000-8000-000000000000`;
const lastId = (time: number): string => `${timePart(time)}-7fff-bfff-ffffffffffff`;

function timePart(time: number): string {
  const hex = Math.floor(time).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
