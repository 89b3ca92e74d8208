/** The seam to S3 for what is too large to be held whole: read in ranges, written in parts, and there only when it is whole. */
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { clientOptions } from './client.ts';
import type { TaggedObject } from './objects.ts';

export interface FileDescription {
  readonly bytes: number;
  /** Changes with the content. */
  readonly tag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object that is written in parts. */
export interface Upload {
  readonly key: string;
  readonly id: string;
}

export interface Files {
  /** Undefined when there is no such object. */
  describe(key: string): Promise<FileDescription | undefined>;
  /** Keys that start with `prefix`, in order. */
  list(prefix: string): Promise<string[]>;
  /**
   * Fills `target` with the bytes from `start` on. False when the object is gone or is not the one with that tag any more.
   * @throws when fewer bytes come
   */
  readRange(key: string, range: { readonly start: number; readonly tag: string }, target: Uint8Array): Promise<boolean>;
  readTagged(key: string): Promise<TaggedObject | undefined>;
  /** Writes an object that nobody wrote yet. False when somebody did. */
  create(
    key: string,
    body: Uint8Array,
    about: { readonly contentType: string; readonly metadata?: Readonly<Record<string, string>> },
  ): Promise<boolean>;
  /**
   * Writes an object that nobody changed since it had this tag, or that is not there yet.
   * @returns its new tag; undefined when somebody was faster
   */
  replace(key: string, body: Uint8Array, tag: string | undefined): Promise<string | undefined>;
  beginUpload(key: string, contentType: string): Promise<Upload>;
  /** @param part from 1 up. @returns the part's tag; undefined when the upload is over */
  uploadPart(upload: Upload, part: number, body: Uint8Array): Promise<string | undefined>;
  /** Makes the object from its parts, unless it is there. False when it is, or when the upload is over. */
  completeUpload(upload: Upload, tags: readonly string[]): Promise<boolean>;
  abortUpload(upload: Upload): Promise<void>;
  remove(key: string): Promise<void>;
}

/** A part of some megabytes takes a while where the network is slow. */
const REQUEST_MILLISECONDS = 60_000;

export function createS3Client(): S3Client {
  return new S3Client({
    ...clientOptions,
    requestHandler: { ...clientOptions.requestHandler, requestTimeout: REQUEST_MILLISECONDS },
    // Host names with a bucket in front do not resolve where an endpoint is set by hand.
    forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL']),
  });
}

/**
 * @param prefix what all keys start with. Whoever may list only what lies below one, as previews do, is not told 404 but 403 about what is not there:
 *   https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export function createFiles(bucket: string, prefix = ''): Files {
  const client = createS3Client();
  const missing = prefix === '' ? [404] : [403, 404];
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const part = ({ key, id }: Upload) => ({ ...at(key), UploadId: id });
  return {
    describe: (key) =>
      unless(missing, async () => {
        const { ContentLength = 0, ETag = '', Metadata = {} } = await client.send(new HeadObjectCommand(at(key)));
        return { bytes: ContentLength, tag: ETag, metadata: Metadata };
      }),
    async list(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
        );
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key ? [Key] : [])));
        token = page.NextContinuationToken;
      } while (token);
      return keys;
    },
    readRange: async (key, { start, tag }, target) =>
      (await unless([404, 412], async () => {
        const range = { Range: `bytes=${start}-${start + target.length - 1}`, IfMatch: tag };
        const { Body } = await client.send(new GetObjectCommand({ ...at(key), ...range }));
        await fill(target, Body as Readable);
        return true;
      })) ?? false,
    readTagged: (key) =>
      unless(missing, async () => {
        const { Body, ETag = '' } = await client.send(new GetObjectCommand(at(key)));
        return Body && { bytes: await Body.transformToByteArray(), tag: ETag };
      }),
    create: async (key, body, { contentType, metadata }) =>
      (await unless([409, 412], async () => {
        const about = { ContentType: contentType, ...(metadata && { Metadata: { ...metadata } }) };
        await client.send(new PutObjectCommand({ ...at(key), Body: body, ...about, IfNoneMatch: '*' }));
        return true;
      })) ?? false,
    replace: (key, body, tag) =>
      unless([404, 409, 412], async () => {
        const condition = tag === undefined ? { IfNoneMatch: '*' } : { IfMatch: tag };
        return (await client.send(new PutObjectCommand({ ...at(key), Body: body, ...condition }))).ETag ?? '';
      }),
    async beginUpload(key, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...at(key), ContentType: contentType }),
      );
      return { key, id: UploadId ?? '' };
    },
    uploadPart: (upload, number, body) =>
      unless([404], async () => {
        const { ETag } = await client.send(new UploadPartCommand({ ...part(upload), PartNumber: number, Body: body }));
        return ETag ?? '';
      }),
    completeUpload: async (upload, tags) =>
      (await unless([404, 409, 412], async () => {
        const Parts = tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
        await client.send(
          new CompleteMultipartUploadCommand({ ...part(upload), MultipartUpload: { Parts }, IfNoneMatch: '*' }),
        );
        return true;
      })) ?? false,
    async abortUpload(upload) {
      await unless([404], () => client.send(new AbortMultipartUploadCommand(part(upload))));
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(at(key)));
    },
  };
}

/** Part by part to where it belongs: the SDK's own way to collect a body copies each byte twice more. */
async function fill(target: Uint8Array, body: Readable): Promise<void> {
  let filled = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    if (filled + part.length > target.length) throw new Error(`more than ${target.length} bytes came`);
    target.set(part, filled);
    filled += part.length;
  }
  if (filled < target.length) throw new Error(`${filled} of ${target.length} bytes came`);
}

/** Undefined when S3 answers with one of these statuses. */
async function unless<Value>(statuses: readonly number[], work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0)) return undefined;
    throw error;
  }
}
