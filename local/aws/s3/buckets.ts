import { randomBytes } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import { tagsOf } from '../kit/tags.ts';
import type { Checksums } from './checksums.ts';
import { s3Error } from './errors.ts';

export interface Bucket {
  readonly name: string;
  /** Milliseconds since the epoch, as every time here. */
  readonly created: number;
  readonly versioning?: 'Enabled' | 'Suspended';
  /** Sub-resource configurations by the name of their member, as they were put. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One version of an object. A delete marker has no body. */
export interface ObjectVersion {
  /** `null` for what was written while the bucket had no versioning. */
  readonly id: string;
  readonly body?: string;
  readonly size: number;
  /** In quotes, as on the wire. */
  readonly etag: string;
  readonly modified: number;
  /** Members that are echoed as headers: ContentType, Metadata, ... */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly checksums: Checksums;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface S3Object {
  readonly key: string;
  /** Oldest first. */
  readonly versions: readonly ObjectVersion[];
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly started: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, Part>>;
}

export interface Part {
  readonly body: string;
  readonly size: number;
  readonly md5: string;
  readonly modified: number;
  readonly checksums: Checksums;
}

export interface Buckets {
  all(): Bucket[];
  find(name: string): Bucket;
  exists(name: string): boolean;
  save(bucket: Bucket): void;
  remove(name: string): void;
  /** Objects by key, ordered by the bytes of their keys, as S3 orders them. */
  objects(bucket: string): Collection<S3Object>;
  uploads(bucket: string): Collection<Upload>;
}

export function openBuckets(cloud: Cloud): Buckets {
  const buckets = cloud.store.collection<Bucket>('s3/buckets');
  return {
    all: () => buckets.entries().map(([, bucket]) => bucket),
    find(name) {
      const bucket = buckets.get(name);
      if (!bucket) throw s3Error('NoSuchBucket');
      return bucket;
    },
    exists: (name) => buckets.get(name) !== undefined,
    save: (bucket) => buckets.set(bucket.name, bucket),
    remove: (name) => void buckets.delete(name),
    objects: (name) => cloud.store.collection(`s3/objects/${name}`),
    uploads: (name) => cloud.store.collection(`s3/uploads/${name}`),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function checkBucketName(name: string): void {
  const valid = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
  if (!valid || /^\d+\.\d+\.\d+\.\d+$/.test(name) || /^(xn--|sthree-)|(-s3alias|--ol-s3)$/.test(name)) {
    throw s3Error('InvalidBucketName');
  }
}

/** The version that GetObject without a version id sees; undefined if there is none or it is a delete marker. */
export function latest(object: S3Object | undefined): ObjectVersion | undefined {
  const version = object?.versions.at(-1);
  return version?.body === undefined ? undefined : version;
}

/** Id for a version that is about to be written. */
export function newVersionId(bucket: Bucket): string {
  return bucket.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
}

/** The object with one more version. A version `null` replaces the one before it. */
export function withVersion(object: S3Object | undefined, key: string, version: ObjectVersion): S3Object {
  const kept = (object?.versions ?? []).filter(({ id }) => id !== 'null' || version.id !== 'null');
  return { key, versions: [...kept, version] };
}

/** Tags as the header x-amz-tagging carries them. */
export function tagsFromHeader(header: string | undefined): Readonly<Record<string, string>> | undefined {
  if (!header) return undefined;
  return tagsOf([...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value })));
}
