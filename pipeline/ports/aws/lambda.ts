import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  type LambdaClientConfig,
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
        return { version: answer.FunctionVersion ?? '', revisionId: answer.RevisionId ?? '' };
      } catch (error) {
        if (named(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      }
    },
    async moveAlias({ functionName, alias, version, revisionId }) {
      try {
        await client.send(
          new UpdateAliasCommand({
            FunctionName: functionName,
            Name: alias,
            FunctionVersion: version,
            RevisionId: revisionId,
            RoutingConfig: { AdditionalVersionWeights: {} },
          }),
        );
        return 'moved';
      } catch (error) {
        if (named(error, 'PreconditionFailedException')) return 'changed by someone else';
        throw error;
      }
    },
  };
}
