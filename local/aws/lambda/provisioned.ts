import type * as sdk from '@aws-sdk/client-lambda';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';
import { findVersion, type LambdaContext } from './context.ts';
import { invalidParameter, LATEST, notFound, parseFunctionName } from './names.ts';
import type { AliasRecord, FunctionRecord } from './records.ts';

/**
 * Provisioned concurrency of aliases: so many execution environments are started beforehand and kept.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
 */
export function provisionedOperations(context: LambdaContext): Record<string, Operation> {
  const { records } = context;
  const find = (functionName = '', qualifier = ''): { record: FunctionRecord; alias: AliasRecord } => {
    const { name, qualifier: named = '' } = parseFunctionName(functionName, qualifier);
    const record = records.get(name);
    const alias = records.findAlias(name, named);
    if (!alias)
      throw notFound(`The local cloud provisions concurrency for aliases only; ${name} has no alias ${named}`);
    return { record, alias };
  };
  return {
    PutProvisionedConcurrencyConfig(input: Input<sdk.PutProvisionedConcurrencyConfigRequest>) {
      const { record, alias } = find(input.FunctionName, input.Qualifier);
      const provisioned = input.ProvisionedConcurrentExecutions ?? 0;
      if (provisioned < 1) throw invalidParameter('ProvisionedConcurrentExecutions has to be at least 1');
      if (alias.version === LATEST)
        throw invalidParameter('Provisioned Concurrency Configs cannot be applied to unpublished function versions.');
      const saved = records.saveAlias(record.name, { ...alias, provisioned });
      keepAliasReady(context, record, saved);
      return describe(context, record, saved);
    },
    GetProvisionedConcurrencyConfig(input: Input<sdk.GetProvisionedConcurrencyConfigRequest>) {
      const { record, alias } = find(input.FunctionName, input.Qualifier);
      if (alias.provisioned === undefined) {
        throw new AwsError(
          'ProvisionedConcurrencyConfigNotFoundException',
          'No Provisioned Concurrency Config found for this function',
          { status: 404, details: { Type: 'User' } },
        );
      }
      return describe(context, record, alias);
    },
    DeleteProvisionedConcurrencyConfig(input: Input<sdk.DeleteProvisionedConcurrencyConfigRequest>) {
      const { record, alias } = find(input.FunctionName, input.Qualifier);
      const { provisioned: _, ...rest } = alias;
      records.saveAlias(record.name, rest);
      return {};
    },
  };
}

/** Starts what an alias wants to have ready, in the background. */
export function keepAliasReady(context: LambdaContext, record: FunctionRecord, alias: AliasRecord): void {
  const version = findVersion(context.records, record, alias.version);
  if (alias.provisioned === undefined || version === undefined) return;
  context.environments
    .keepReady(record.name, version, alias.provisioned)
    .catch((error: unknown) =>
      context.cloud.log({ source: 'lambda', message: `${record.name} could not be kept ready: ${String(error)}` }),
    );
}

function describe({ records, environments }: LambdaContext, record: FunctionRecord, alias: AliasRecord) {
  const requested = alias.provisioned ?? 0;
  const version = findVersion(records, record, alias.version);
  const started = version === undefined ? 0 : environments.ready(record.name, version);
  const available = Math.min(requested, started);
  return {
    RequestedProvisionedConcurrentExecutions: requested,
    AllocatedProvisionedConcurrentExecutions: available,
    AvailableProvisionedConcurrentExecutions: available,
    Status: available >= requested ? 'READY' : 'IN_PROGRESS',
    LastModified: new Date().toISOString(),
  };
}
