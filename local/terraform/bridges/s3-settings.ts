import type { ResourceDefinition } from '../engine/definition.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { block, blocks, flag, requireText, text, type Value, type Values } from '../schema/value.ts';
import { orNull } from './common.ts';
import { fromLifecycleRules, planLifecycleRules, toLifecycleRules } from './s3-lifecycle.ts';
import { deleting, setting } from './s3-setting.ts';

const publicAccessBlock = setting({
  operation: 'PublicAccessBlock',
  forceNew: ['bucket'],
  remove: deleting('DeletePublicAccessBlock'),
  absent: ['NoSuchPublicAccessBlockConfiguration'],
  defaults: {
    block_public_acls: false,
    block_public_policy: false,
    ignore_public_acls: false,
    restrict_public_buckets: false,
  },
  toInput: (planned) => ({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: flag(planned, 'block_public_acls') ?? false,
      BlockPublicPolicy: flag(planned, 'block_public_policy') ?? false,
      IgnorePublicAcls: flag(planned, 'ignore_public_acls') ?? false,
      RestrictPublicBuckets: flag(planned, 'restrict_public_buckets') ?? false,
    },
  }),
  fromAnswer({ PublicAccessBlockConfiguration }) {
    const configuration = (PublicAccessBlockConfiguration ?? {}) as Readonly<Record<string, boolean | undefined>>;
    return {
      block_public_acls: configuration['BlockPublicAcls'] ?? false,
      block_public_policy: configuration['BlockPublicPolicy'] ?? false,
      ignore_public_acls: configuration['IgnorePublicAcls'] ?? false,
      restrict_public_buckets: configuration['RestrictPublicBuckets'] ?? false,
    };
  },
});

/** A bucket that never had versioning: S3 has no word for it and does not go back there. */
const DISABLED = 'Disabled';
const statusOf = (values: Values): string | undefined => text(block(values, 'versioning_configuration'), 'status');

const versioning = setting({
  operation: 'BucketVersioning',
  forceNew: ['bucket', 'expected_bucket_owner'],
  remove: (Bucket, state) =>
    statusOf(state) === DISABLED
      ? undefined
      : ['PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Suspended' } }],
  oneOf: { 'versioning_configuration.status': ['Enabled', 'Suspended', DISABLED] },
  adjustPlan(planned, prior) {
    const [before, after] = [prior && statusOf(prior), statusOf(planned)];
    if (!before || before === DISABLED || after !== DISABLED) return {};
    const summary = `versioning_configuration.status cannot be updated from '${before}' to '${DISABLED}'`;
    throw new ProviderError(summary, 'Versioning can be suspended.', ['versioning_configuration']);
  },
  toInput(planned) {
    const Status = statusOf(planned);
    return Status === DISABLED ? undefined : { VersioningConfiguration: { Status } };
  },
  fromAnswer: ({ Status }) => ({ versioning_configuration: [{ status: String(Status ?? DISABLED) }] }),
});

const policy = setting({
  operation: 'BucketPolicy',
  forceNew: ['bucket'],
  remove: deleting('DeleteBucketPolicy'),
  absent: ['NoSuchBucketPolicy'],
  json: ['policy'],
  toInput: (planned) => ({ Policy: requireText(planned, 'policy') }),
  fromAnswer: ({ Policy }) => (Policy ? { policy: String(Policy) } : undefined),
});

const ownershipControls = setting({
  operation: 'BucketOwnershipControls',
  forceNew: ['bucket'],
  remove: deleting('DeleteBucketOwnershipControls'),
  absent: ['OwnershipControlsNotFoundError'],
  oneOf: { 'rule.object_ownership': ['BucketOwnerPreferred', 'ObjectWriter', 'BucketOwnerEnforced'] },
  toInput: (planned) => {
    const Rules = blocks(planned, 'rule').map((rule) => ({ ObjectOwnership: text(rule, 'object_ownership') }));
    return { OwnershipControls: { Rules } };
  },
  fromAnswer({ OwnershipControls }) {
    const { Rules = [] } = (OwnershipControls ?? {}) as { Rules?: { ObjectOwnership?: string }[] };
    return { rule: Rules.map(({ ObjectOwnership }) => ({ object_ownership: orNull(ObjectOwnership) })) };
  },
});

