import type { Cloud } from '../../cloud.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

/** A standard queue as it is kept. Attributes are texts, as the API gives and takes them. */
export interface Queue {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Tags;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly modified: number;
}

/** Where a message goes that was received too often without being deleted. */
export interface DeadLetters {
  readonly queue: string;
  readonly maxReceiveCount: number;
}

/** Attribute -> default, smallest and largest value. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const NUMBERS: Readonly<Record<string, readonly [number, number, number]>> = {
  DelaySeconds: [0, 0, 900],
  MaximumMessageSize: [1_048_576, 1024, 1_048_576],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
  VisibilityTimeout: [30, 0, 43_200],
  KmsDataKeyReusePeriodSeconds: [300, 60, 86_400],
};
const OTHERS = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'SqsManagedSseEnabled']);

export const queueArn = (cloud: Cloud, name: string): string => arn(cloud, 'sqs', name);
export const queueUrl = (cloud: Cloud, name: string): string => `${cloud.endpoints.aws}/${cloud.accountId}/${name}`;
export const queueName = (urlOrArn: string): string => urlOrArn.split(/[/:]/).at(-1) ?? '';

export const noSuchQueue = (): AwsError => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

/** Refuses a name that SQS would not take; FIFO queues are not played. */
export function checkName(name: string): void {
  if (name.endsWith('.fifo')) {
    throw new AwsError('UnsupportedOperation', 'FIFO queues are not supported by the local cloud', { status: 501 });
  }
  if (!/^[\w-]{1,80}$/.test(name)) {
    const allowed = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    throw new AwsError('InvalidParameterValue', `${allowed}: ${JSON.stringify(name)}`);
  }
}

export function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    const limits = NUMBERS[name];
    if (!limits && !OTHERS.has(name)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    const [, least = 0, most = 0] = limits ?? [];
    const number = Number(value);
    if (limits && (value === '' || !Number.isInteger(number) || number < least || number > most)) {
      throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}: ${value}`);
    }
  }
  readRedrive(attributes);
}

/** A number of seconds or bytes that the queue says, else the default. */
export function numberOf(queue: Queue, name: keyof typeof NUMBERS & string): number {
  return Number(queue.attributes[name] ?? NUMBERS[name]?.[0]);
}

export function deadLetters(queue: Queue): DeadLetters | undefined {
  return readRedrive(queue.attributes);
}

function readRedrive({ RedrivePolicy }: Readonly<Record<string, string>>): DeadLetters | undefined {
  if (!RedrivePolicy) return undefined;
  const policy = parse(RedrivePolicy);
  const maxReceiveCount = Number(policy['maxReceiveCount']);
  const target = policy['deadLetterTargetArn'];
  if (typeof target !== 'string' || !Number.isInteger(maxReceiveCount) || maxReceiveCount < 1) {
    throw new AwsError('InvalidParameterValue', `Value ${RedrivePolicy} for parameter RedrivePolicy is invalid.`);
  }
  return { queue: queueName(target), maxReceiveCount };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Everything that GetQueueAttributes tells but the numbers of messages. */
export function describeQueue(cloud: Cloud, queue: Queue): Record<string, string> {
  const encryption: Record<string, string> =
    queue.attributes['KmsMasterKeyId'] === undefined ? { SqsManagedSseEnabled: 'true' } : {};
  const numbers = Object.entries(NUMBERS)
    .filter(([name]) => name !== 'KmsDataKeyReusePeriodSeconds' || !encryption['SqsManagedSseEnabled'])
    .map(([name, [value]]) => [name, String(value)]);
  return {
    ...Object.fromEntries(numbers),
    ...encryption,
    ...queue.attributes,
    QueueArn: queueArn(cloud, queue.name),
    CreatedTimestamp: String(Math.floor(queue.created / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
  };
}
