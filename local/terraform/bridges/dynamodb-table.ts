import { absentOn } from '../engine/context.ts';
import type { Backend, Context, Problem, ResourceDefinition } from '../engine/definition.ts';
import {
  block,
  blocks,
  flag,
  hasUnknown,
  number,
  requireText,
  text,
  texts,
  type Value,
  type Values,
} from '../schema/value.ts';
import { changed, changeTags, orNull, tagList, tagsFrom } from './common.ts';
import { describeTable, type Table } from './dynamodb-describe.ts';

const SERVICE = 'dynamodb';
const GONE = ['ResourceNotFoundException'];

const backend: Backend = {
  async create(planned, context) {
    const TableName = requireText(planned, 'name');
    await context.call(SERVICE, 'CreateTable', {
      TableName,
      ...billing(planned),
      AttributeDefinitions: definitions(planned),
      KeySchema: keySchema(planned),
      GlobalSecondaryIndexes: nonEmpty(
        blocks(planned, 'global_secondary_index').map((index) => globalIndex(index, planned)),
      ),
      LocalSecondaryIndexes: nonEmpty(
        blocks(planned, 'local_secondary_index').map((index) => localIndex(index, planned)),
      ),
      SSESpecification: encryption(planned),
      StreamSpecification: stream(planned),
      DeletionProtectionEnabled: flag(planned, 'deletion_protection_enabled') ?? false,
      TableClass: text(planned, 'table_class'),
      Tags: tagList(planned),
    });
    if (block(planned, 'ttl')) await putTimeToLive({}, planned, context);
    if (block(planned, 'point_in_time_recovery')) await putRecovery(planned, context);
    return { id: TableName };
  },
  async read(state, context) {
    const TableName = requireText(state, 'id');
    const answer = await absentOn(GONE, () => context.call<{ Table: Table }>(SERVICE, 'DescribeTable', { TableName }));
    if (!answer) return undefined;
    const [ttl, backups, tags] = await Promise.all([
      context.call<object>(SERVICE, 'DescribeTimeToLive', { TableName }),
      context.call<object>(SERVICE, 'DescribeContinuousBackups', { TableName }),
      context.call<{ Tags?: [] }>(SERVICE, 'ListTagsOfResource', { ResourceArn: answer.Table.TableArn }),
    ]);
    return { ...describeTable(answer.Table, { ...ttl, ...backups }), tags_all: tagsFrom(tags.Tags) };
  },
  async update(prior, planned, context) {
    const TableName = requireText(prior, 'id');
    for (const input of tableUpdates(prior, planned))
      await context.call(SERVICE, 'UpdateTable', { TableName, ...input });
    if (changed(prior, planned, ['ttl'])) await putTimeToLive(prior, planned, context);
    if (changed(prior, planned, ['point_in_time_recovery'])) await putRecovery(planned, context);
    const ResourceArn = requireText(prior, 'arn');
    await changeTags(prior, planned, {
      set: (Tags) => context.call(SERVICE, 'TagResource', { ResourceArn, Tags }),
      remove: (TagKeys) => context.call(SERVICE, 'UntagResource', { ResourceArn, TagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteTable', { TableName: requireText(state, 'id') }));
  },
  importState: (id) => ({ id, name: id }),
};

/** One change at a time: the API takes one new or removed index per call. */
function* tableUpdates(prior: Values, planned: Values): Generator<object> {
  if (changed(prior, planned, ['billing_mode', 'read_capacity', 'write_capacity'])) yield billing(planned);
  if (changed(prior, planned, ['server_side_encryption']))
    yield { SSESpecification: encryption(planned) ?? { Enabled: false } };
  if (changed(prior, planned, ['stream_enabled', 'stream_view_type']))
    yield { StreamSpecification: stream(planned) ?? { StreamEnabled: false } };
  if (changed(prior, planned, ['deletion_protection_enabled'])) {
    yield { DeletionProtectionEnabled: flag(planned, 'deletion_protection_enabled') ?? false };
  }
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
const nonEmpty = <Item>(list: Item[]): Item[] | undefined => (list.length > 0 ? list : undefined);

function billing(planned: Values): object {
  const BillingMode = text(planned, 'billing_mode');
  return isProvisioned(planned) ? { BillingMode, ProvisionedThroughput: throughput(planned) } : { BillingMode };
}

const throughput = (values: Values): object => ({
  ReadCapacityUnits: number(values, 'read_capacity') || 1,
  WriteCapacityUnits: number(values, 'write_capacity') || 1,
});

const definitions = (planned: Values): object[] =>
  blocks(planned, 'attribute').map((item) => ({
    AttributeName: text(item, 'name'),
    AttributeType: text(item, 'type'),
  }));

function keySchema(values: Values): object[] {
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

const globalIndex = (index: Values, planned: Values): object => ({
  ...indexShape(index),
  KeySchema: keySchema(index),
  ...(isProvisioned(planned) ? { ProvisionedThroughput: throughput(index) } : {}),
});

const localIndex = (index: Values, planned: Values): object => ({
  ...indexShape(index),
  KeySchema: keySchema({ hash_key: planned['hash_key'] ?? null, range_key: index['range_key'] ?? null }),
});

function encryption(planned: Values): object | undefined {
  const settings = block(planned, 'server_side_encryption');
  if (settings?.['enabled'] !== true) return undefined;
  return { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: text(settings, 'kms_key_arn') };
}

function stream(planned: Values): object | undefined {
  if (planned['stream_enabled'] !== true) return undefined;
  return { StreamEnabled: true, StreamViewType: text(planned, 'stream_view_type') };
}

async function putTimeToLive(prior: Values, planned: Values, context: Context): Promise<void> {
  const before = block(prior, 'ttl');
  const after = block(planned, 'ttl');
  const enabled = flag(after, 'enabled') ?? false;
  if ((flag(before, 'enabled') ?? false) === enabled) return;
  const AttributeName = text(after, 'attribute_name') ?? text(before, 'attribute_name') ?? '';
  const TimeToLiveSpecification = { Enabled: enabled, AttributeName };
  await context.call(SERVICE, 'UpdateTimeToLive', { TableName: requireText(planned, 'name'), TimeToLiveSpecification });
}

async function putRecovery(planned: Values, context: Context): Promise<void> {
  const settings = block(planned, 'point_in_time_recovery');
  const PointInTimeRecoverySpecification = {
    PointInTimeRecoveryEnabled: flag(settings, 'enabled') ?? false,
    RecoveryPeriodInDays: number(settings, 'recovery_period_in_days'),
  };
  const input = { TableName: requireText(planned, 'name'), PointInTimeRecoverySpecification };
  await context.call(SERVICE, 'UpdateContinuousBackups', input);
}

/** Every key needs a declared attribute, and every declared attribute a key. */
function checkAttributes(config: Values): Problem[] {
  const parts: Value[] = ['attribute', 'global_secondary_index', 'local_secondary_index'].map(
    (name) => config[name] ?? null,
  );
  if (hasUnknown([...parts, config['hash_key'] ?? null, config['range_key'] ?? null])) return [];
  const indexes = [...blocks(config, 'global_secondary_index'), ...blocks(config, 'local_secondary_index')];
  const keys = new Set(
    [config, ...indexes].flatMap((part) => [text(part, 'hash_key'), text(part, 'range_key')]).filter(Boolean),
  );
  const declared = new Set(blocks(config, 'attribute').map((item) => text(item, 'name')));
  const wrong = [...keys].filter((key) => !declared.has(key)).map((key) => `${key} is a key, but not declared`);
  const unused = [...declared].filter((name) => !keys.has(name)).map((name) => `${name} is declared, but no key`);
  const detail = [...wrong, ...unused].join('; ');
  return detail ? [{ path: ['attribute'], summary: 'all attributes must be indexed', detail }] : [];
}

export const dynamodbTable: ResourceDefinition = {
  backend,
  defaults: { billing_mode: 'PROVISIONED', table_class: 'STANDARD', 'ttl.enabled': false },
  forceNew: ['hash_key', 'import_table', 'local_secondary_index', 'name', 'range_key'],
  computedBlocks: ['point_in_time_recovery', 'ttl'],
  oneOf: {
    billing_mode: ['PROVISIONED', 'PAY_PER_REQUEST'],
    stream_view_type: ['', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'],
    table_class: ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'],
    'attribute.type': ['S', 'N', 'B'],
    'global_secondary_index.projection_type': ['ALL', 'KEYS_ONLY', 'INCLUDE'],
    'local_secondary_index.projection_type': ['ALL', 'KEYS_ONLY', 'INCLUDE'],
  },
  validate: checkAttributes,
};
