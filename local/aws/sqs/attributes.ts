import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

type Attributes = Readonly<Record<string, MessageAttributeValue>>;

/** Message attributes as they are kept: bytes in base64. */
export type KeptAttributes = Readonly<
  Record<string, { readonly type: string; readonly text?: string; readonly bytes?: string }>
>;

export function keepAttributes(attributes: Attributes): KeptAttributes {
  const entries = Object.entries(attributes).map(([name, { DataType: type = '', StringValue, BinaryValue }]) => {
    const value = BinaryValue ? { bytes: Buffer.from(BinaryValue).toString('base64') } : { text: StringValue ?? '' };
    return [name, { type, ...value }];
  });
  return Object.fromEntries(entries);
}

export function giveAttributes(kept: KeptAttributes): Record<string, MessageAttributeValue> {
  const entries = Object.entries(kept).map(([name, { type, text, bytes }]) => {
    const value = bytes === undefined ? { StringValue: text } : { BinaryValue: Buffer.from(bytes, 'base64') };
    return [name, { DataType: type, ...value }];
  });
  return Object.fromEntries(entries);
}

export const md5 = (content: string | Buffer): string => createHash('md5').update(content).digest('hex');

/**
 * The digest of message attributes that clients compare: per attribute, ordered by name, name, type and value, each after its length in four bytes, and a byte that
 * tells text (1) from bytes (2).
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function attributesDigest(attributes: Attributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? {};
    const isText = StringValue !== undefined;
    const value = isText ? Buffer.from(StringValue) : Buffer.from(BinaryValue ?? []);
    return [...sized(Buffer.from(name)), ...sized(Buffer.from(DataType)), Buffer.of(isText ? 1 : 2), ...sized(value)];
  });
  return md5(Buffer.concat(parts));
}

function sized(bytes: Buffer): [Buffer, Buffer] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
