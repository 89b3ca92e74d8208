import { type Body, expectedBody } from './bodies.ts';
import type { Part, Upload } from './buckets.ts';
import type { Expected } from './checksums.ts';
import { s3Error } from './errors.ts';
import type { S3Context } from './objects.ts';

const MOST_PARTS = 10_000;

export interface UploadReference {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

export interface PartReference extends UploadReference {
  readonly PartNumber: number;
}

/** Multipart uploads that have been started and not yet completed or aborted. */
export interface Uploads {
  find(reference: UploadReference): Upload;
  /** Stores a part; one of the same number is replaced. */
  addPart(reference: PartReference, body: Body, expected?: Expected): Promise<Part>;
  /** Forgets an upload and removes its parts. */
  remove(bucket: string, upload: Upload): Promise<void>;
}

export function openUploads({ cloud, buckets, bodies }: S3Context): Uploads {
  const find = ({ Bucket, Key, UploadId }: UploadReference): Upload => {
    const upload = buckets.uploads(buckets.find(Bucket).name).get(UploadId);
    if (!upload || upload.key !== Key) throw s3Error('NoSuchUpload');
    return upload;
  };
  return {
    find,
    async addPart(reference, body, expected = expectedBody(reference)) {
      const { Bucket, PartNumber } = reference;
      find(reference);
      if (PartNumber < 1 || PartNumber > MOST_PARTS) {
        throw s3Error('InvalidArgument', `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`);
      }
      const stored = await bodies.write(body, expected);
      const { size, md5, checksums } = stored;
      const part: Part = { body: stored.id, size, md5, modified: cloud.now(), checksums };
      const upload = await findOrDrop(reference, part);
      buckets.uploads(Bucket).set(upload.id, { ...upload, parts: { ...upload.parts, [PartNumber]: part } });
      await bodies.remove(upload.parts[PartNumber]?.body);
      return part;
    },
    async remove(bucket, upload) {
      buckets.uploads(bucket).delete(upload.id);
      await Promise.all(Object.values(upload.parts).map(({ body }) => bodies.remove(body)));
    },
  };

  /** The upload may have been completed or aborted while the part came in. */
  async function findOrDrop(reference: UploadReference, part: Part): Promise<Upload> {
    try {
      return find(reference);
    } catch (error) {
      await bodies.remove(part.body);
      throw error;
    }
  }
}
