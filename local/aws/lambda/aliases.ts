import { randomUUID } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-lambda';
import type { Input } from '../kit/input.ts';
import type { Operation } from '../kit/service.ts';
import { findVersion, type LambdaContext } from './context.ts';
import { conflict, functionArn, invalidParameter, notFound, parseFunctionName, preconditionFailed } from './names.ts';
import { keepAliasReady } from './provisioned.ts';
import type { AliasRecord, FunctionRecord } from './records.ts';

/** Aliases: named pointers to versions, moved by compare-and-set when the caller gives a RevisionId. */
export function aliasOperations(context: LambdaContext): Record<string, Operation> {
  const { cloud, records } = context;
  const functionOf = (name: string | undefined): FunctionRecord => records.get(parseFunctionName(name ?? '').name);
  const aliasOf = (record: FunctionRecord, name: string | undefined): AliasRecord => {
    const alias = records.findAlias(record.name, name ?? '');
    if (!alias) throw notFound(`Cannot find alias arn: ${functionArn(cloud, record.name, name)}`);
    return alias;
  };
  const describe = (record: FunctionRecord, alias: AliasRecord): sdk.AliasConfiguration => ({
    AliasArn: functionArn(cloud, record.name, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revisionId,
    ...(Object.keys(alias.weights).length > 0
      ? { RoutingConfig: { AdditionalVersionWeights: { ...alias.weights } } }
      : {}),
  });
  const save = (record: FunctionRecord, alias: Omit<AliasRecord, 'revisionId'>): sdk.AliasConfiguration => {
    for (const version of [alias.version, ...Object.keys(alias.weights)]) {
      if (!findVersion(records, record, version))
        throw notFound(`Function not found: ${functionArn(cloud, record.name, version)}`);
    }
    checkWeights(alias);
    const saved = records.saveAlias(record.name, { ...alias, revisionId: randomUUID() });
    keepAliasReady(context, record, saved);
    return describe(record, saved);
  };
  return {
    CreateAlias(input: Input<sdk.CreateAliasRequest>) {
      const record = functionOf(input.FunctionName);
      const name = input.Name ?? '';
      if (records.findAlias(record.name, name))
        throw conflict(`Alias already exists: ${functionArn(cloud, record.name, name)}`);
      const version = input.FunctionVersion ?? '';
      const weights = input.RoutingConfig?.AdditionalVersionWeights ?? {};
      return save(record, { name, version, weights, description: input.Description ?? '' });
    },
    GetAlias(input: Input<sdk.GetAliasRequest>) {
      const record = functionOf(input.FunctionName);
      return describe(record, aliasOf(record, input.Name));
    },
    UpdateAlias(input: Input<sdk.UpdateAliasRequest>) {
      const record = functionOf(input.FunctionName);
      const alias = aliasOf(record, input.Name);
      if (input.RevisionId && input.RevisionId !== alias.revisionId) throw preconditionFailed();
      return save(record, {
        ...alias,
        version: input.FunctionVersion ?? alias.version,
        description: input.Description ?? alias.description,
        weights: input.RoutingConfig ? (input.RoutingConfig.AdditionalVersionWeights ?? {}) : alias.weights,
      });
    },
    DeleteAlias(input: Input<sdk.DeleteAliasRequest>) {
      records.removeAlias(functionOf(input.FunctionName).name, input.Name ?? '');
      return {};
    },
    ListAliases(input: Input<sdk.ListAliasesRequest>) {
      const record = functionOf(input.FunctionName);
      const aliases = records.aliases(record.name);
      const wanted = aliases.filter(({ version }) => !input.FunctionVersion || version === input.FunctionVersion);
      return { Aliases: wanted.map((alias) => describe(record, alias)) };
    },
  };
}

function checkWeights({ version, weights }: Pick<AliasRecord, 'version' | 'weights'>): void {
  const entries = Object.entries(weights);
  if (entries.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  for (const [other, weight] of entries) {
    if (other === version) throw invalidParameter(`Invalid function version ${other}. It is the alias's own version`);
    if (weight < 0 || weight > 1) throw invalidParameter(`The weight of version ${other} has to be between 0 and 1`);
  }
}
