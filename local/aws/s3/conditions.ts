import type { ObjectVersion } from './buckets.ts';
import { s3Error } from './errors.ts';

export interface Conditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/** Conditions of reads: 412 if the object is not the wanted one, 304 if the caller has it already. */
export function checkRead(conditions: Conditions, version: ObjectVersion): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const seconds = Math.floor(version.modified / 1000) * 1000;
  if (IfMatch !== undefined && !matches(IfMatch, version)) throw s3Error('PreconditionFailed');
  if (IfMatch === undefined && IfUnmodifiedSince && seconds > IfUnmodifiedSince.getTime()) {
    throw s3Error('PreconditionFailed');
  }
  if (IfNoneMatch !== undefined && matches(IfNoneMatch, version)) throw s3Error('NotModified');
  if (IfNoneMatch === undefined && IfModifiedSince && seconds <= IfModifiedSince.getTime())
    throw s3Error('NotModified');
}

/** Conditions of writes: `If-None-Match: *` writes only a new object, `If-Match` only over the known one. */
export function checkWrite({ IfMatch, IfNoneMatch }: Conditions, version: ObjectVersion | undefined): void {
  if (IfNoneMatch !== undefined && version && matches(IfNoneMatch, version)) throw s3Error('PreconditionFailed');
  if (IfMatch === undefined) return;
  if (!version) throw s3Error('NoSuchKey');
  if (!matches(IfMatch, version)) throw s3Error('PreconditionFailed');
}

function matches(condition: string, { etag }: ObjectVersion): boolean {
  const plain = (text: string) => text.trim().replaceAll('"', '');
  return condition.split(',').some((wanted) => wanted.trim() === '*' || plain(wanted) === plain(etag));
}
