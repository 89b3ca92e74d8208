import type { Value, Values } from '../schema/value.ts';
import { orNull } from './common.ts';

interface Key {
  readonly AttributeName?: string;
  readonly KeyType?: string;
}

interface Index {
  readonly IndexName?: string;
  readonly KeySchema?: readonly Key[];
  readonly Projection?: { readonly ProjectionType?: string; readonly NonKeyAttributes?: string[] };
  readonly ProvisionedThroughput?: { readonly ReadCapacityUnits?: number; readonly WriteCapacityUnits?: number };
}

/** A table as `DescribeTable` answers it. */
export interface Table extends Index {
  readonly TableName: string;
  readonly TableArn: string;
  readonly BillingModeSummary?: { readonly BillingMode?: string };
  readonly AttributeDefinitions?: readonly { readonly AttributeName?: string; readonly AttributeType?: string }[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
  readonly DeletionProtectionEnabled?: boolean;
  readonly TableClassSummary?: { readonly TableClass?: string };
  readonly SSEDescription?: { readonly Status?: string; readonly KMSMasterKeyArn?: string };
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean; readonly StreamViewType?: string };
  readonly OnDemandThroughput?: { readonly MaxReadRequestUnits?: number; readonly MaxWriteRequestUnits?: number };
  readonly LatestStreamArn?: string;
  readonly LatestStreamLabel?: string;
}

/** Answers of `DescribeTimeToLive` and `DescribeContinuousBackups`. */
interface Settings {
  readonly TimeToLiveDescription?: { readonly TimeToLiveStatus?: string; readonly AttributeName?: string };
  readonly ContinuousBackupsDescription?: {
    readonly PointInTimeRecoveryDescription?: {
      readonly PointInTimeRecoveryStatus?: string;
      readonly RecoveryPeriodInDays?: number;
    };
  };
}

export function describeTable(table: Table, settings: Settings): Values {
  const mode = table.BillingModeSummary?.BillingMode ?? 'PROVISIONED';
  const ttl = settings.TimeToLiveDescription;
  const recovery = settings.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  const isRecoverable = recovery?.PointInTimeRecoveryStatus === 'ENABLED';
  return {
    id: table.TableName,
    name: table.TableName,
    arn: table.TableArn,
    billing_mode: mode,
    ...keys(table),
    ...capacity(table, mode),
    attribute: attributes(table),
    global_secondary_index: (table.GlobalSecondaryIndexes ?? []).map((index) => ({
      ...keys(index),
      ...projection(index),
      ...capacity(index, mode),
    })),
    local_secondary_index: (table.LocalSecondaryIndexes ?? []).map((index) => ({
      range_key: keys(index)['range_key'] ?? null,
      ...projection(index),
    })),
    deletion_protection_enabled: table.DeletionProtectionEnabled ?? false,
    table_class: table.TableClassSummary?.TableClass ?? 'STANDARD',
    on_demand_throughput: onDemand(table),
    server_side_encryption: encryption(table),
    stream_enabled: table.StreamSpecification?.StreamEnabled ?? false,
    stream_view_type: table.StreamSpecification?.StreamViewType ?? '',
    stream_arn: table.LatestStreamArn ?? '',
    stream_label: table.LatestStreamLabel ?? '',
    ttl: [{ enabled: ttl?.TimeToLiveStatus === 'ENABLED', attribute_name: ttl?.AttributeName ?? '' }],
    point_in_time_recovery: [
      { enabled: isRecoverable, recovery_period_in_days: isRecoverable ? (recovery.RecoveryPeriodInDays ?? 35) : 0 },
    ],
  };
}

/** Definitions that a key uses; what a deleted index leaves behind belongs to nobody. */
function attributes(table: Table): Value {
  const { AttributeDefinitions = [], GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table;
  const schemas = [table, ...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].flatMap(
    ({ KeySchema = [] }) => KeySchema,
  );
  return AttributeDefinitions.filter(({ AttributeName }) =>
    schemas.some((key) => key.AttributeName === AttributeName),
  ).map(({ AttributeName, AttributeType }) => ({ name: orNull(AttributeName), type: orNull(AttributeType) }));
}

function keys({ KeySchema = [] }: Index): Values {
  const named = (type: string) => orNull(KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName);
  return { hash_key: named('HASH'), range_key: named('RANGE') };
}

const projection = ({ IndexName, Projection }: Index): Values => ({
  name: orNull(IndexName),
  projection_type: orNull(Projection?.ProjectionType),
  non_key_attributes: Projection?.NonKeyAttributes ?? [],
});

function capacity({ ProvisionedThroughput }: Index, mode: string): Values {
  if (mode === 'PAY_PER_REQUEST') return { read_capacity: 0, write_capacity: 0 };
  const { ReadCapacityUnits = 0, WriteCapacityUnits = 0 } = ProvisionedThroughput ?? {};
  return { read_capacity: ReadCapacityUnits, write_capacity: WriteCapacityUnits };
}

function onDemand({ OnDemandThroughput }: Table): Value {
  if (OnDemandThroughput === undefined) return [];
  const { MaxReadRequestUnits = -1, MaxWriteRequestUnits = -1 } = OnDemandThroughput;
  return [{ max_read_request_units: MaxReadRequestUnits, max_write_request_units: MaxWriteRequestUnits }];
}

function encryption({ SSEDescription }: Table): Value {
  if (SSEDescription?.Status !== 'ENABLED') return [];
  return [{ enabled: true, kms_key_arn: orNull(SSEDescription.KMSMasterKeyArn) }];
}
