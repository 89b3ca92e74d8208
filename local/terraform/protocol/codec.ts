import { decode, ExtData, encode } from '@msgpack/msgpack';
import { conform } from '../schema/conform.ts';
import type { Block } from '../schema/types.ts';
import { isValues, UNKNOWN, type Value, type Values } from '../schema/value.ts';

/** How values travel: `DynamicValue` of the plugin protocol. Terraform sends msgpack; a stored state arrives as JSON. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

// Unknown is extension 0; extension 12 is an unknown with refinements, which a provider may ignore.
const extensionCodec = {
  tryToEncode: (value: unknown) => (value === UNKNOWN ? new ExtData(0, new Uint8Array([0])) : null),
  decode: () => UNKNOWN,
};

/** The value of a resource, data source or provider configuration; undefined stands for null: no such resource. */
export function decodeValue(value: DynamicValue | null | undefined): Values | undefined {
  const decoded = value?.msgpack?.length
    ? (decode(value.msgpack, { extensionCodec }) as Value)
    : value?.json?.length
      ? (JSON.parse(Buffer.from(value.json).toString('utf8')) as Value)
      : null;
  return isValues(decoded) ? decoded : undefined;
}

/** Encodes a value, made total by its schema. */
export function encodeValue(block: Block, value: Values | undefined): DynamicValue {
  const total = value === undefined ? null : conform(block, value);
  return { msgpack: Buffer.from(encode(total, { extensionCodec })) };
}
