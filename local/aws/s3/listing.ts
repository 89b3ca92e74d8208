import type * as s3 from '@aws-sdk/client-s3';
import type { Input } from '../kit/input.ts';
import { latest, type ObjectVersion, type S3Object } from './buckets.ts';
import { s3Error } from './errors.ts';
import type { S3Context } from './objects.ts';

const MOST_KEYS = 1000;
/** Sorts after every key that begins with the same text. */
const LAST = '\u{10ffff}';

interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Keys (or common prefixes) up to and including this one are skipped. */
  readonly after: string;
  readonly limit: number;
}

interface Listed {
  readonly objects: readonly S3Object[];
  readonly prefixes: readonly string[];
  /** Where the next page continues; undefined on the last one. */
  readonly next: string | undefined;
}

/** One page of keys in byte order, with everything behind a delimiter rolled up into common prefixes. */
export function list(objects: readonly S3Object[], { prefix, delimiter, after, limit }: ListRequest): Listed {
  const found: S3Object[] = [];
  const prefixes: string[] = [];
  let last = after;
  for (const object of objects) {
    if (compareKeys(object.key, last) <= 0) continue;
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    const common = delimiter && end >= 0 ? object.key.slice(0, end + delimiter.length) : undefined;
    if (found.length + prefixes.length >= limit) return { objects: found, prefixes, next: last };
    if (common) prefixes.push(common);
    else found.push(object);
    last = common ? common + LAST : object.key;
  }
  return { objects: found, prefixes, next: undefined };
}

function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Operations that list objects and their versions. */
export function listOperations({ buckets }: S3Context) {
  const visible = (bucket: string, prefix: string | undefined) =>
    buckets
      .objects(buckets.find(bucket).name)
      .entries(prefix)
      .flatMap(([, object]) => (latest(object) ? [object] : []));
  return {
    ListObjectsV2(input: Input<s3.ListObjectsV2Request>): s3.ListObjectsV2Output {
      const after = input.ContinuationToken ? fromToken(input.ContinuationToken) : (input.StartAfter ?? '');
      const limit = pageSize(input.MaxKeys);
      const { objects, prefixes, next } = list(visible(input.Bucket, input.Prefix), request(input, after, limit));
      return {
        ...common(input, limit),
        ...contents(input, objects, prefixes),
        StartAfter: input.StartAfter,
        ContinuationToken: input.ContinuationToken,
        KeyCount: objects.length + prefixes.length,
        IsTruncated: next !== undefined,
        NextContinuationToken: next === undefined ? undefined : Buffer.from(next).toString('base64url'),
      };
    },
    ListObjects(input: Input<s3.ListObjectsRequest>): s3.ListObjectsOutput {
      const limit = pageSize(input.MaxKeys);
      const marker = input.Delimiter && input.Marker?.endsWith(input.Delimiter) ? input.Marker + LAST : input.Marker;
      const { objects, prefixes, next } = list(
        visible(input.Bucket, input.Prefix),
        request(input, marker ?? '', limit),
      );
      return {
        ...common(input, limit),
        ...contents(input, objects, prefixes),
        Marker: input.Marker ?? '',
        IsTruncated: next !== undefined,
        NextMarker: next === undefined ? undefined : encoded(next.replace(LAST, ''), input.EncodingType),
      };
    },
    ListObjectVersions(input: Input<s3.ListObjectVersionsRequest>): s3.ListObjectVersionsOutput {
      const limit = pageSize(input.MaxKeys);
      const objects = buckets
        .objects(buckets.find(input.Bucket).name)
        .entries(input.Prefix)
        .map(([, object]) => object);
      const all = objects.flatMap((object) => object.versions.toReversed().map((version) => ({ object, version })));
      const rest = all.slice(versionsSeen(all, input));
      const shown = rest.slice(0, limit);
      const last = rest.length > limit ? shown.at(-1) : undefined;
      return {
        ...common(input, limit),
        IsTruncated: last !== undefined,
        ...(last
          ? { NextKeyMarker: encoded(last.object.key, input.EncodingType), NextVersionIdMarker: last.version.id }
          : {}),
        Versions: shown.filter(({ version }) => version.body !== undefined).map((entry) => versionEntry(entry, input)),
        DeleteMarkers: shown
          .filter(({ version }) => version.body === undefined)
          .map((entry) => markerEntry(entry, input)),
      };
    },
  };
}

type Listing = Pick<s3.ListObjectsV2Request, 'Bucket' | 'Prefix' | 'Delimiter' | 'EncodingType'>;

function request(input: Listing, after: string, limit: number): ListRequest {
  return { prefix: input.Prefix ?? '', delimiter: input.Delimiter, after, limit };
}

function common({ Bucket, Prefix, Delimiter, EncodingType }: Listing, limit: number) {
  return {
    Name: Bucket,
    Prefix: encoded(Prefix ?? '', EncodingType),
    Delimiter: Delimiter && encoded(Delimiter, EncodingType),
    MaxKeys: limit,
    EncodingType,
  };
}

function contents({ EncodingType }: Listing, objects: readonly S3Object[], prefixes: readonly string[]) {
  const Contents = objects.flatMap((object) => {
    const version = latest(object);
    return version ? [{ Key: encoded(object.key, EncodingType), ...entry(version) }] : [];
  });
  return { Contents, CommonPrefixes: prefixes.map((prefix) => ({ Prefix: encoded(prefix, EncodingType) })) };
}

function entry(version: ObjectVersion) {
  const algorithms = Object.keys(version.checksums) as s3.ChecksumAlgorithm[];
  return {
    Size: version.size,
    ETag: version.etag,
    LastModified: new Date(version.modified),
    StorageClass: (version.headers['StorageClass'] ?? 'STANDARD') as 'STANDARD',
    ...(algorithms.length > 0 ? { ChecksumAlgorithm: algorithms } : {}),
  };
}

interface VersionOf {
  readonly object: S3Object;
  readonly version: ObjectVersion;
}

/** How many versions pages before this one have shown. */
function versionsSeen(all: readonly VersionOf[], { KeyMarker, VersionIdMarker }: s3.ListObjectVersionsRequest): number {
  if (!KeyMarker) return 0;
  const exact = all.findIndex(({ object, version }) => object.key === KeyMarker && version.id === VersionIdMarker);
  if (exact >= 0) return exact + 1;
  return all.filter(({ object }) => compareKeys(object.key, KeyMarker) <= 0).length;
}

function markerEntry({ object, version }: VersionOf, { EncodingType }: Listing) {
  return {
    Key: encoded(object.key, EncodingType),
    VersionId: version.id,
    IsLatest: object.versions.at(-1) === version,
    LastModified: new Date(version.modified),
  };
}

function versionEntry(listed: VersionOf, input: Listing) {
  return { ...entry(listed.version), ...markerEntry(listed, input) };
}

function pageSize(asked: number | undefined): number {
  if (asked !== undefined && asked < 0)
    throw s3Error('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  return Math.min(asked ?? MOST_KEYS, MOST_KEYS);
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}

function encoded(text: string, type: s3.EncodingType | undefined): string {
  return type === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;
}
