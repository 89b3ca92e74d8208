import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type * as s3 from '@aws-sdk/client-s3';
import type { Input } from '../kit/input.ts';
import { type Body, checksumMembers } from './bodies.ts';
import { type Part, tagsFromHeader, type Upload } from './buckets.ts';
import { copySource } from './copy.ts';
import { s3Error } from './errors.ts';
import { parseRange } from './object-operations.ts';
import { checkKey, commit, keptHeaders, type S3Context, versionMember } from './objects.ts';
import { openUploads, type Uploads } from './uploads.ts';

const SMALLEST_PART = 5 * 1024 * 1024;

type UploadPartInput = Omit<Input<s3.UploadPartRequest>, 'Body'> & { readonly Body?: Body };

/** Operations of multipart uploads: parts are bodies of their own until they are joined. */
export function multipartOperations(context: S3Context) {
  const uploads = openUploads(context);
  return {
    ...partOperations(context, uploads),
    ...endOperations(context, uploads),
    ...listOperations(context, uploads),
  };
}

function partOperations(context: S3Context, uploads: Uploads) {
  const { cloud, buckets, bodies } = context;
  return {
    CreateMultipartUpload(input: Input<s3.CreateMultipartUploadRequest>): s3.CreateMultipartUploadOutput {
      const bucket = buckets.find(input.Bucket);
      checkKey(input.Key);
      const id = randomBytes(24).toString('base64url');
      const tags = tagsFromHeader(input.Tagging);
      const { ChecksumAlgorithm, ChecksumType } = input;
      const headers = keptHeaders(bucket, input);
      const upload = { id, key: input.Key, started: cloud.now(), headers, parts: {}, ...(tags ? { tags } : {}) };
      buckets.uploads(bucket.name).set(id, upload);
      return { Bucket: input.Bucket, Key: input.Key, UploadId: id, ChecksumAlgorithm, ChecksumType };
    },
    async UploadPart(input: UploadPartInput): Promise<s3.UploadPartOutput> {
      const { md5, checksums } = await uploads.addPart(input, input.Body);
      return { ETag: `"${md5}"`, ...checksumMembers(checksums) };
    },
    async UploadPartCopy(input: Input<s3.UploadPartCopyRequest>): Promise<s3.UploadPartCopyOutput> {
      const { version } = copySource(context, input);
      const body = bodies.read(version.body ?? '', parseRange(input.CopySourceRange, version.size));
      const { md5, modified } = await uploads.addPart(input, body, { algorithms: [], values: {} });
      return { CopyPartResult: { ETag: `"${md5}"`, LastModified: new Date(modified) } };
    },
  };
}

function endOperations(context: S3Context, uploads: Uploads) {
  const { cloud, buckets, bodies } = context;
  return {
    async CompleteMultipartUpload(
      input: Input<s3.CompleteMultipartUploadRequest>,
    ): Promise<s3.CompleteMultipartUploadOutput> {
      const upload = uploads.find(input);
      const parts = chosenParts(upload, input.MultipartUpload?.Parts ?? []);
      const body = await bodies.write(Readable.from(joined(context, parts), { objectMode: false }));
      const { headers, tags } = upload;
      const etag = multipartTag(parts);
      const target = { bucket: input.Bucket, key: input.Key, body, headers, tags, etag, conditions: input };
      const version = await commit(context, target);
      await uploads.remove(input.Bucket, upload);
      const Location = `${cloud.endpoints.aws}/${input.Bucket}/${input.Key}`;
      return {
        Bucket: input.Bucket,
        Key: input.Key,
        ETag: etag,
        Location,
        ...versionMember(buckets.find(input.Bucket), version),
      };
    },
    async AbortMultipartUpload(input: Input<s3.AbortMultipartUploadRequest>): Promise<s3.AbortMultipartUploadOutput> {
      await uploads.remove(input.Bucket, uploads.find(input));
      return {};
    },
  };
}

function listOperations({ buckets }: S3Context, uploads: Uploads) {
  return {
    ListParts(input: Input<s3.ListPartsRequest>): s3.ListPartsOutput {
      const { Bucket, Key, UploadId, PartNumberMarker = '0', MaxParts = 1000 } = input;
      const parts = Object.entries(uploads.find(input).parts).map(([number, part]) =>
        describePart(Number(number), part),
      );
      const rest = parts.filter(({ PartNumber }) => PartNumber > Number(PartNumberMarker));
      const shown = rest.slice(0, MaxParts);
      const next = rest.length > shown.length ? String(shown.at(-1)?.PartNumber) : undefined;
      return {
        Bucket,
        Key,
        UploadId,
        MaxParts,
        Parts: shown,
        IsTruncated: next !== undefined,
        NextPartNumberMarker: next,
      };
    },
    ListMultipartUploads(input: Input<s3.ListMultipartUploadsRequest>): s3.ListMultipartUploadsOutput {
      const all = buckets
        .uploads(buckets.find(input.Bucket).name)
        .entries()
        .map(([, upload]) => upload);
      const Uploads = all
        .filter(({ key }) => key.startsWith(input.Prefix ?? ''))
        .map(({ id, key, started }) => ({ UploadId: id, Key: key, Initiated: new Date(started) }));
      return { Bucket: input.Bucket, Prefix: input.Prefix, IsTruncated: false, Uploads };
    },
  };
}

function describePart(PartNumber: number, part: Part) {
  return {
    PartNumber,
    ETag: `"${part.md5}"`,
    Size: part.size,
    LastModified: new Date(part.modified),
    ...checksumMembers(part.checksums),
  };
}

/** The parts that a caller wants joined: in order, as uploaded, each but the last of at least 5 MiB. */
function chosenParts(upload: Upload, wanted: readonly s3.CompletedPart[]): readonly Part[] {
  if (wanted.length === 0) throw s3Error('MalformedXML');
  const inOrder = wanted.every(({ PartNumber = 0 }, index) => PartNumber > (wanted[index - 1]?.PartNumber ?? 0));
  if (!inOrder) throw s3Error('InvalidPartOrder');
  return wanted.map(({ PartNumber = 0, ETag }, index) => {
    const part = upload.parts[PartNumber];
    if (!part || ETag?.replaceAll('"', '') !== part.md5) throw s3Error('InvalidPart');
    if (index < wanted.length - 1 && part.size < SMALLEST_PART) throw s3Error('EntityTooSmall');
    return part;
  });
}

async function* joined({ bodies }: S3Context, parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const { body } of parts) yield* bodies.read(body);
}

/** The entity tag of a multipart object: the MD5 of its parts' MD5s, and their number. */
function multipartTag(parts: readonly Part[]): string {
  const all = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex')));
  return `"${createHash('md5').update(all).digest('hex')}-${parts.length}"`;
}
