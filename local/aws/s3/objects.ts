import type * as s3 from '@aws-sdk/client-s3';
import type { Cloud } from '../../cloud.ts';
import type { Bodies, StoredBody } from './bodies.ts';
import { type Bucket, type Buckets, latest, newVersionId, type ObjectVersion, withVersion } from './buckets.ts';
import { type Conditions, checkWrite } from './conditions.ts';
import { notSupported, s3Error } from './errors.ts';

/** What the parts of S3 share. */
export interface S3Context {
  readonly cloud: Cloud;
  readonly buckets: Buckets;
  readonly bodies: Bodies;
}

/** Members that are kept with an object and echoed as they were put. */
const HEADERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Expires',
  'Metadata',
  'StorageClass',
  'WebsiteRedirectLocation',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'BucketKeyEnabled',
] as const;

const REFUSED = [
  'SSECustomerAlgorithm',
  'ObjectLockMode',
  'ObjectLockLegalHoldStatus',
  'WriteOffsetBytes',
  'PartNumber',
];

const LONGEST_KEY = 1024;

/** Members of an input that are kept; refuses those that the local cloud would have to ignore. */
export function keptHeaders(bucket: Bucket, input: object): Readonly<Record<string, unknown>> {
  const members = input as Readonly<Record<string, unknown>>;
  refuse(members);
  if (members['ACL'] && !['private', 'bucket-owner-full-control'].includes(String(members['ACL']))) {
    throw s3Error('AccessControlListNotSupported');
  }
  const kept = Object.fromEntries(
    HEADERS.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])),
  );
  const encoding = withoutChunked(kept['ContentEncoding']);
  return {
    ContentType: 'binary/octet-stream',
    ...defaultEncryption(bucket),
    ...kept,
    ...(encoding === kept['ContentEncoding'] ? {} : { ContentEncoding: encoding }),
  };
}

export function refuse(members: object): void {
  const refused = REFUSED.find((name) => (members as Readonly<Record<string, unknown>>)[name] !== undefined);
  if (refused) throw notSupported(refused);
}

/** `aws-chunked` describes the transfer, not the object. */
function withoutChunked(encoding: unknown): string | undefined {
  if (typeof encoding !== 'string') return undefined;
  return (
    encoding
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== 'aws-chunked')
      .join(',') || undefined
  );
}

function defaultEncryption(bucket: Bucket): Readonly<Record<string, unknown>> {
  const configuration = bucket.settings['ServerSideEncryptionConfiguration'] as
    | s3.ServerSideEncryptionConfiguration
    | undefined;
  const rule = configuration?.Rules?.[0];
  const byDefault = rule?.ApplyServerSideEncryptionByDefault;
  if (byDefault?.SSEAlgorithm !== 'aws:kms') return { ServerSideEncryption: byDefault?.SSEAlgorithm ?? 'AES256' };
  return {
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: byDefault.KMSMasterKeyID,
    BucketKeyEnabled: rule?.BucketKeyEnabled ?? false,
  };
}

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: StoredBody;
  readonly headers: ObjectVersion['headers'];
  readonly tags: ObjectVersion['tags'];
  readonly etag?: string;
  readonly conditions: Conditions;
}

/**
 * Makes a stored body the newest version of an object. Condition and write are one step, so of two writers with `If-None-Match: *` one
 * wins. The body is removed again if the condition does not hold.
 */
export async function commit({ cloud, buckets, bodies }: S3Context, request: NewObject): Promise<ObjectVersion> {
  const replaced: (string | undefined)[] = [];
  try {
    const bucket = buckets.find(request.bucket);
    const objects = buckets.objects(bucket.name);
    const before = objects.get(request.key);
    checkWrite(request.conditions, latest(before));
    const version: ObjectVersion = {
      id: newVersionId(bucket),
      body: request.body.id,
      size: request.body.size,
      etag: request.etag ?? `"${request.body.md5}"`,
      modified: cloud.now(),
      headers: request.headers,
      checksums: request.body.checksums,
      ...(request.tags ? { tags: request.tags } : {}),
    };
    const after = withVersion(before, request.key, version);
    objects.set(request.key, after);
    replaced.push(...(before?.versions ?? []).filter((old) => !after.versions.includes(old)).map(({ body }) => body));
    return version;
  } catch (error) {
    replaced.push(request.body.id);
    throw error;
  } finally {
    await Promise.all(replaced.map((id) => bodies.remove(id)));
  }
}

/** The version that a read is about. */
export function readable(buckets: Buckets, input: { Bucket: string; Key: string; VersionId?: string }): ObjectVersion {
  const object = buckets.objects(buckets.find(input.Bucket).name).get(input.Key);
  if (!input.VersionId) {
    const version = latest(object);
    if (!version) throw s3Error('NoSuchKey');
    return version;
  }
  const version = object?.versions.find(({ id }) => id === input.VersionId);
  if (!version) throw s3Error('NoSuchVersion');
  if (version.body === undefined) throw s3Error('MethodNotAllowed');
  return version;
}

/** `VersionId` member of an output, which only buckets with versioning have. */
export function versionMember(bucket: Bucket, version: ObjectVersion): { VersionId?: string } {
  return bucket.versioning ? { VersionId: version.id } : {};
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY) throw s3Error('KeyTooLongError');
}
