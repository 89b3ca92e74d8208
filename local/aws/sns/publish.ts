import { randomUUID } from 'node:crypto';
import type * as sns from '@aws-sdk/client-sns';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { type Filter, invalid, readFilter, type Subscription, type Topic, type Topics } from './topics.ts';

type Notification = Pick<sns.PublishInput, 'Subject' | 'MessageAttributes' | 'MessageStructure'> & {
  readonly id: string;
  readonly topic: Topic;
  readonly message: string;
};

const LARGEST_MESSAGE = 262_144;
const LARGEST_BATCH = 10;

/** Publishing: queues and functions get the message, everybody else would be told over a network that is not there, so that is only logged. */
export function publishOperations(cloud: Cloud, topics: Topics) {
  const publish = async (topicArn: string, input: Omit<sns.PublishInput, 'TopicArn'>): Promise<string> => {
    const message = input.Message ?? '';
    if (message === '') throw invalid('Empty message');
    if (Buffer.byteLength(message) > LARGEST_MESSAGE) throw invalid('Message too long');
    const notification = { ...input, id: randomUUID(), topic: topics.find(topicArn), message };
    const wanted = topics.subscriptions(topicArn).filter((subscription) => wants(subscription, notification));
    await Promise.all(wanted.map((subscription) => deliver(cloud, subscription, notification)));
    return notification.id;
  };
  return {
    async Publish({ TopicArn, TargetArn, ...input }: Input<sns.PublishInput>): Promise<sns.PublishResponse> {
      const target = TopicArn ?? TargetArn;
      if (!target) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
      return { MessageId: await publish(target, input) };
    },
    async PublishBatch(input: Input<sns.PublishBatchInput>): Promise<sns.PublishBatchResponse> {
      const entries = input.PublishBatchRequestEntries;
      if (entries.length === 0) throw new AwsError('EmptyBatchRequestException', 'The batch request is empty.');
      if (entries.length > LARGEST_BATCH) {
        throw new AwsError('TooManyEntriesInBatchRequestException', 'The batch request has more than 10 entries.');
      }
      const Successful: sns.PublishBatchResultEntry[] = [];
      const Failed: sns.BatchResultErrorEntry[] = [];
      for (const { Id, ...entry } of entries) {
        try {
          Successful.push({ Id, MessageId: await publish(input.TopicArn, entry) });
        } catch (error) {
          if (!(error instanceof AwsError) || error.name === 'NotFoundException') throw error;
          Failed.push({ Id, Code: error.name, Message: error.message, SenderFault: true });
        }
      }
      return { Successful, Failed };
    },
  };
}

async function deliver(cloud: Cloud, subscription: Subscription, notification: Notification): Promise<void> {
  const { protocol, endpoint } = subscription;
  const isRaw = subscription.attributes['RawMessageDelivery'] === 'true';
  try {
    if (protocol === 'sqs') {
      await cloud.invoke('sqs', 'SendMessage', {
        QueueUrl: endpoint,
        MessageBody: isRaw
          ? messageFor(protocol, notification)
          : JSON.stringify(envelope(cloud, subscription, notification)),
        ...(isRaw ? { MessageAttributes: notification.MessageAttributes } : {}),
      });
    } else if (protocol === 'lambda') {
      const Sns = envelope(cloud, subscription, notification);
      const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscription.arn, Sns };
      const Payload = Buffer.from(JSON.stringify({ Records: [record] }));
      await cloud.invoke('lambda', 'Invoke', { FunctionName: endpoint, InvocationType: 'Event', Payload });
    } else {
      const message = `${notification.topic.name} would notify ${protocol} ${endpoint}`;
      cloud.log({ source: 'sns', message, subject: notification.Subject ?? '' });
    }
  } catch (error) {
    cloud.log({
      source: 'sns',
      message: `${notification.topic.name}: ${endpoint} got no message`,
      error: String(error),
    });
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
function envelope(cloud: Cloud, subscription: Subscription, notification: Notification): object {
  const attributes = Object.entries(notification.MessageAttributes ?? {}).map(
    ([name, { DataType, StringValue, BinaryValue }]) => {
      const Value = BinaryValue ? Buffer.from(BinaryValue).toString('base64') : StringValue;
      return [name, { Type: DataType, Value }];
    },
  );
  return {
    Type: 'Notification',
    MessageId: notification.id,
    TopicArn: notification.topic.arn,
    ...(notification.Subject ? { Subject: notification.Subject } : {}),
    Message: messageFor(subscription.protocol, notification),
    Timestamp: new Date(cloud.now()).toISOString(),
    ...(attributes.length > 0 ? { MessageAttributes: Object.fromEntries(attributes) } : {}),
  };
}

/** With `MessageStructure` json the message holds one text per protocol. */
function messageFor(protocol: string, { message, MessageStructure }: Notification): string {
  if (MessageStructure !== 'json') return message;
  const texts = JSON.parse(message) as Readonly<Record<string, unknown>>;
  return String(texts[protocol] ?? texts['default']);
}

function wants(subscription: Subscription, notification: Notification): boolean {
  const policy = subscription.attributes['FilterPolicy'];
  if (!policy) return true;
  const scope = subscription.attributes['FilterPolicyScope'] ?? 'MessageAttributes';
  return passes(
    readFilter(policy),
    scope === 'MessageBody' ? fieldsOf(notification.message) : attributesOf(notification),
  );
}

function attributesOf({ MessageAttributes = {} }: Notification): Readonly<Record<string, unknown>> {
  const entries = Object.entries(MessageAttributes).map(([name, { DataType = '', StringValue }]) => [
    name,
    DataType.startsWith('Number') ? Number(StringValue) : StringValue,
  ]);
  return Object.fromEntries(entries);
}

function fieldsOf(message: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(message);
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function passes(filter: Filter, values: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(([name, conditions]) => conditions.some((each) => holds(each, values[name])));
}

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html; conditions not played here are refused by name. */
function holds(condition: unknown, value: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return condition === value;
  const [[operator, operand] = ['', undefined]] = Object.entries(condition);
  if (operator === 'exists') return (value !== undefined) === operand;
  if (operator === 'prefix') return typeof value === 'string' && value.startsWith(String(operand));
  if (operator === 'anything-but') return value !== undefined && ![operand].flat().includes(value);
  throw new AwsError('UnsupportedOperation', `filter condition ${operator} is not supported by the local cloud`, {
    status: 501,
  });
}
