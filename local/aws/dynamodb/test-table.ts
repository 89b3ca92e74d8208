import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createDynamoDbService } from './service.ts';

export const LEDGER = {
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

/** A test cloud with DynamoDB and the table `ledger`. */
export interface TestTable {
  readonly aws: TestCloud;
  readonly client: DynamoDBClient;
  put(item: string, value: string, more?: object): Promise<PutItemCommandOutput>;
  get(item: string): Promise<string | undefined>;
  restart(): Promise<TestTable>;
}

export const key = (item: string) => ({ environment: { S: 'staging' }, item: { S: item } });

export async function startTestTable(home?: string): Promise<TestTable> {
  const aws = await startTestCloud((cloud) => [createDynamoDbService(cloud)], home ? { home } : {});
  const client = new DynamoDBClient(aws.client);
  if (!home) await client.send(new CreateTableCommand(LEDGER));
  return {
    aws,
    client,
    put: (item, value, more = {}) =>
      client.send(new PutItemCommand({ TableName: 'ledger', Item: { ...key(item), value: { S: value } }, ...more })),
    async get(item) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: 'ledger', Key: key(item), ConsistentRead: true }),
      );
      return Item?.['value']?.S;
    },
    async restart() {
      await aws.stop();
      return startTestTable(aws.cloud.home);
    },
  };
}
