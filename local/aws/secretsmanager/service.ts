import type * as sm from '@aws-sdk/client-secrets-manager';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import { AwsError, type AwsService } from '../kit/service.ts';
import { tagPairs, tagsOf, withoutTags } from '../kit/tags.ts';
import {
  addVersion,
  CURRENT,
  deletionDue,
  invalidRequest,
  newSecretArn,
  newVersion,
  openSecrets,
  type Secrets,
  type StoredSecret,
} from './secrets.ts';
import { valueOperations } from './values.ts';

/** Secrets Manager. https://docs.aws.amazon.com/secretsmanager/latest/apireference/ */
export function createSecretsManagerService(cloud: Cloud): AwsService {
  const secrets = openSecrets(cloud);
  return {
    name: 'secretsmanager',
    operations: {
      ...valueOperations(cloud, secrets),
      ...secretOperations(cloud, secrets),
      ...deletionOperations(cloud, secrets),
      ...tagAndPolicyOperations(secrets),
    },
  };
}

function secretOperations(cloud: Cloud, secrets: Secrets) {
  return {
    CreateSecret(input: Input<sm.CreateSecretRequest>): sm.CreateSecretResponse {
      refuseTakenName(secrets.byName(input.Name), input.Name);
      const now = cloud.now();
      const empty = {
        name: input.Name,
        arn: newSecretArn(cloud, input.Name),
        versions: [],
        created: now,
        changed: now,
      };
      const version = newVersion(input, now);
      const secret = describe({ ...empty, tags: tagsOf(input.Tags) }, input);
      secrets.save(version ? addVersion(secret, version, [CURRENT]) : secret);
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },
    UpdateSecret(input: Input<sm.UpdateSecretRequest>): sm.UpdateSecretResponse {
      const version = newVersion(input, cloud.now());
      const secret = { ...describe(secrets.usable(input.SecretId), input), changed: cloud.now() };
      secrets.save(version ? addVersion(secret, version, [CURRENT]) : secret);
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },
    DescribeSecret(input: Input<sm.DescribeSecretRequest>): sm.DescribeSecretResponse {
      const secret = secrets.find(input.SecretId);
      const stages = secret.versions.map(({ id, stages }) => [id, [...stages]]);
      return { ...summary(secret), VersionIdsToStages: stages.length > 0 ? Object.fromEntries(stages) : undefined };
    },
    ListSecrets(input: Input<sm.ListSecretsRequest>): sm.ListSecretsResponse {
      const visible = secrets.all().filter((secret) => input.IncludePlannedDeletion || !secret.deletion);
      const matching = visible.filter((secret) => (input.Filters ?? []).every((filter) => passes(secret, filter)));
      const limit = input.MaxResults ?? 100;
      const { items, next } = page(matching, { key: ({ name }) => name, after: input.NextToken, limit });
      return { SecretList: items.map(summary), NextToken: next };
    },
  };
}

function deletionOperations(cloud: Cloud, secrets: Secrets) {
  return {
    DeleteSecret(input: Input<sm.DeleteSecretRequest>): sm.DeleteSecretResponse {
      const secret = secrets.find(input.SecretId);
      const now = cloud.now();
      const due = deletionDue(now, input.RecoveryWindowInDays, input.ForceDeleteWithoutRecovery);
      if (input.ForceDeleteWithoutRecovery) secrets.remove(secret.name);
      else secrets.save({ ...secret, deletion: { asked: now, due } });
      return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(due) };
    },
    RestoreSecret(input: Input<sm.RestoreSecretRequest>): sm.RestoreSecretResponse {
      const { deletion: _deletion, ...secret } = secrets.find(input.SecretId);
      secrets.save(secret);
      return { ARN: secret.arn, Name: secret.name };
    },
  };
}

function tagAndPolicyOperations(secrets: Secrets) {
  return {
    TagResource(input: Input<sm.TagResourceRequest>) {
      const secret = secrets.usable(input.SecretId);
      secrets.save({ ...secret, tags: { ...secret.tags, ...tagsOf(input.Tags) } });
      return {};
    },
    UntagResource(input: Input<sm.UntagResourceRequest>) {
      const secret = secrets.usable(input.SecretId);
      secrets.save({ ...secret, tags: withoutTags(secret.tags, input.TagKeys) });
      return {};
    },
    PutResourcePolicy(input: Input<sm.PutResourcePolicyRequest>): sm.PutResourcePolicyResponse {
      const secret = secrets.save({ ...secrets.usable(input.SecretId), policy: input.ResourcePolicy });
      return { ARN: secret.arn, Name: secret.name };
    },
    GetResourcePolicy(input: Input<sm.GetResourcePolicyRequest>): sm.GetResourcePolicyResponse {
      const { arn, name, policy } = secrets.find(input.SecretId);
      return { ARN: arn, Name: name, ResourcePolicy: policy };
    },
    DeleteResourcePolicy(input: Input<sm.DeleteResourcePolicyRequest>): sm.DeleteResourcePolicyResponse {
      const { policy: _policy, ...secret } = secrets.usable(input.SecretId);
      secrets.save(secret);
      return { ARN: secret.arn, Name: secret.name };
    },
  };
}

function refuseTakenName(existing: StoredSecret | undefined, name: string): void {
  if (existing?.deletion) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  if (existing) {
    throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
  }
}

function describe(secret: StoredSecret, input: { Description?: string; KmsKeyId?: string }): StoredSecret {
  return {
    ...secret,
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.KmsKeyId === undefined ? {} : { keyId: input.KmsKeyId }),
  };
}

function summary(secret: StoredSecret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.keyId,
    RotationEnabled: false,
    LastChangedDate: new Date(secret.changed),
    CreatedDate: new Date(secret.created),
    DeletedDate: secret.deletion ? new Date(secret.deletion.asked) : undefined,
    Tags: tagPairs(secret.tags),
  };
}

function passes(secret: StoredSecret, { Key, Values = [] }: sm.Filter): boolean {
  const starts = (texts: readonly string[]) => Values.some((value) => texts.some((text) => text.startsWith(value)));
  switch (Key) {
    case 'name':
      return starts([secret.name]);
    case 'description':
      return starts([secret.description ?? '']);
    case 'tag-key':
      return starts(Object.keys(secret.tags));
    case 'tag-value':
      return starts(Object.values(secret.tags));
    default:
      throw invalidRequest(`The filter key ${Key} is not supported by the local cloud.`);
  }
}
