import type * as s3 from '@aws-sdk/client-s3';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { latest, newVersionId, type ObjectVersion, withVersion } from './buckets.ts';
import { type Conditions, checkWrite } from './conditions.ts';
import { s3Error } from './errors.ts';
import type { S3Context } from './objects.ts';

const MOST_KEYS = 1000;

interface Deletion extends Conditions {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** Operations that delete objects, their versions, or hide them behind a delete marker. */
export function deleteOperations(context: S3Context) {
  return {
    async DeleteObject(input: Input<s3.DeleteObjectRequest>): Promise<s3.DeleteObjectOutput> {
      return remove(context, deletion(input.Bucket, input));
    },
    async DeleteObjects(input: Input<s3.DeleteObjectsRequest>): Promise<s3.DeleteObjectsOutput> {
      context.buckets.find(input.Bucket);
      if (input.Delete.Objects.length > MOST_KEYS) throw s3Error('MalformedXML');
      const Deleted: s3.DeletedObject[] = [];
      const Errors: s3._Error[] = [];
      for (const { Key, VersionId, ETag } of input.Delete.Objects) {
        try {
          const identified = { Key, ...(VersionId ? { VersionId } : {}), ...(ETag ? { IfMatch: ETag } : {}) };
          const { DeleteMarker, VersionId: id } = await remove(context, deletion(input.Bucket, identified));
          Deleted.push({ Key, VersionId, ...(DeleteMarker ? { DeleteMarker, DeleteMarkerVersionId: id } : {}) });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          Errors.push({ Key, VersionId, Code: error.name, Message: error.message });
        }
      }
      return { Errors, ...(input.Delete.Quiet ? {} : { Deleted }) };
    },
  };
}

function deletion(bucket: string, input: { Key: string; VersionId?: string; IfMatch?: string }): Deletion {
  return { bucket, key: input.Key, IfMatch: input.IfMatch, ...(input.VersionId ? { versionId: input.VersionId } : {}) };
}

async function remove({ cloud, buckets, bodies }: S3Context, asked: Deletion): Promise<s3.DeleteObjectOutput> {
  const bucket = buckets.find(asked.bucket);
  const objects = buckets.objects(bucket.name);
  const object = objects.get(asked.key);
  if (asked.IfMatch) checkWrite(asked, latest(object));
  const keep = async (versions: readonly ObjectVersion[]) => {
    const gone = (object?.versions ?? []).filter((version) => !versions.includes(version));
    if (versions.length > 0) objects.set(asked.key, { key: asked.key, versions });
    else objects.delete(asked.key);
    await Promise.all(gone.map(({ body }) => bodies.remove(body)));
  };
  if (asked.versionId) {
    const version = object?.versions.find(({ id }) => id === asked.versionId);
    await keep((object?.versions ?? []).filter((other) => other !== version));
    return { VersionId: asked.versionId, ...(version && version.body === undefined ? { DeleteMarker: true } : {}) };
  }
  if (!bucket.versioning) {
    await keep([]);
    return {};
  }
  const marker = { id: newVersionId(bucket), size: 0, etag: '', modified: cloud.now(), headers: {}, checksums: {} };
  await keep(withVersion(object, asked.key, marker).versions);
  return { DeleteMarker: true, VersionId: marker.id };
}
