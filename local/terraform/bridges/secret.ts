import { absentOn } from '../engine/context.ts';
import type { Backend, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { newName } from '../resources/make.ts';
import { number, requireText, text, texts, type Values } from '../schema/value.ts';
import { changed, changeTags, orNull, tagList, tagsFrom } from './common.ts';

const SERVICE = 'secretsmanager';
const GONE = ['ResourceNotFoundException'];

interface Secret {
  readonly ARN: string;
  readonly Name: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly DeletedDate?: Date;
  readonly Tags?: { Key?: string; Value?: string }[];
  readonly VersionIdsToStages?: Readonly<Record<string, string[]>>;
}

const secretBackend: Backend = {
  async create(planned, context) {
    const Name = text(planned, 'name') ?? newName(planned);
    const { ARN } = await context.call<Secret>(SERVICE, 'CreateSecret', {
      Name,
      Description: text(planned, 'description'),
      KmsKeyId: text(planned, 'kms_key_id'),
      Tags: tagList(planned),
    });
    return { id: ARN, name: Name };
  },
  async complete(created, context) {
    const ResourcePolicy = text(created, 'policy');
    const SecretId = requireText(created, 'id');
    if (ResourcePolicy) await context.call(SERVICE, 'PutResourcePolicy', { SecretId, ResourcePolicy });
  },
  async read(state, context) {
    const SecretId = requireText(state, 'id');
    const secret = await absentOn(GONE, () => context.call<Secret>(SERVICE, 'DescribeSecret', { SecretId }));
    if (!secret || secret.DeletedDate) return undefined;
    const { ResourcePolicy } = await context.call<{ ResourcePolicy?: string }>(SERVICE, 'GetResourcePolicy', {
      SecretId,
    });
    return {
      id: secret.ARN,
      arn: secret.ARN,
      name: secret.Name,
      description: orNull(secret.Description),
      kms_key_id: orNull(secret.KmsKeyId),
      policy: ResourcePolicy ?? '',
      tags_all: tagsFrom(secret.Tags),
    };
  },
  async update(prior, planned, context) {
    const SecretId = requireText(prior, 'id');
    if (changed(prior, planned, ['description', 'kms_key_id'])) {
      const Description = text(planned, 'description') ?? '';
      await context.call(SERVICE, 'UpdateSecret', { SecretId, Description, KmsKeyId: text(planned, 'kms_key_id') });
    }
    if (changed(prior, planned, ['policy'])) {
      const ResourcePolicy = text(planned, 'policy');
      if (ResourcePolicy) await context.call(SERVICE, 'PutResourcePolicy', { SecretId, ResourcePolicy });
      else await context.call(SERVICE, 'DeleteResourcePolicy', { SecretId });
    }
    await changeTags(prior, planned, {
      set: (Tags) => context.call(SERVICE, 'TagResource', { SecretId, Tags }),
      remove: (TagKeys) => context.call(SERVICE, 'UntagResource', { SecretId, TagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    const days = number(state, 'recovery_window_in_days') ?? 30;
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteSecret', { SecretId: requireText(state, 'id'), ...how }));
  },
};

export const secret: ResourceDefinition = {
  backend: secretBackend,
  defaults: { recovery_window_in_days: 30, force_overwrite_replica_secret: false },
  forceNew: ['name', 'name_prefix'],
  json: ['policy'],
  validate: (config) => conflicting(config, ['name', 'name_prefix']),
};

interface SecretValue {
  readonly ARN: string;
  readonly VersionId: string;
  readonly SecretString?: string;
  readonly SecretBinary?: Uint8Array;
  readonly VersionStages?: string[];
}

const versionBackend: Backend = {
  async create(planned, context, config) {
    const SecretId = requireText(planned, 'secret_id');
    const stages = texts(planned, 'version_stages');
    const put = await context.call<SecretValue>(SERVICE, 'PutSecretValue', {
      SecretId,
      ...payload(planned, config),
      VersionStages: stages.length > 0 ? stages : undefined,
    });
    return { id: `${SecretId}|${put.VersionId}`, version_id: put.VersionId };
  },
  async read(state, context) {
    const [SecretId, VersionId] = splitId(requireText(state, 'id'));
    const value = await absentOn([...GONE, 'InvalidRequestException'], () =>
      context.call<SecretValue>(SERVICE, 'GetSecretValue', { SecretId, VersionId }),
    );
    if (!value) return undefined;
    const isWriteOnly = typeof state['secret_string_wo_version'] === 'number';
    const binary = value.SecretBinary && Buffer.from(value.SecretBinary).toString('base64');
    return {
      secret_id: SecretId,
      version_id: VersionId,
      arn: value.ARN,
      secret_string: isWriteOnly ? null : orNull(value.SecretString),
      secret_binary: isWriteOnly ? null : orNull(binary),
      has_secret_string_wo: isWriteOnly,
      version_stages: value.VersionStages ?? [],
    };
  },
  async update(prior, planned, context) {
    const [SecretId, VersionId] = splitId(requireText(prior, 'id'));
    const [before, after] = [texts(prior, 'version_stages'), texts(planned, 'version_stages')];
    for (const VersionStage of after.filter((stage) => !before.includes(stage))) {
      await context.call(SERVICE, 'UpdateSecretVersionStage', { SecretId, VersionStage, MoveToVersionId: VersionId });
    }
    for (const VersionStage of before.filter((stage) => !after.includes(stage) && stage !== 'AWSCURRENT')) {
      await context.call(SERVICE, 'UpdateSecretVersionStage', {
        SecretId,
        VersionStage,
        RemoveFromVersionId: VersionId,
      });
    }
    return {};
  },
  async delete(state, context) {
    const [SecretId, VersionId] = splitId(requireText(state, 'id'));
    // The current version of a secret cannot be taken away; it goes with the secret.
    for (const VersionStage of texts(state, 'version_stages').filter((stage) => stage !== 'AWSCURRENT')) {
      const input = { SecretId, VersionStage, RemoveFromVersionId: VersionId };
      await absentOn([...GONE, 'InvalidRequestException'], () =>
        context.call(SERVICE, 'UpdateSecretVersionStage', input),
      );
    }
  },
};

function payload(planned: Values, config: Values): object {
  const binary = text(planned, 'secret_binary');
  if (binary) return { SecretBinary: Buffer.from(binary, 'base64') };
  return { SecretString: text(planned, 'secret_string') ?? text(config, 'secret_string_wo') ?? '' };
}

function splitId(id: string): [secret: string, version: string] {
  const [secret = '', version] = id.split('|');
  if (!version) throw new ProviderError(`unexpected format of id (${id})`, 'Use <secret ARN>|<version id>.');
  return [secret, version];
}

export const secretVersion: ResourceDefinition = {
  backend: versionBackend,
  forceNew: ['secret_id', 'secret_string', 'secret_binary', 'secret_string_wo_version'],
  validate: (config) => conflicting(config, ['secret_string', 'secret_binary', 'secret_string_wo']),
};
