/** The seam to S3: whole objects of one bucket. */
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2Output,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { clientOptions } from './client.ts';

export interface ObjectSource {
  /** Keys that start with `prefix`, in order. */
  list(prefix: string): Promise<string[]>;
  /** What lies directly below `prefix` and has something below itself, in order, each with the slash at its end. */
  folders(prefix: string): Promise<string[]>;
  /** The object's bytes; undefined when there is no such object. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** The same bit by bit, for what need not be in memory. Whoever opens it reads it, or destroys the body. */
  open(key: string): Promise<OpenObject | undefined>;
}

export interface OpenObject {
  readonly bytes: number;
  readonly body: Readable;
}

export interface TaggedObject {
  readonly bytes: Uint8Array;
  /** Changes with the content. */
  readonly tag: string;
}

/** When a write takes place: nobody wrote the object yet, or nobody since it had this tag. */
export type WriteCondition = 'absent' | { readonly tag: string };

export interface ObjectStore extends ObjectSource {
  readTagged(key: string): Promise<TaggedObject | undefined>;
  write(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  /** @returns false when the condition does not hold; nothing is written then */
  writeIf(
    condition: WriteCondition,
    object: { readonly key: string; readonly body: string | Uint8Array; readonly contentType: string },
  ): Promise<boolean>;
}

const SILENT_MILLISECONDS = 10_000;

/** @param milliseconds how long S3 may be silent, before its answer or within it */
export function createObjectStore(bucket: string, milliseconds = SILENT_MILLISECONDS): ObjectStore {
  const client = new S3Client({
    ...clientOptions,
    requestHandler: { ...clientOptions.requestHandler, requestTimeout: milliseconds, socketTimeout: milliseconds },
    // Host names with a bucket in front do not resolve where an endpoint is set by hand.
    forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL']),
  });
  const pages = async function* (prefix: string, delimiter?: string): AsyncGenerator<ListObjectsV2Output> {
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(delimiter && { Delimiter: delimiter }),
          ...(token && { ContinuationToken: token }),
        }),
      );
      yield page;
      token = page.NextContinuationToken;
    } while (token);
  };
  const get = async (key: string): Promise<Partial<GetObjectCommandOutput>> => {
    try {
      return await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      if (error instanceof NoSuchKey) return {};
      throw error;
    }
  };
  const readTagged = async (key: string): Promise<TaggedObject | undefined> => {
    const { Body, ETag = '' } = await get(key);
    return Body && { bytes: await Body.transformToByteArray(), tag: ETag };
  };
  return {
    readTagged,
    read: async (key) => (await readTagged(key))?.bytes,
    async open(key) {
      const { Body, ContentLength = 0 } = await get(key);
      // In Node it is always a stream of Node.
      return Body && { bytes: ContentLength, body: Body as Readable };
    },
    async list(prefix) {
      const keys: string[] = [];
      for await (const { Contents = [] } of pages(prefix))
        keys.push(...Contents.flatMap(({ Key }) => (Key ? [Key] : [])));
      return keys;
    },
    async folders(prefix) {
      const found: string[] = [];
      for await (const { CommonPrefixes = [] } of pages(prefix, '/'))
        found.push(...CommonPrefixes.flatMap(({ Prefix }) => (Prefix ? [Prefix] : [])));
      return found;
    },
    async write(key, body, contentType) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    },
    async writeIf(condition, { key, body, contentType }) {
      const when = condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.tag };
      try {
        await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, ...when }),
        );
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && isLost(error)) return false;
        throw error;
      }
    },
  };
}

/** 409 is what S3 answers while another conditional write of the same key is under way. */
const isLost = ({ $metadata }: S3ServiceException): boolean =>
  $metadata.httpStatusCode === 412 || $metadata.httpStatusCode === 409;
