import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { newName } from '../resources/make.ts';
import { block, requireText, text, type Values } from '../schema/value.ts';
import { changed, tagList, tagsFrom } from './common.ts';

export const S3 = 's3';
export const NO_BUCKET = ['NoSuchBucket', 'NotFound'];
/** Hosted zone of S3 website endpoints in us-east-1. */
const HOSTED_ZONE = 'Z3AQBSTGFYJSTF';

const backend: Backend = {
  async create(planned, context) {
    const Bucket = text(planned, 'bucket') ?? newName(planned, { attribute: 'bucket_prefix' });
    await context.call(S3, 'CreateBucket', { Bucket });
    return { id: Bucket, bucket: Bucket };
  },
  async complete(created, context) {
    if (tagList(created).length > 0) await putTags(requireText(created, 'id'), created, context);
  },
  async read(state, context) {
    const Bucket = requireText(state, 'id');
    const head = await absentOn(NO_BUCKET, () => context.call(S3, 'HeadBucket', { Bucket }));
    if (!head) return undefined;
    const tagging = await absentOn(['NoSuchTagSet'], () =>
      context.call<{ TagSet?: [] }>(S3, 'GetBucketTagging', { Bucket }),
    );
    return {
      bucket: Bucket,
      arn: `arn:aws:s3:::${Bucket}`,
      bucket_domain_name: `${Bucket}.s3.amazonaws.com`,
      bucket_region: context.region,
      bucket_regional_domain_name: `${Bucket}.s3.${context.region}.amazonaws.com`,
      hosted_zone_id: HOSTED_ZONE,
      // The local cloud keeps neither: what was configured stands.
      object_lock_enabled: state['object_lock_enabled'] === true || locks(state),
      request_payer: text(state, 'request_payer') ?? 'BucketOwner',
      tags_all: tagsFrom(tagging?.TagSet),
    };
  },
  async update(prior, planned, context) {
    const Bucket = requireText(prior, 'id');
    if (!changed(prior, planned, ['tags_all'])) return {};
    if (tagList(planned).length > 0) await putTags(Bucket, planned, context);
    else await context.call(S3, 'DeleteBucketTagging', { Bucket });
    return {};
  },
  async delete(state, context) {
    const Bucket = requireText(state, 'id');
    if (state['force_destroy'] === true) await absentOn(NO_BUCKET, () => emptyBucket(Bucket, context));
    await absentOn(NO_BUCKET, () => context.call(S3, 'DeleteBucket', { Bucket }));
  },
  importState: (id) => ({ id, bucket: id }),
};

const locks = (values: Values): boolean =>
  text(block(values, 'object_lock_configuration'), 'object_lock_enabled') === 'Enabled';

const putTags = (Bucket: string, planned: Values, context: Context) =>
  context.call(S3, 'PutBucketTagging', { Bucket, Tagging: { TagSet: tagList(planned) } });

interface Version {
  readonly Key?: string;
  readonly VersionId?: string;
}

/** Deletes every version of every object. */
async function emptyBucket(Bucket: string, context: Context): Promise<void> {
  for (;;) {
    const page = await context.call<{ Versions?: Version[]; DeleteMarkers?: Version[] }>(S3, 'ListObjectVersions', {
      Bucket,
    });
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (versions.length === 0) return;
    const Objects = versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await context.call(S3, 'DeleteObjects', { Bucket, Delete: { Objects, Quiet: true } });
  }
}

export const s3Bucket: ResourceDefinition = {
  backend,
  defaults: {
    force_destroy: false,
    'replication_configuration.rules.destination.metrics.minutes': 15,
    'replication_configuration.rules.destination.metrics.status': 'Enabled',
    'replication_configuration.rules.destination.replication_time.minutes': 15,
    'replication_configuration.rules.destination.replication_time.status': 'Enabled',
    'versioning.enabled': false,
    'versioning.mfa_delete': false,
  },
  forceNew: ['bucket', 'bucket_prefix', 'object_lock_configuration.object_lock_enabled', 'object_lock_enabled'],
  // Settings have resources of their own: that one is not written here does not take it away.
  computedBlocks: [
    'cors_rule',
    'grant',
    'lifecycle_rule',
    'logging',
    'object_lock_configuration',
    'replication_configuration',
    'server_side_encryption_configuration',
    'versioning',
    'website',
  ],
  validate(config) {
    const name = text(config, 'bucket');
    const isValid = !name || /^(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name);
    const detail = '3 to 63 lower case letters, digits, dots and hyphens; a letter or digit first and last.';
    const wrong = { path: ['bucket'], summary: `invalid bucket name (${name})`, detail };
    return [...conflicting(config, ['bucket', 'bucket_prefix']), ...(isValid ? [] : [wrong])];
  },
};
