import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSqsService } from './service.ts';

describe('SQS', () => {
  let aws: TestCloud;
  let client: SQSClient;
  let now: number;
  let QueueUrl: string;
  const start = async (home?: string) => {
    const options = { now: () => now, ...(home ? { home } : {}) };
    aws = await startTestCloud((cloud) => [createSqsService(cloud)], options);
    client = new SQSClient(aws.client);
  };
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const send = (MessageBody: string, more: object = {}) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (more: object = {}, from = QueueUrl): Promise<Message[]> => {
    const input = { QueueUrl: from, MaxNumberOfMessages: 10, ...more };
    return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
  };
  const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);
  const counts = async () => {
    const names = ['', 'NotVisible', 'Delayed'] as const;
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return names.map((name) => Number((Attributes as Record<string, string>)[`ApproximateNumberOfMessages${name}`]));
  };

  beforeEach(async () => {
    now = Date.parse('2026-01-01');
    await start();
    QueueUrl = await create('work', { VisibilityTimeout: '60' });
  });
  afterEach(() => aws.remove());

  test('a message that is not deleted comes back after its time, with a new receipt', async () => {
    await send('one');
    const [first] = await receive();
    expect(first).toMatchObject({ Body: 'one' });
    expect(await receive()).toEqual([]);
    expect(await counts()).toEqual([0, 1, 0]);
    now += 60_000;
    const [again] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(again?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(await counts()).toEqual([0, 1, 0]);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    expect(await counts()).toEqual([0, 0, 0]);
  });

  test('a heartbeat keeps a message hidden, and giving it back shows it at once', async () => {
    await send('one');
    const [message] = await receive();
    now += 50_000;
    const ReceiptHandle = message?.ReceiptHandle;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 60 }));
    now += 50_000;
    expect(await receive()).toEqual([]);
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(bodies(await receive())).toEqual(['one']);
  });

  test('a message that is received too often goes to the dead letters', async () => {
    const dead = await create('dead');
    const policy = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 2 };
    const Attributes = { RedrivePolicy: JSON.stringify(policy) };
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    const { MessageId } = await send('poison');
    for (let receives = 0; receives < 2; receives++) {
      expect(bodies(await receive())).toEqual(['poison']);
      now += 60_000;
    }
    expect(await receive()).toEqual([]);
    expect(await receive({}, dead)).toMatchObject([{ Body: 'poison', MessageId }]);
  });

  test('a receiver that waits gets a message as soon as it is sent', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await send('late');
    expect(bodies(await waiting)).toEqual(['late']);
  });

  test('attributes come back as they were, and their digest is the one that the AWS CLI and the SDK expect', async () => {
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'größe' },
      raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
    };
    const { MD5OfMessageAttributes } = await send('one', { MessageAttributes });
    const [message] = await receive({ MessageAttributeNames: ['All'] });
    expect(message?.MD5OfMessageAttributes).toBe(MD5OfMessageAttributes);
    expect(message?.MessageAttributes?.['kind']).toMatchObject(MessageAttributes.kind);
    expect([...(message?.MessageAttributes?.['raw']?.BinaryValue ?? [])]).toEqual([0, 255]);
    expect((await receive({ MessageAttributeNames: ['kind'] }))[0]?.MessageAttributes).toBeUndefined();
  });

  test('batches: entries that fail do not fail the others', async () => {
    const Entries = [
      { Id: 'a', MessageBody: 'one' },
      { Id: 'b', MessageBody: '' },
    ];
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(sent.Failed).toMatchObject([{ Id: 'b', Code: 'MissingParameter' }]);
    const [message] = await receive();
    const gone = [{ Id: 'a', ReceiptHandle: message?.ReceiptHandle }];
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: gone }));
    expect(await counts()).toEqual([0, 0, 0]);
    const twice = [Entries[0], Entries[0]].map((entry) => ({ Id: '', MessageBody: '', ...entry }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries: twice }))).rejects.toMatchObject({
      name: 'BatchEntryIdsNotDistinct',
    });
  });

  test('delayed and expired messages, a restart, and the end of a queue', async () => {
    await send('later', { DelaySeconds: 10 });
    await send('now');
    expect(await counts()).toEqual([1, 0, 1]);
    await aws.stop();
    await start(aws.cloud.home);
    QueueUrl = await create('work', { VisibilityTimeout: '60' });
    expect(bodies(await receive())).toEqual(['now']);
    now += 10_000;
    expect(bodies(await receive())).toEqual(['later']);
    now += 345_601_000;
    expect(await receive()).toEqual([]);
    await send('purged');
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await counts()).toEqual([0, 0, 0]);
    await client.send(new DeleteQueueCommand({ QueueUrl }));
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
    await expect(send('nowhere')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  test.each([
    ['a FIFO queue', { QueueName: 'a.fifo' }, 'UnsupportedOperation'],
    ['a bad name', { QueueName: 'a b' }, 'InvalidParameterValue'],
    ['an unknown attribute', { QueueName: 'a', Attributes: { Colour: 'red' } }, 'InvalidAttributeName'],
    ['a bad number', { QueueName: 'a', Attributes: { DelaySeconds: '901' } }, 'InvalidAttributeValue'],
    ['a bad policy', { QueueName: 'a', Attributes: { RedrivePolicy: '{}' } }, 'InvalidParameterValue'],
    ['other attributes', { QueueName: 'work', Attributes: { VisibilityTimeout: '1' } }, 'QueueNameExists'],
  ])('%s is refused', async (_what, input, name) => {
    const attempt = client.send(new CreateQueueCommand(input as { QueueName: string }));
    await expect(attempt).rejects.toMatchObject({ name });
  });
});
