import type * as s3 from '@aws-sdk/client-s3';
import type { Input } from '../kit/input.ts';
import { checksumMembers } from './bodies.ts';
import { type ObjectVersion, tagsFromHeader } from './buckets.ts';
import { ALGORITHMS } from './checksums.ts';
import { checkRead } from './conditions.ts';
import { s3Error } from './errors.ts';
import { checkKey, commit, keptHeaders, readable, type S3Context, versionMember } from './objects.ts';

interface Source {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

interface SourceConditions {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: Date;
  readonly CopySourceIfUnmodifiedSince?: Date;
}

/** CopyObject: headers and tags come along unless they are replaced. */
export function copyOperations(context: S3Context) {
  const { buckets, bodies } = context;
  return {
    async CopyObject(input: Input<s3.CopyObjectRequest>): Promise<s3.CopyObjectOutput> {
      const bucket = buckets.find(input.Bucket);
      checkKey(input.Key);
      const { source, version: from } = copySource(context, input);
      const replaces = input.MetadataDirective === 'REPLACE';
      refuseNoChange(source, input, replaces);
      const own = keptHeaders(bucket, input);
      const headers = replaces ? own : copiedHeaders(from, own);
      const tags = input.TaggingDirective === 'REPLACE' ? tagsFromHeader(input.Tagging) : from.tags;
      const algorithms = ALGORITHMS.filter((name) => name === input.ChecksumAlgorithm || from.checksums[name]);
      const body = await bodies.write(bodies.read(from.body ?? ''), { algorithms, values: {} });
      const target = { bucket: bucket.name, key: input.Key, body, headers, tags, conditions: input };
      const version = await commit(context, target);
      const modified = new Date(version.modified);
      return {
        CopyObjectResult: { ETag: version.etag, LastModified: modified, ...checksumMembers(version.checksums) },
        ...(source.VersionId ? { CopySourceVersionId: source.VersionId } : {}),
        ...versionMember(bucket, version),
      };
    },
  };
}

/** Finds what `x-amz-copy-source` names and checks the conditions on it; a 304 of a read is a 412 here. */
export function copySource(
  { buckets }: S3Context,
  input: SourceConditions,
): { source: Source; version: ObjectVersion } {
  const source = parseCopySource(input.CopySource);
  const version = readable(buckets, source);
  const conditions = {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  try {
    checkRead(conditions, version);
  } catch {
    throw s3Error('PreconditionFailed');
  }
  return { source, version };
}

function parseCopySource(text: string): Source {
  const [path = '', version] = text.split('?versionId=');
  let decoded: string;
  try {
    decoded = decodeURIComponent(path).replace(/^\//, '');
  } catch {
    decoded = '';
  }
  const slash = decoded.indexOf('/');
  if (slash < 1 || slash === decoded.length - 1) {
    throw s3Error('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  const source = { Bucket: decoded.slice(0, slash), Key: decoded.slice(slash + 1) };
  return version ? { ...source, VersionId: version } : source;
}

function refuseNoChange(source: Source, input: Input<s3.CopyObjectRequest>, replaces: boolean): void {
  const changes = replaces || source.VersionId || input.StorageClass || input.ServerSideEncryption;
  if (source.Bucket === input.Bucket && source.Key === input.Key && !changes) {
    throw s3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}

/** A copy has the description of its source, but encryption and storage class of its own. */
function copiedHeaders(from: ObjectVersion, own: ObjectVersion['headers']): ObjectVersion['headers'] {
  const always = ['ServerSideEncryption', 'SSEKMSKeyId', 'BucketKeyEnabled', 'StorageClass'];
  const isOwn = ([name]: [string, unknown]) => always.includes(name);
  const described = Object.entries(from.headers).filter((entry) => !isOwn(entry));
  return Object.fromEntries([...described, ...Object.entries(own).filter(isOwn)]);
}
