/** The seam to a queue of SQS and the queue of its dead letters. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientOptions } from './client.ts';

export interface Message {
  readonly body: string;
  readonly receipt: string;
  /** Times that it was received, this one included. */
  readonly received: number;
}

export interface Queue {
  send(body: string): Promise<void>;
  /** Waits up to 5 s for one message; undefined when none came. One that comes when the worker is `stopping` already is given back. */
  receive(stopping: AbortSignal): Promise<Message | undefined>;
  /** Hides it from others for so many seconds from now; 0 gives it back. False when it is somebody else's by now. */
  hide(message: Message, seconds: number): Promise<boolean>;
  remove(message: Message): Promise<void>;
  /** Puts a text among the dead letters, with the reason as an attribute. */
  bury(body: string, reason: string): Promise<void>;
}

/**
 * A wait cannot be taken back: SQS gives the next message to whoever has hung up, and hides it from everybody for the visibility timeout
 * (https://github.com/aws/aws-sdk-js/issues/2350). So a worker that stops waits for its end.
 */
const WAIT_SECONDS = 5;
/** Longer than the longest wait. */
const REQUEST_MILLISECONDS = 15_000;
const LONGEST_REASON = 1000;

/** @param url of the queue; its dead letters are where its redrive policy says */
export function createQueue(url: string): Queue {
  const client = new SQSClient({
    ...clientOptions,
    requestHandler: { ...clientOptions.requestHandler, requestTimeout: REQUEST_MILLISECONDS },
  });
  let deadLetters: string | undefined;
  const deadLetterUrl = async (): Promise<string> => {
    const request = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy'] });
    const policy: unknown = JSON.parse((await client.send(request)).Attributes?.['RedrivePolicy'] ?? '{}');
    const arn = String((policy as { deadLetterTargetArn?: string }).deadLetterTargetArn ?? '');
    // Both queues are in the same account and region, so only the name differs.
    return url.slice(0, url.lastIndexOf('/') + 1) + arn.slice(arn.lastIndexOf(':') + 1);
  };
  const hide: Queue['hide'] = async ({ receipt }, seconds) => {
    try {
      const request = { QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: seconds };
      await client.send(new ChangeMessageVisibilityCommand(request));
      return true;
    } catch (error) {
      if (error instanceof Error && /MessageNotInflight|ReceiptHandleIsInvalid|InvalidParameterValue/.test(error.name))
        return false;
      throw error;
    }
  };
  return {
    async send(body) {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    },
    async receive(stopping) {
      const request = new ReceiveMessageCommand({
        QueueUrl: url,
        WaitTimeSeconds: WAIT_SECONDS,
        MaxNumberOfMessages: 1,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const { Messages = [] } = await client.send(request);
      const [received] = Messages;
      if (!received) return undefined;
      const { Body: body = '', ReceiptHandle: receipt = '', Attributes = {} } = received;
      const message = { body, receipt, received: Number(Attributes['ApproximateReceiveCount'] ?? 1) };
      if (!stopping.aborted) return message;
      await hide(message, 0);
      return undefined;
    },
    hide,
    async remove({ receipt }) {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }));
    },
    async bury(body, reason) {
      deadLetters ??= await deadLetterUrl();
      const StringValue = reason.slice(0, LONGEST_REASON);
      const attributes = { reason: { DataType: 'String', StringValue } };
      await client.send(
        new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: body, MessageAttributes: attributes }),
      );
    },
  };
}
