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
  type Value,
  type Values,
} from '../schema/value.ts';
import { changed, changeTags, tagList, tagsFrom } from './common.ts';
import { describeTable, type Table } from './dynamodb-describe.ts';
import {
  billing,
  definitions,
  encryption,
  globalIndex,
  keySchema,
  localIndex,
  nonEmpty,
  onDemand,
  stream,
  tableUpdates,
} from './dynamodb-input.ts';

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
      OnDemandThroughput: onDemand(planned),
      SSESpecification: encryption(planned),
      StreamSpecification: stream(planned),
      DeletionProtectionEnabled: flag(planned, 'deletion_protection_enabled') ?? false,
      TableClass: text(planned, 'table_class'),
      Tags: tagList(planned),
    });
    return { id: TableName };
  },
  async complete(created, context) {
    if (block(created, 'ttl')) await putTimeToLive({}, created, context);
    if (block(created, 'point_in_time_recovery')) await putRecovery(created, context);
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
  forceNew: [
    'hash_key',
    'import_table',
    'local_secondary_index',
    'name',
    'range_key',
    'restore_date_time',
    'restore_source_name',
    'restore_source_table_arn',
    'restore_to_latest_time',
  ],
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
