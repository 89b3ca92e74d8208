import type * as dynamodb from '@aws-sdk/client-dynamodb';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { tagsOf } from '../kit/tags.ts';
import { type DynamoContext, NO_SETTINGS, type TableSettings, tableName } from './context.ts';
import type { Table, Wire } from './engine.ts';
import { changeIndexes } from './indexes.ts';
import { fromWire, toWire } from './wire.ts';

/** Operations on tables: dynalite's definition together with the settings that are kept beside it. */
export function tableOperations(context: DynamoContext) {
  const { engine, settings, exclusive } = context;
  return {
    CreateTable: (input: Input<dynamodb.CreateTableInput>): Promise<dynamodb.CreateTableOutput> =>
      exclusive(async () => {
        refuseUnsupported('CreateTable', input, ['StreamSpecification', 'ResourcePolicy', 'GlobalTableSourceArn']);
        const created = await engine.run('CreateTable', toWire('CreateTable', input));
        await engine.settled(input.TableName);
        settings.set(input.TableName, { ...changedSettings(NO_SETTINGS, input), tags: tagsOf(input.Tags) });
        return fromWire('CreateTable', { TableDescription: described(context, created['TableDescription'] as Table) });
      }),
    UpdateTable: (input: Input<dynamodb.UpdateTableInput>): Promise<dynamodb.UpdateTableOutput> =>
      exclusive(async () => {
        refuseUnsupported('UpdateTable', input, ['StreamSpecification', 'ReplicaUpdates', 'GlobalTableWitnessUpdates']);
        const name = tableName(input.TableName);
        await updateDefinition(context, { ...input, TableName: name });
        settings.set(name, changedSettings(settings.get(name) ?? NO_SETTINGS, input));
        return fromWire('UpdateTable', { TableDescription: described(context, await engine.table(name)) });
      }),
    DeleteTable: (input: Input<dynamodb.DeleteTableInput>): Promise<dynamodb.DeleteTableOutput> =>
      exclusive(async () => {
        const name = tableName(input.TableName);
        if (settings.get(name)?.deletionProtection) throw protectedTable();
        const deleted = await engine.run('DeleteTable', { TableName: name });
        await engine.settled(name);
        const description = described(context, deleted['TableDescription'] as Table);
        settings.delete(name);
        return fromWire('DeleteTable', { TableDescription: description });
      }),
    async DescribeTable(input: Input<dynamodb.DescribeTableInput>): Promise<dynamodb.DescribeTableOutput> {
      const { Table } = await engine.run('DescribeTable', { TableName: tableName(input.TableName) });
      return fromWire('DescribeTable', { Table: described(context, Table as Table) });
    },
    ListTables: async (input: dynamodb.ListTablesInput): Promise<dynamodb.ListTablesOutput> =>
      fromWire('ListTables', await engine.run('ListTables', toWire('ListTables', input))),
  };
}

/** Finishes what a crash interrupted while a table was created, changed or deleted. */
export async function settleTables({ engine, settings }: DynamoContext): Promise<void> {
  const { TableNames } = await engine.run('ListTables', {});
  for (const name of TableNames as string[]) {
    const table = await engine.table(name);
    if (table.TableStatus === 'DELETING') {
      await engine.run('DeleteTable', { TableName: name });
      await engine.settled(name);
      settings.delete(name);
    } else if (
      table.TableStatus !== 'ACTIVE' ||
      table.GlobalSecondaryIndexes?.some((i) => i.IndexStatus !== 'ACTIVE')
    ) {
      for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
      await engine.saveTable({ ...table, TableStatus: 'ACTIVE' });
    }
  }
}

async function updateDefinition({ engine }: DynamoContext, input: Input<dynamodb.UpdateTableInput>): Promise<void> {
  const updates = input.GlobalSecondaryIndexUpdates ?? [];
  const throughput = updates.filter(({ Update }) => Update);
  const request = toWire('UpdateTable', { ...input, GlobalSecondaryIndexUpdates: throughput });
  const { BillingMode, ProvisionedThroughput } = await changedBilling(await engine.table(input.TableName), request);
  if (BillingMode || ProvisionedThroughput || throughput.length > 0) {
    const { GlobalSecondaryIndexUpdates } = request;
    const indexes = throughput.length > 0 ? { GlobalSecondaryIndexUpdates } : {};
    const billing = {
      ...(BillingMode ? { BillingMode } : {}),
      ...(ProvisionedThroughput ? { ProvisionedThroughput } : {}),
    };
    await engine.run('UpdateTable', { TableName: input.TableName, ...billing, ...indexes });
    await engine.settled(input.TableName);
  }
  await changeIndexes(engine, input.TableName, toWire('UpdateTable', input));
}

/** Drops a billing mode that the table already has: it changes nothing, and DynamoDB accepts it. */
async function changedBilling(table: Table, request: Wire): Promise<Wire> {
  const current = (table['BillingModeSummary'] as Wire | undefined)?.['BillingMode'] ?? 'PROVISIONED';
  const { BillingMode, ProvisionedThroughput } = request;
  return { BillingMode: BillingMode === current ? undefined : BillingMode, ProvisionedThroughput };
}

function changedSettings(before: TableSettings, input: Partial<dynamodb.CreateTableInput>): TableSettings {
  const wire = toWire('CreateTable', input);
  return {
    ...before,
    deletionProtection: input.DeletionProtectionEnabled ?? before.deletionProtection,
    ...(input.TableClass ? { tableClass: input.TableClass } : {}),
    ...(wire['SSESpecification'] ? { encryption: wire['SSESpecification'] as Wire } : {}),
    ...(wire['OnDemandThroughput'] ? { onDemandThroughput: wire['OnDemandThroughput'] as Wire } : {}),
  };
}

/** A table's description as DynamoDB gives it. */
function described({ settings, cloud }: DynamoContext, table: Table): Wire {
  const { deletionProtection, encryption, tableClass, onDemandThroughput } =
    settings.get(table.TableName) ?? NO_SETTINGS;
  const key = encryption?.['KMSMasterKeyId'] ?? `arn:aws:kms:${cloud.region}:${cloud.accountId}:alias/aws/dynamodb`;
  return {
    ...table,
    DeletionProtectionEnabled: deletionProtection,
    ...(tableClass ? { TableClassSummary: { TableClass: tableClass } } : {}),
    ...(onDemandThroughput ? { OnDemandThroughput: onDemandThroughput } : {}),
    ...(encryption?.['Enabled'] ? { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key } } : {}),
  };
}

function refuseUnsupported(operation: string, input: object, members: readonly string[]): void {
  const asked = members.find((member) => {
    const value = (input as Wire)[member] as { StreamEnabled?: boolean } | undefined;
    return value !== undefined && value.StreamEnabled !== false;
  });
  if (!asked) return;
  const message = `dynamodb:${operation} with ${asked} is not supported by the local cloud`;
  throw new AwsError('UnsupportedOperation', message, { status: 501 });
}

function protectedTable(): AwsError {
  const message =
    'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.';
  return new AwsError('ValidationException', message);
}
