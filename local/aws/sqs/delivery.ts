import type * as sqs from '@aws-sdk/client-sqs';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { attributesDigest, giveAttributes, keepAttributes, md5 } from './attributes.ts';
import type { StoredMessage } from './messages.ts';
import { numberOf, type Queue } from './queues.ts';
import type { Queues } from './service.ts';

const LARGEST_BATCH = 10;
const LARGEST_BATCH_BYTES = 1_048_576;

type Outgoing = Pick<sqs.SendMessageRequest, 'MessageBody' | 'MessageAttributes' | 'DelaySeconds'>;

/** Sending, receiving and deleting. */
export function deliveryOperations(cloud: Cloud, { messages, find }: Queues) {
  const send = (
    queue: Queue,
    { MessageBody: body = '', MessageAttributes: attributes = {}, DelaySeconds }: Outgoing,
  ) => {
    const size = sizeOf({ MessageBody: body, MessageAttributes: attributes });
    const limit = numberOf(queue, 'MaximumMessageSize');
    if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
    if (size > limit) {
      const message = `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`;
      throw new AwsError('InvalidParameterValue', message);
    }
    const { id } = messages.send(
      queue,
      { body, attributes: keepAttributes(attributes) },
      DelaySeconds ?? numberOf(queue, 'DelaySeconds'),
    );
    return { MessageId: id, MD5OfMessageBody: md5(body), MD5OfMessageAttributes: attributesDigest(attributes) };
  };
  /** A receipt whose message is gone is fine: it was deleted before. */
  const remove = (queue: Queue, receipt: string): object => {
    const message = messages.find(queue, receipt);
    if (message) messages.remove(queue, message);
    return {};
  };
  const hide = (queue: Queue, receipt: string, seconds: number): object => {
    if (seconds < 0 || seconds > 43_200) throw invalidValue('VisibilityTimeout', seconds);
    const message = messages.find(queue, receipt);
    if (!message) throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not valid.`);
    if (message.visible <= cloud.now()) {
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
    }
    messages.hide(queue, message, seconds);
    return {};
  };

  return {
    SendMessage: (input: Input<sqs.SendMessageRequest>): sqs.SendMessageResult => send(find(input.QueueUrl), input),
    SendMessageBatch(input: Input<sqs.SendMessageBatchRequest>): sqs.SendMessageBatchResult {
      const queue = find(input.QueueUrl);
      if (input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > LARGEST_BATCH_BYTES) {
        const message = `Batch requests cannot be longer than ${LARGEST_BATCH_BYTES} bytes.`;
        throw new AwsError('BatchRequestTooLong', message);
      }
      return forEach(input.Entries, (entry) => send(queue, entry)) as sqs.SendMessageBatchResult;
    },
    async ReceiveMessage(input: Input<sqs.ReceiveMessageRequest>): Promise<sqs.ReceiveMessageResult> {
      const queue = find(input.QueueUrl);
      const most = input.MaxNumberOfMessages ?? 1;
      if (most < 1 || most > LARGEST_BATCH) throw invalidValue('MaxNumberOfMessages', most);
      const waitSeconds = input.WaitTimeSeconds ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
      if (waitSeconds < 0 || waitSeconds > 20) throw invalidValue('WaitTimeSeconds', waitSeconds);
      const hideSeconds = input.VisibilityTimeout ?? numberOf(queue, 'VisibilityTimeout');
      const end = performance.now() + waitSeconds * 1000;
      let received = messages.receive(queue, most, hideSeconds);
      for (let left = end - performance.now(); received.length === 0 && left > 0; left = end - performance.now()) {
        if ((await messages.wait(queue, left)) === 'closed') break;
        received = messages.receive(find(input.QueueUrl), most, hideSeconds);
      }
      return { Messages: received.map((message) => describeMessage(cloud, message, input)) };
    },
    DeleteMessage: (input: Input<sqs.DeleteMessageRequest>) => remove(find(input.QueueUrl), input.ReceiptHandle),
    DeleteMessageBatch(input: Input<sqs.DeleteMessageBatchRequest>): sqs.DeleteMessageBatchResult {
      const queue = find(input.QueueUrl);
      return forEach(input.Entries, ({ ReceiptHandle }) => remove(queue, ReceiptHandle ?? ''));
    },
    ChangeMessageVisibility: (input: Input<sqs.ChangeMessageVisibilityRequest>) =>
      hide(find(input.QueueUrl), input.ReceiptHandle, input.VisibilityTimeout),
    ChangeMessageVisibilityBatch(
      input: Input<sqs.ChangeMessageVisibilityBatchRequest>,
    ): sqs.ChangeMessageVisibilityBatchResult {
      const queue = find(input.QueueUrl);
      return forEach(input.Entries, (entry) => hide(queue, entry.ReceiptHandle ?? '', entry.VisibilityTimeout ?? 0));
    },
  };
}

const invalidValue = (name: string, value: number): AwsError =>
  new AwsError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid.`);

/** Bytes that count towards the limits: body and attributes. */
function sizeOf({ MessageBody = '', MessageAttributes = {} }: Outgoing): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '', BinaryValue }]) =>
      Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
  );
  return attributes.reduce((sum, size) => sum + size, Buffer.byteLength(MessageBody));
}

/** One entry of a batch that fails does not fail the others. */
function forEach<Entry extends { readonly Id?: string | undefined }>(
  entries: readonly Entry[],
  run: (entry: Entry) => object,
): { Successful: { Id: string }[]; Failed: sqs.BatchResultErrorEntry[] } {
  if (entries.length === 0) throw new AwsError('EmptyBatchRequest', 'There should be at least one entry.');
  if (entries.length > LARGEST_BATCH) {
    throw new AwsError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${LARGEST_BATCH}.`);
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const Successful: { Id: string }[] = [];
  const Failed: sqs.BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    const Id = entry.Id ?? '';
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: error.name, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function describeMessage(
  cloud: Cloud,
  message: StoredMessage,
  { AttributeNames = [], MessageSystemAttributeNames = [], MessageAttributeNames = [] }: sqs.ReceiveMessageRequest,
): sqs.Message {
  const system: Record<string, string> = {
    SenderId: cloud.accountId,
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceived),
  };
  const wanted: readonly string[] = [...AttributeNames, ...MessageSystemAttributeNames];
  const attributes = pick(giveAttributes(message.attributes), (name) =>
    MessageAttributeNames.some((asked) => matches(asked, name)),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: pick(system, (name) => wanted.includes('All') || wanted.includes(name)),
    MessageAttributes: attributes,
    MD5OfMessageAttributes: attributes && attributesDigest(attributes),
  };
}

/** `All`, `.*`, a name, or a prefix followed by `.*`. */
function matches(asked: string, name: string): boolean {
  return asked === 'All' || asked === name || (asked.endsWith('.*') && name.startsWith(asked.slice(0, -2)));
}

function pick<Value>(
  values: Readonly<Record<string, Value>>,
  isWanted: (name: string) => boolean,
): Record<string, Value> | undefined {
  const picked = Object.entries(values).filter(([name]) => isWanted(name));
  return picked.length > 0 ? Object.fromEntries(picked) : undefined;
}
