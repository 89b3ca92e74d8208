import type * as sm from '@aws-sdk/client-secrets-manager';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import {
  addVersion,
  CURRENT,
  invalidParameter,
  moveStage,
  newVersion,
  type Secrets,
  type SecretVersion,
  type StoredSecret,
} from './secrets.ts';

/** Operations on the values of secrets and the stages of their versions. */
export function valueOperations(cloud: Cloud, secrets: Secrets) {
  return {
    GetSecretValue(input: Input<sm.GetSecretValueRequest>): sm.GetSecretValueResponse {
      const secret = secrets.usable(input.SecretId);
      const version = selectVersion(secret, input);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: [...version.stages],
        CreatedDate: new Date(version.created),
        SecretString: version.text,
        SecretBinary: version.binary === undefined ? undefined : Buffer.from(version.binary, 'base64'),
      };
    },
    PutSecretValue(input: Input<sm.PutSecretValueRequest>): sm.PutSecretValueResponse {
      const version = newVersion(input, cloud.now());
      if (!version) throw invalidParameter('You must provide either SecretString or SecretBinary.');
      const secret = secrets.save(
        addVersion(secrets.usable(input.SecretId), version, input.VersionStages ?? [CURRENT]),
      );
      const stages = secret.versions.find(({ id }) => id === version.id)?.stages ?? [];
      return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...stages] };
    },
    UpdateSecretVersionStage(input: Input<sm.UpdateSecretVersionStageRequest>): sm.UpdateSecretVersionStageResponse {
      const secret = secrets.usable(input.SecretId);
      const holder = secret.versions.find(({ stages }) => stages.includes(input.VersionStage))?.id;
      if (holder && holder !== input.RemoveFromVersionId && holder !== input.MoveToVersionId) {
        throw invalidParameter(
          `The parameter RemoveFromVersionId can't be empty. Staging label ${input.VersionStage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
        );
      }
      if (input.MoveToVersionId) versionById(secret, input.MoveToVersionId);
      secrets.save({ ...moveStage(secret, input.VersionStage, input.MoveToVersionId), changed: cloud.now() });
      return { ARN: secret.arn, Name: secret.name };
    },
    ListSecretVersionIds(input: Input<sm.ListSecretVersionIdsRequest>): sm.ListSecretVersionIdsResponse {
      const secret = secrets.find(input.SecretId);
      const versions = secret.versions.map(({ id, stages, created }) => ({
        VersionId: id,
        VersionStages: [...stages],
        CreatedDate: new Date(created),
      }));
      return { ARN: secret.arn, Name: secret.name, Versions: versions };
    },
  };
}

function selectVersion(secret: StoredSecret, input: { VersionId?: string; VersionStage?: string }): SecretVersion {
  if (input.VersionId) return versionById(secret, input.VersionId);
  const stage = input.VersionStage ?? CURRENT;
  const version = secret.versions.find(({ stages }) => stages.includes(stage));
  if (version) return version;
  const message = `Secrets Manager can't find the specified secret value for staging label: ${stage}`;
  throw new AwsError('ResourceNotFoundException', message);
}

function versionById(secret: StoredSecret, id: string): SecretVersion {
  const version = secret.versions.find((candidate) => candidate.id === id);
  if (version) return version;
  const message = `Secrets Manager can't find the specified secret value for VersionId: ${id}`;
  throw new AwsError('ResourceNotFoundException', message);
}
