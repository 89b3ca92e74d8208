import type * as s3 from '@aws-sdk/client-s3';
import type { Input } from '../kit/input.ts';
import { tagPairs, tagsOf } from '../kit/tags.ts';
import { type Body, checksumMembers, expectedBody } from './bodies.ts';
import { type ObjectVersion, tagsFromHeader } from './buckets.ts';
import { checkRead } from './conditions.ts';
import { s3Error } from './errors.ts';
import { checkKey, commit, keptHeaders, readable, refuse, type S3Context, versionMember } from './objects.ts';

type PutObjectInput = Omit<Input<s3.PutObjectRequest>, 'Body'> & { readonly Body?: Body };

/** Operations that write and read objects. */
export function objectOperations(context: S3Context) {
  const { buckets, bodies } = context;
  const head = (input: Input<s3.HeadObjectRequest>) => {
    refuse(input);
    const version = readable(buckets, input);
    checkRead(input, version);
    return { version, output: describe(buckets.find(input.Bucket), version, input) };
  };
  return {
    async PutObject(input: PutObjectInput): Promise<s3.PutObjectOutput> {
      const bucket = buckets.find(input.Bucket);
      checkKey(input.Key);
      const headers = keptHeaders(bucket, input);
      const body = await bodies.write(input.Body, expectedBody(input));
      const tags = tagsFromHeader(input.Tagging);
      const version = await commit(context, {
        bucket: bucket.name,
        key: input.Key,
        body,
        headers,
        tags,
        conditions: input,
      });
      const { ServerSideEncryption, SSEKMSKeyId } = version.headers as s3.PutObjectOutput;
      const encryption = { ServerSideEncryption, SSEKMSKeyId };
      return {
        ETag: version.etag,
        ...encryption,
        ...checksumMembers(version.checksums),
        ...versionMember(bucket, version),
      };
    },
    HeadObject: (input: Input<s3.HeadObjectRequest>): s3.HeadObjectOutput => head(input).output,
    GetObject(input: Input<s3.GetObjectRequest>) {
      const { version, output } = head(input);
      const range = parseRange(input.Range, version.size);
      const { headers, ...whole } = { headers: responseHeaders(input), ...output };
      const body = version.body ?? '';
      if (!range) return { ...whole, ...headers, Body: bodies.read(body) };
      return {
        ...withoutChecksums(whole),
        ...headers,
        ContentRange: `bytes ${range.start}-${range.end}/${version.size}`,
        ContentLength: range.end - range.start + 1,
        Body: bodies.read(body, range),
      };
    },
    GetObjectAttributes(input: Input<s3.GetObjectAttributesRequest>): s3.GetObjectAttributesOutput {
      const bucket = buckets.find(input.Bucket);
      const version = readable(buckets, input);
      const all = {
        ETag: version.etag.replaceAll('"', ''),
        ObjectSize: version.size,
        StorageClass: (version.headers['StorageClass'] ?? 'STANDARD') as s3.StorageClass,
        Checksum: checksumMembers(version.checksums),
      };
      const asked = Object.entries(all).filter(([name]) => (input.ObjectAttributes as string[]).includes(name));
      return {
        ...Object.fromEntries(asked),
        LastModified: new Date(version.modified),
        ...versionMember(bucket, version),
      };
    },
    ...taggingOperations(context),
  };
}

function taggingOperations({ buckets }: S3Context) {
  const change = (input: { Bucket: string; Key: string; VersionId?: string }, tags: ObjectVersion['tags']) => {
    const bucket = buckets.find(input.Bucket);
    const changed = readable(buckets, input);
    const objects = buckets.objects(bucket.name);
    const versions = (objects.get(input.Key)?.versions ?? []).map((version) => {
      const { tags: _before, ...rest } = version;
      return version.id === changed.id ? { ...rest, ...(tags ? { tags } : {}) } : version;
    });
    objects.set(input.Key, { key: input.Key, versions });
    return versionMember(bucket, changed);
  };
  return {
    PutObjectTagging: (input: Input<s3.PutObjectTaggingRequest>): s3.PutObjectTaggingOutput =>
      change(input, tagsOf(input.Tagging.TagSet)),
    DeleteObjectTagging: (input: Input<s3.DeleteObjectTaggingRequest>): s3.DeleteObjectTaggingOutput =>
      change(input, undefined),
    GetObjectTagging(input: Input<s3.GetObjectTaggingRequest>): s3.GetObjectTaggingOutput {
      const version = readable(buckets, input);
      return { TagSet: tagPairs(version.tags), ...versionMember(buckets.find(input.Bucket), version) };
    },
  };
}

function describe(
  bucket: Parameters<typeof versionMember>[0],
  version: ObjectVersion,
  input: Input<s3.HeadObjectRequest>,
): s3.HeadObjectOutput {
  const { StorageClass: storageClass, ...headers } = version.headers as s3.HeadObjectOutput;
  return {
    ...headers,
    ...(storageClass && storageClass !== 'STANDARD' ? { StorageClass: storageClass } : {}),
    AcceptRanges: 'bytes',
    ContentLength: version.size,
    ETag: version.etag,
    LastModified: new Date(version.modified),
    ...(version.tags ? { TagCount: Object.keys(version.tags).length } : {}),
    ...(input.ChecksumMode === 'ENABLED' ? checksumMembers(version.checksums) : {}),
    ...versionMember(bucket, version),
  };
}

/** Headers that a reader asks to have in the answer instead of the stored ones. */
function responseHeaders(input: Input<s3.GetObjectRequest>): s3.GetObjectOutput {
  const asked = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** The checksum of an object says nothing about a part of it. */
function withoutChecksums<Output extends object>(output: Output): Output {
  return Object.fromEntries(Object.entries(output).filter(([name]) => !name.startsWith('Checksum'))) as Output;
}

/** Bytes of a `Range` header; several ranges or other units are ignored, as S3 does. `end` is inclusive. */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || start > end) throw s3Error('InvalidRange');
  return { start, end };
}
