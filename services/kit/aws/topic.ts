/** The seam to a topic of SNS. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientOptions } from './client.ts';

/** @param attributes what subscribers can filter by */
export type Publish = (message: unknown, attributes: Readonly<Record<string, string>>) => Promise<void>;

export function createTopic(arn: string): Publish {
  const client = new SNSClient(clientOptions);
  return async (message, attributes) => {
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    await client.send(new PublishCommand({ TopicArn: arn, Message: JSON.stringify(message), MessageAttributes }));
  };
}
