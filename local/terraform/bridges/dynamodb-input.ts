import { block, blocks, flag, number, requireText, text, texts, type Values } from '../schema/value.ts';
import { changed, orNull } from './common.ts';

/** One change at a time: the API takes one new or removed index per call. */
export function* tableUpdates(prior: Values, planned: Values): Generator<object> {
  if (changed(prior, planned, ['billing_mode', 'read_capacity', 'write_capacity'])) yield billing(planned);
  if (changed(prior, planned, ['server_side_encryption']))
    yield { SSESpecification: encryption(planned) ?? { Enabled: false } };
  if (changed(prior, planned, ['stream_enabled', 'stream_view_type']))
    yield { StreamSpecification: stream(planned) ?? { StreamEnabled: false } };
  if (changed(prior, planned, ['deletion_protection_enabled'])) {
    yield { DeletionProtectionEnabled: flag(planned, 'deletion_protection_enabled') ?? false };
  }
  if (changed(prior, planned, ['on_demand_throughput']) && onDemand(planned))
    yield { OnDemandThroughput: onDemand(planned) };
  if (changed(prior, planned, ['table_class'])) yield { TableClass: text(planned, 'table_class') };
  const before = blocks(prior, 'global_secondary_index');
  const after = blocks(planned, 'global_secondary_index');
  const isAmong = (list: readonly Values[], index: Values) =>
    list.some(
      (other) =>
        other['name'] === index['name'] &&
        other['hash_key'] === index['hash_key'] &&
        orNull(other['range_key']) === orNull(index['range_key']) &&
        other['projection_type'] === index['projection_type'],
    );
  for (const index of before.filter((item) => !isAmong(after, item))) {
    yield { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: requireText(index, 'name') } }] };
  }
  for (const index of after.filter((item) => !isAmong(before, item))) {
    const GlobalSecondaryIndexUpdates = [{ Create: globalIndex(index, planned) }];
    yield { AttributeDefinitions: definitions(planned), GlobalSecondaryIndexUpdates };
  }
}

const isProvisioned = (planned: Values): boolean => planned['billing_mode'] !== 'PAY_PER_REQUEST';
export const nonEmpty = <Item>(list: Item[]): Item[] | undefined => (list.length > 0 ? list : undefined);

export function billing(planned: Values): object {
  const BillingMode = text(planned, 'billing_mode');
  return isProvisioned(planned) ? { BillingMode, ProvisionedThroughput: throughput(planned) } : { BillingMode };
}

const throughput = (values: Values): object => ({
  ReadCapacityUnits: number(values, 'read_capacity') || 1,
  WriteCapacityUnits: number(values, 'write_capacity') || 1,
});

/** The most that a table without provisioned capacity takes; -1 is no limit. */
export function onDemand(planned: Values): object | undefined {
  const limits = block(planned, 'on_demand_throughput');
  if (limits === undefined) return undefined;
  return {
    MaxReadRequestUnits: number(limits, 'max_read_request_units') ?? -1,
    MaxWriteRequestUnits: number(limits, 'max_write_request_units') ?? -1,
  };
}

export const definitions = (planned: Values): object[] =>
  blocks(planned, 'attribute').map((item) => ({
    AttributeName: text(item, 'name'),
    AttributeType: text(item, 'type'),
  }));

export function keySchema(values: Values): object[] {
  const range = text(values, 'range_key');
  const hash = { AttributeName: requireText(values, 'hash_key'), KeyType: 'HASH' };
  return [hash, ...(range ? [{ AttributeName: range, KeyType: 'RANGE' }] : [])];
}

const indexShape = (index: Values): object => ({
  IndexName: requireText(index, 'name'),
  Projection: {
    ProjectionType: text(index, 'projection_type'),
    NonKeyAttributes: nonEmpty(texts(index, 'non_key_attributes')),
  },
});

export const globalIndex = (index: Values, planned: Values): object => ({
  ...indexShape(index),
  KeySchema: keySchema(index),
  ...(isProvisioned(planned) ? { ProvisionedThroughput: throughput(index) } : {}),
});

export const localIndex = (index: Values, planned: Values): object => ({
  ...indexShape(index),
  KeySchema: keySchema({ hash_key: planned['hash_key'] ?? null, range_key: index['range_key'] ?? null }),
});

export function encryption(planned: Values): object | undefined {
  const settings = block(planned, 'server_side_encryption');
  if (settings?.['enabled'] !== true) return undefined;
  return { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: text(settings, 'kms_key_arn') };
}

export function stream(planned: Values): object | undefined {
  if (planned['stream_enabled'] !== true) return undefined;
  return { StreamEnabled: true, StreamViewType: text(planned, 'stream_view_type') };
}
