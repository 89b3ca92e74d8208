import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoDbService } from '../../local/aws/dynamodb/service.ts';
import { startTestCloud, type TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createPredictionReader, createRecordStore } from '../../services/kit/prediction-log/dynamo.ts';
import { createPredictionLog } from '../../services/kit/prediction-log/log.ts';
import { memoryLog, memoryObjects } from '../../services/kit/test-support.ts';

let aws: TestCloud;
afterAll(() => aws.remove());

test('predictions are found by tenant and time, with their parts wherever those are', async () => {
  aws = await startTestCloud((cloud) => [createDynamoDbService(cloud)]);
  const client = new DynamoDBClient(aws.client);
  const keys = ['tenant', 'id'] as const;
  await client.send(
    new CreateTableCommand({
      TableName: 'log',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    }),
  );
  const documents = DynamoDBDocumentClient.from(client);
  const objects = memoryObjects();
  let time = 1_000_000;
  const store = createRecordStore(documents, 'log', objects);
  const predictions = createPredictionLog({ store, sampling: 1, prefix: '', log: memoryLog().log, now: () => time });
  const data = new Float32Array(4000);
  const record = (tenant: string, columns: number) =>
    predictions.record({
      tenant,
      model: 'sum',
      version: '1',
      variant: '',
      rows: 1,
      milliseconds: 1,
      request: Buffer.from('{}'),
      contentType: 'application/json',
      inputs: { x: { datatype: 'FP32', shape: [1, columns], data: data.subarray(0, columns) } },
      outputs: { y: { datatype: 'FP32', shape: [1, 1], data: new Float32Array(1) } },
    });
  const ids: (string | undefined)[] = [];
  for (let count = 0; count < 40; count++) {
    ids.push(record('acme', count === 20 ? 4000 : 3));
    record('', 3);
    time += 1000;
  }
  await predictions.stop();
  expect(predictions.counts).toEqual({ written: 80, dropped: 0, waiting: 0 });

  const reader = createPredictionReader(documents, 'log', objects);
  const found = await reader.list({ tenant: 'acme', from: 1_010_000, to: 1_029_999 });
  expect(found.map(({ id }) => id)).toEqual(ids.slice(10, 30));
  expect(await reader.list({ tenant: '', from: 1_039_000, to: 1_039_000 })).toHaveLength(1);
  const large = await reader.find('acme', ids[20] ?? '');
  expect(large?.object).toBe(`log/acme/${ids[20]}.json`);
  const parts = large && (await reader.parts(large));
  expect(parts?.features[0]?.shape).toEqual([1, 4000]);
});

test('while S3 refuses, only predictions with large parts are lost, and counted', async () => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(aws.client));
  const store = createRecordStore(documents, 'log', { write: () => Promise.reject(new Error('SlowDown')) });
  const predictions = createPredictionLog({
    store,
    sampling: 1,
    prefix: '',
    log: memoryLog().log,
    now: () => 5_000_000,
  });
  for (const columns of [3, 4000, 3])
    predictions.record({
      tenant: 'throttled',
      model: 'sum',
      version: '1',
      variant: '',
      rows: 1,
      milliseconds: 1,
      request: Buffer.from('{}'),
      contentType: 'application/json',
      inputs: { x: { datatype: 'FP32', shape: [1, columns], data: new Float32Array(columns) } },
      outputs: { y: { datatype: 'FP32', shape: [1, 1], data: new Float32Array(1) } },
    });
  await predictions.stop();
  expect(predictions.counts).toEqual({ written: 2, dropped: 1, waiting: 0 });
  const reader = createPredictionReader(documents, 'log', memoryObjects());
  expect(await reader.list({ tenant: 'throttled', from: 5_000_000, to: 5_000_000 })).toHaveLength(2);
});
