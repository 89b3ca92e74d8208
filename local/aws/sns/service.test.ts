import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSqsService } from '../sqs/service.ts';
import { createSnsService } from './service.ts';

describe('SNS', () => {
  let aws: TestCloud;
  let topics: SNSClient;
  let queues: SQSClient;
  let TopicArn: string;
  let QueueUrl: string;
  const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:inbox';
  const subscribe = async (Attributes: Record<string, string> = {}, more: object = {}) => {
    const input = { TopicArn, Protocol: 'sqs', Endpoint: QUEUE, Attributes, ...more };
    return (await topics.send(new SubscribeCommand(input))).SubscriptionArn ?? '';
  };
  const publish = (Message: string, more: object = {}) =>
    topics.send(new PublishCommand({ TopicArn, Message, ...more }));
  const inbox = async () => {
    const answer = await queues.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return (answer.Messages ?? []).map(({ Body = '' }) => Body);
  };

  beforeEach(async () => {
    aws = await startTestCloud((cloud) => [createSnsService(cloud), createSqsService(cloud)]);
    topics = new SNSClient(aws.client);
    queues = new SQSClient(aws.client);
    TopicArn = (await topics.send(new CreateTopicCommand({ Name: 'news' }))).TopicArn ?? '';
    QueueUrl = (await queues.send(new CreateQueueCommand({ QueueName: 'inbox' }))).QueueUrl ?? '';
  });
  afterEach(() => aws.remove());

  test('a queue gets the envelope, or with raw delivery the message itself', async () => {
    const arn = await subscribe();
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'done' } };
    const { MessageId } = await publish('hello', { Subject: 'greeting', MessageAttributes });
    const [body = ''] = await inbox();
    expect(JSON.parse(body)).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'greeting',
      Message: 'hello',
      MessageAttributes: { kind: { Type: 'String', Value: 'done' } },
    });
    const raw = { SubscriptionArn: arn, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
    await topics.send(new SetSubscriptionAttributesCommand(raw));
    await publish('plain');
    expect(await inbox()).toEqual(['plain']);
  });

  test('a filter lets through what it names', async () => {
    await subscribe({
      RawMessageDelivery: 'true',
      FilterPolicy: JSON.stringify({ kind: ['done', { prefix: 'err' }], quiet: [{ exists: false }] }),
    });
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    await publish('none');
    await publish('done', { MessageAttributes: { kind: attribute('done') } });
    await publish('error', { MessageAttributes: { kind: attribute('error') } });
    await publish('quiet', { MessageAttributes: { kind: attribute('done'), quiet: attribute('yes') } });
    expect((await inbox()).toSorted()).toEqual(['done', 'error']);
  });

  test('subscribing twice is one subscription; mail is only logged; the end of a subscription and of a topic', async () => {
    const arn = await subscribe();
    expect(await subscribe()).toBe(arn);
    await subscribe({}, { Protocol: 'email', Endpoint: 'team@example.com' });
    await publish('hello');
    expect(aws.events.map(({ message }) => message)).toContain('news would notify email team@example.com');
    const count = async () =>
      (await topics.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.['SubscriptionsConfirmed'];
    expect(await count()).toBe('2');
    await topics.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    const list = await topics.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(list.Subscriptions?.map(({ Protocol }) => Protocol)).toEqual(['email']);
    await topics.send(new DeleteTopicCommand({ TopicArn }));
    await expect(publish('nowhere')).rejects.toMatchObject({ name: 'NotFoundException' });
    const SubscriptionArn = list.Subscriptions?.[0]?.SubscriptionArn;
    const gone = topics.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    await expect(gone).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('a queue that is gone does not fail the publisher', async () => {
    await subscribe({}, { Endpoint: `${QUEUE}-gone` });
    await publish('hello');
    expect(aws.events.map(({ message }) => message)).toContain(`news: ${QUEUE}-gone got no message`);
  });

  test('a batch names the entries that failed', async () => {
    await subscribe({ RawMessageDelivery: 'true' });
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: 'one' },
      { Id: 'b', Message: '' },
    ];
    const answer = await topics.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameterException' }]);
    expect(await inbox()).toEqual(['one']);
  });

  test.each([
    ['a FIFO topic', () => new CreateTopicCommand({ Name: 'a.fifo' }), 'UnsupportedOperation'],
    ['a bad name', () => new CreateTopicCommand({ Name: 'a b' }), 'InvalidParameterException'],
    [
      'an unknown attribute',
      () => new CreateTopicCommand({ Name: 'a', Attributes: { Colour: 'red' } }),
      'InvalidParameterException',
    ],
    [
      'an unknown protocol',
      () => new SubscribeCommand({ TopicArn, Protocol: 'fax', Endpoint: '1' }),
      'InvalidParameterException',
    ],
    [
      'a bad filter',
      () => new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE, Attributes: { FilterPolicy: '[]x' } }),
      'InvalidParameterException',
    ],
  ])('%s is refused', async (_what, command, name) => {
    await expect(topics.send(command() as CreateTopicCommand)).rejects.toMatchObject({ name });
  });
});
