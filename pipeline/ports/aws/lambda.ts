import {
  DeleteFunctionCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
  type LambdaClientConfig,
  ListVersionsByFunctionCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import type { Lambda } from '../lambda.ts';

const named = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

export function createLambda(options: LambdaClientConfig): Lambda {
  const client = new LambdaClient(options);
  return {
    async publish({ functionName, imageUri }) {
      const answer = await client.send(
        new UpdateFunctionCodeCommand({ FunctionName: functionName, ImageUri: imageUri, Publish: true }),
      );
      if (answer.Version === undefined) throw new Error(`Lambda published ${functionName} but named no version`);
      return answer.Version;
    },
    async describe(functionName, version) {
      try {
        const answer = await client.send(
          new GetFunctionConfigurationCommand({
            FunctionName: functionName,
            ...(version === undefined ? {} : { Qualifier: version }),
          }),
        );
        return {
          version: answer.Version ?? '',
          state: answer.State ?? 'Active',
          stateReason: answer.StateReason ?? '',
          lastUpdate: answer.LastUpdateStatus ?? 'Successful',
          lastUpdateReason: answer.LastUpdateStatusReason ?? '',
        };
      } catch (error) {
        if (named(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      }
    },
    async alias(functionName, alias) {
      try {
        const answer = await client.send(new GetAliasCommand({ FunctionName: functionName, Name: alias }));
        const [canary] = Object.entries(answer.RoutingConfig?.AdditionalVersionWeights ?? {});
        return {
          version: answer.FunctionVersion ?? '',
          revisionId: answer.RevisionId ?? '',
          ...(canary === undefined ? {} : { canary: { version: canary[0], share: canary[1] } }),
        };
      } catch (error) {
        if (named(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      }
    },
    async moveAlias({ functionName, alias, version, canary, revisionId }) {
      try {
        await client.send(
          new UpdateAliasCommand({
            FunctionName: functionName,
            Name: alias,
            FunctionVersion: version,
            RevisionId: revisionId,
            RoutingConfig: { AdditionalVersionWeights: canary === undefined ? {} : { [canary.version]: canary.share } },
          }),
        );
        return 'moved';
      } catch (error) {
        if (named(error, 'PreconditionFailedException')) return 'changed by someone else';
        throw error;
      }
    },
    async versions(functionName) {
      const versions: string[] = [];
      for (let Marker: string | undefined; ; ) {
        const page = await client.send(new ListVersionsByFunctionCommand({ FunctionName: functionName, Marker }));
        versions.push(
          ...(page.Versions ?? []).flatMap(({ Version }) => (Version && Version !== '$LATEST' ? [Version] : [])),
        );
        Marker = page.NextMarker;
        if (!Marker) return versions.toSorted((a, b) => Number(a) - Number(b));
      }
    },
    async deleteVersion(functionName, version) {
      await client.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
    },
    async provision({ functionName: FunctionName, alias: Qualifier, environments }) {
      const which = { FunctionName, Qualifier };
      if (environments === 0) await client.send(new DeleteProvisionedConcurrencyConfigCommand(which));
      else
        await client.send(
          new PutProvisionedConcurrencyConfigCommand({ ...which, ProvisionedConcurrentExecutions: environments }),
        );
    },
    async provisioned(functionName, alias) {
      try {
        const answer = await client.send(
          new GetProvisionedConcurrencyConfigCommand({ FunctionName: functionName, Qualifier: alias }),
        );
        return {
          requested: answer.RequestedProvisionedConcurrentExecutions ?? 0,
          available: answer.AvailableProvisionedConcurrentExecutions ?? 0,
          status: answer.Status ?? '',
          reason: answer.StatusReason ?? '',
        };
      } catch (error) {
        if (named(error, 'ProvisionedConcurrencyConfigNotFoundException')) return undefined;
        throw error;
      }
    },
  };
}