interface EncryptionRule {
  readonly BucketKeyEnabled?: boolean | undefined;
  readonly ApplyServerSideEncryptionByDefault?:
    | { readonly SSEAlgorithm?: string | undefined; readonly KMSMasterKeyID?: string | undefined }
    | undefined;
}

const encryption = setting({
  operation: 'BucketEncryption',
  forceNew: ['bucket', 'expected_bucket_owner'],
  remove: deleting('DeleteBucketEncryption'),
  absent: ['ServerSideEncryptionConfigurationNotFoundError'],
  oneOf: { 'rule.apply_server_side_encryption_by_default.sse_algorithm': ['aws:kms', 'aws:kms:dsse', 'AES256'] },
  toInput(planned) {
    const Rules = blocks(planned, 'rule').map((rule): EncryptionRule => {
      const byDefault = block(rule, 'apply_server_side_encryption_by_default');
      const settings = {
        SSEAlgorithm: text(byDefault, 'sse_algorithm'),
        KMSMasterKeyID: text(byDefault, 'kms_master_key_id'),
      };
      return {
        BucketKeyEnabled: flag(rule, 'bucket_key_enabled'),
        ApplyServerSideEncryptionByDefault: byDefault && settings,
      };
    });
    return { ServerSideEncryptionConfiguration: { Rules } };
  },
  fromAnswer({ ServerSideEncryptionConfiguration }) {
    const { Rules = [] } = (ServerSideEncryptionConfiguration ?? {}) as { Rules?: EncryptionRule[] };
    const rule = Rules.map(
      ({ BucketKeyEnabled, ApplyServerSideEncryptionByDefault: settings }): Value => ({
        bucket_key_enabled: orNull(BucketKeyEnabled),
        apply_server_side_encryption_by_default: settings
          ? [{ sse_algorithm: orNull(settings.SSEAlgorithm), kms_master_key_id: orNull(settings.KMSMasterKeyID) }]
          : [],
      }),
    );
    return { rule };
  },
});

const logging = setting({
  operation: 'BucketLogging',
  forceNew: ['bucket', 'expected_bucket_owner'],
  remove: (Bucket) => ['PutBucketLogging', { Bucket, BucketLoggingStatus: {} }],
  toInput: (planned) => ({
    BucketLoggingStatus: {
      LoggingEnabled: {
        TargetBucket: text(planned, 'target_bucket'),
        TargetPrefix: text(planned, 'target_prefix') ?? '',
      },
    },
  }),
  fromAnswer({ LoggingEnabled }) {
    if (!LoggingEnabled) return undefined;
    const { TargetBucket, TargetPrefix } = LoggingEnabled as { TargetBucket?: string; TargetPrefix?: string };
    return { target_bucket: orNull(TargetBucket), target_prefix: TargetPrefix ?? '' };
  },
});

const SMALLEST_OBJECT = 'all_storage_classes_128K';

const lifecycle = setting({
  operation: 'BucketLifecycleConfiguration',
  forceNew: ['bucket', 'expected_bucket_owner'],
  remove: deleting('DeleteBucketLifecycle'),
  absent: ['NoSuchLifecycleConfiguration'],
  oneOf: { 'rule.status': ['Enabled', 'Disabled'] },
  defaults: { transition_default_minimum_object_size: SMALLEST_OBJECT },
  adjustPlan: (planned, _prior, _context, config) => ({ rule: planLifecycleRules(planned['rule'], config['rule']) }),
  toInput: (planned) => ({ LifecycleConfiguration: { Rules: toLifecycleRules(blocks(planned, 'rule')) } }),
  // The local cloud keeps the rules only; the size stays as it was configured.
  fromAnswer: ({ Rules }, state) => ({
    rule: fromLifecycleRules(Rules),
    transition_default_minimum_object_size: text(state, 'transition_default_minimum_object_size') ?? SMALLEST_OBJECT,
  }),
});

/** What is set on a bucket beside the bucket itself. */
export const s3Settings: Readonly<Record<string, ResourceDefinition>> = {
  aws_s3_bucket_lifecycle_configuration: lifecycle,
  aws_s3_bucket_logging: logging,
  aws_s3_bucket_ownership_controls: ownershipControls,
  aws_s3_bucket_policy: policy,
  aws_s3_bucket_public_access_block: publicAccessBlock,
  aws_s3_bucket_server_side_encryption_configuration: encryption,
  aws_s3_bucket_versioning: versioning,
};
