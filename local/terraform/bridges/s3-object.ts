import { readFile } from 'node:fs/promises';
import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { ProviderError } from '../protocol/diagnostics.ts';
import { block, blocks, hasUnknown, requireText, text, textMap, UNKNOWN, type Values } from '../schema/value.ts';
import { allTags, changed, orNull, tagsFrom } from './common.ts';
import { NO_BUCKET, S3 } from './s3-bucket.ts';

const GONE = [...NO_BUCKET, 'NoSuchKey'];
/** A change of one of these writes the object again. */
const CONTENT = [
  'bucket_key_enabled',
  'cache_control',
  'checksum_algorithm',
  'content',
  'content_base64',
  'content_disposition',
  'content_encoding',
  'content_language',
  'content_type',
  'etag',
  'kms_key_id',
  'metadata',
  'server_side_encryption',
  'source',
  'source_hash',
  'storage_class',
  'website_redirect',
];

interface Head {
  readonly ContentType?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ETag?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly StorageClass?: string;
  readonly VersionId?: string;
}

const address = (values: Values) => ({ Bucket: requireText(values, 'bucket'), Key: requireText(values, 'key') });

const backend: Backend = {
  async create(planned, context) {
    await put(planned, context);
    return { id: `${requireText(planned, 'bucket')}/${requireText(planned, 'key')}` };
  },
  async read(state, context) {
    const object = address(state);
    const head = await absentOn(GONE, () => context.call<Head>(S3, 'HeadObject', object));
    if (!head) return undefined;
    const { TagSet } = await context.call<{ TagSet?: [] }>(S3, 'GetObjectTagging', object);
    return { ...attributes(head), arn: `arn:aws:s3:::${object.Bucket}/${object.Key}`, tags_all: tagsFrom(TagSet) };
  },
  async update(prior, planned, context) {
    if (changed(prior, planned, CONTENT)) await put(planned, context);
    else if (changed(prior, planned, ['tags_all'])) {
      const TagSet = Object.entries(allTags(planned)).map(([Key, Value]) => ({ Key, Value }));
      await context.call(S3, 'PutObjectTagging', { ...address(planned), Tagging: { TagSet } });
    }
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(S3, 'DeleteObject', address(state)));
  },
  importState(id) {
    const [, bucket, key] = /^(?:s3:\/\/)?([^/]+)\/(.+)$/.exec(id) ?? [];
    if (!bucket || !key) throw new ProviderError(`unexpected format of id (${id})`, 'Use <bucket>/<key>.');
    return { id: `${bucket}/${key}`, bucket, key };
  },
};

async function put(planned: Values, context: Context): Promise<void> {
  await context.call(S3, 'PutObject', {
    ...address(planned),
    Body: await body(planned),
    ContentType: text(planned, 'content_type'),
    CacheControl: text(planned, 'cache_control'),
    ContentDisposition: text(planned, 'content_disposition'),
    ContentEncoding: text(planned, 'content_encoding'),
    ContentLanguage: text(planned, 'content_language'),
    Metadata: textMap(planned, 'metadata'),
    ServerSideEncryption: text(planned, 'kms_key_id') ? 'aws:kms' : text(planned, 'server_side_encryption'),
    SSEKMSKeyId: text(planned, 'kms_key_id'),
    StorageClass: text(planned, 'storage_class'),
    WebsiteRedirectLocation: text(planned, 'website_redirect'),
    Tagging: new URLSearchParams(allTags(planned)).toString() || undefined,
  });
}

async function body(planned: Values): Promise<Uint8Array> {
  const encoded = text(planned, 'content_base64');
  if (encoded) return Buffer.from(encoded, 'base64');
  const source = text(planned, 'source');
  if (!source) return Buffer.from(text(planned, 'content') ?? '');
  try {
    return await readFile(source);
  } catch (error) {
    throw new ProviderError(
      `opening S3 object source (${source}): ${(error as Error).message}`,
      'Use an absolute path.',
      ['source'],
    );
  }
}

const attributes = (head: Head): Values => ({
  content_type: orNull(head.ContentType),
  cache_control: orNull(head.CacheControl),
  content_disposition: orNull(head.ContentDisposition),
  content_encoding: orNull(head.ContentEncoding),
  content_language: orNull(head.ContentLanguage),
  etag: (head.ETag ?? '').replaceAll('"', ''),
  metadata: head.Metadata ?? {},
  server_side_encryption: orNull(head.ServerSideEncryption),
  kms_key_id: orNull(head.SSEKMSKeyId),
  storage_class: head.StorageClass ?? 'STANDARD',
  version_id: head.VersionId === 'null' ? null : orNull(head.VersionId),
});

export const s3Object: ResourceDefinition = {
  backend,
  defaults: { force_destroy: false },
  forceNew: ['bucket', 'key'],
  validate: (config) => conflicting(config, ['source', 'content', 'content_base64']),
  // A changed content has a new etag and version, unless the configuration says which.
  adjustPlan(planned, prior, _context, config): Values {
    const tags = withoutDefaultTags(config);
    if (!prior || !changed(prior, planned, CONTENT)) return tags;
    const etag: Values = (config['etag'] ?? null) === null ? { etag: UNKNOWN } : {};
    return { ...tags, ...etag, version_id: UNKNOWN };
  },
};

/** An object may do without the provider's default tags: S3 takes ten tags at most. */
function withoutDefaultTags(config: Values): Values {
  const overridden = blocks(block(config, 'override_provider'), 'default_tags').length > 0;
  return overridden ? { tags_all: hasUnknown(config['tags']) ? UNKNOWN : (config['tags'] ?? {}) } : {};
}
