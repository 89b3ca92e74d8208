import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startTestS3, type TestS3 } from './test-s3.ts';

describe('S3 objects', () => {
  let s3: TestS3;
  beforeEach(async () => {
    s3 = await startTestS3();
  });
  afterEach(() => s3.aws.remove());
  const Bucket = 'bucket';
  const head = (Key: string) => s3.client.send(new HeadObjectCommand({ Bucket, Key }));
  const bodies = () => readdirSync(join(s3.aws.cloud.home, 's3', 'bodies'));
  const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

  test('an object comes back with what was put, also after a restart', async () => {
    const Metadata = { release: 'r1' };
    await s3.put('models/a b+ü.onnx', 'body', {
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      Metadata,
      Tagging: 'a=1&b=2',
    });
    s3 = await s3.restart();
    expect(await s3.get('models/a b+ü.onnx')).toBe('body');
    expect(await head('models/a b+ü.onnx')).toMatchObject({
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentLength: 4,
      ETag: '"841a2d689ad86bd1611447453c22c6fc"',
      ServerSideEncryption: 'AES256',
      Metadata,
      TagCount: 2,
    });
    const attributes = { Bucket, Key: 'models/a b+ü.onnx', ObjectAttributes: ['ObjectSize' as const] };
    expect(await s3.client.send(new GetObjectAttributesCommand(attributes))).toMatchObject({ ObjectSize: 4 });
  });

  test('keys may look like anything', async () => {
    for (const key of ['a//b', 'a/../b', 'a/./b', '/lead', 'folder/', '%41', '?x=1&acl', '😀']) {
      await s3.put(key, key);
      expect(await s3.get(key)).toBe(key);
    }
  });

  test('streams are unframed and their checksum in the trailer is kept', async () => {
    const body = randomBytes(300_000);
    await s3.put('stream', '', {
      Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]),
      ContentLength: 300_000,
    });
    const found = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
    expect(Buffer.from((await found.Body?.transformToByteArray()) ?? [])).toEqual(body);
    expect(found.ChecksumCRC32).toBeDefined();
    expect(found.ContentEncoding).toBeUndefined();
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('verifies %s', async (ChecksumAlgorithm) => {
    const stored = await s3.put('sum', 'body', { ChecksumAlgorithm });
    expect(stored).toHaveProperty(`Checksum${ChecksumAlgorithm}`);
    const wrong = s3.put('sum', 'other', { [`Checksum${ChecksumAlgorithm}`]: 'AAAAAA==' });
    await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
    expect(await s3.get('sum')).toBe('body');
    expect(bodies()).toHaveLength(1);
  });

  test('ranges and conditions of reads', async () => {
    const { ETag } = await s3.put('k', '0123456789');
    expect(await s3.get('k', { Range: 'bytes=2-4' })).toBe('234');
    expect(await s3.get('k', { Range: 'bytes=-3' })).toBe('789');
    const part = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=8-' }));
    expect(part).toMatchObject({ ContentRange: 'bytes 8-9/10', ContentLength: 2, ...status(206) });
    expect(await part.Body?.transformToString()).toBe('89');
    await expect(s3.get('k', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange', ...status(416) });
    await expect(s3.get('k', { IfNoneMatch: ETag })).rejects.toMatchObject(status(304));
    await expect(s3.get('k', { IfMatch: '"x"' })).rejects.toMatchObject({ name: 'PreconditionFailed', ...status(412) });
    await expect(s3.get('none')).rejects.toMatchObject({ name: 'NoSuchKey', ...status(404) });
    await expect(head('none')).rejects.toMatchObject({ name: 'NotFound', ...status(404) });
  });

  test('of many writers that want a new object one wins, as a lock file needs it', async () => {
    const attempts = Array.from({ length: 10 }, (_, n) => s3.put('state.tflock', String(n), { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(attempts);
    const lost = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    expect(lost).toHaveLength(9);
    expect(lost[0]).toMatchObject({ name: 'PreconditionFailed', ...status(412) });
    expect(bodies()).toHaveLength(1);
  });

  test('a write over a known version', async () => {
    const { ETag } = await s3.put('k', '1');
    await s3.put('k', '2', { IfMatch: ETag });
    await expect(s3.put('k', '3', { IfMatch: ETag })).rejects.toMatchObject(status(412));
    await expect(s3.put('new', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await s3.get('k')).toBe('2');
  });

  test('an upload that breaks off leaves nothing', async () => {
    await s3.put('k', 'old');
    const { port } = new URL(s3.aws.client.endpoint);
    const authorization =
      'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    await new Promise<void>((resolve) => {
      const upload = request({
        port,
        host: '127.0.0.1',
        method: 'PUT',
        path: '/bucket/k',
        headers: { authorization, 'content-length': 100 },
      });
      upload.on('error', () => resolve());
      upload.write('half', () => setImmediate(() => upload.destroy(new Error('client went away'))));
    });
    s3 = await s3.restart();
    expect(await s3.get('k')).toBe('old');
    expect(bodies()).toHaveLength(1);
    expect(readdirSync(join(s3.aws.cloud.home, 's3', 'incoming'))).toEqual([]);
  });

  test('bodies that no object names are removed at the next start', async () => {
    await s3.put('k', 'kept');
    const orphan = join(s3.aws.cloud.home, 's3', 'bodies', 'orphan');
    writeFileSync(orphan, 'left by a crash');
    s3 = await s3.restart();
    expect(existsSync(orphan)).toBe(false);
    expect(await s3.get('k')).toBe('kept');
  });

  test('versions, delete markers and their removal', async () => {
    const first = await s3.put('k', 'before versioning');
    expect(first.VersionId).toBeUndefined();
    await s3.enableVersioning();
    const { VersionId } = await s3.put('k', 'two');
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker.DeleteMarker).toBe(true);
    await expect(s3.get('k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await s3.get('k', { VersionId })).toBe('two');
    expect(await s3.get('k', { VersionId: 'null' })).toBe('before versioning');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId }));
    expect(await s3.get('k')).toBe('two');
    const listed = await s3.client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }));
    expect(listed.Versions).toMatchObject([{ Key: 'k', VersionId, IsLatest: true }]);
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = listed;
    const rest = await s3.client.send(new ListObjectVersionsCommand({ Bucket, KeyMarker, VersionIdMarker }));
    expect(rest.Versions).toMatchObject([{ VersionId: 'null', IsLatest: false }]);
    const Objects = [
      { Key: 'k', VersionId },
      { Key: 'k', VersionId: 'null' },
    ];
    const deleted = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(deleted.Deleted).toHaveLength(2);
    expect(bodies()).toEqual([]);
  });

  test('copies keep or replace headers and tags', async () => {
    await s3.put('from/ä', 'body', { ContentType: 'text/a', Metadata: { a: '1' }, Tagging: 'x=y' });
    const copy = (Key: string, more: object = {}) =>
      s3.client.send(
        new CopyObjectCommand({ Bucket, Key, CopySource: `bucket/${encodeURIComponent('from/ä')}`, ...more }),
      );
    await copy('same');
    expect(await head('same')).toMatchObject({ ContentType: 'text/a', Metadata: { a: '1' }, TagCount: 1 });
    await copy('changed', { MetadataDirective: 'REPLACE', ContentType: 'text/b' });
    const changed = await head('changed');
    expect(changed).toMatchObject({ ContentType: 'text/b', Metadata: {} });
    await expect(copy('from/ä')).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expect(copy('x', { CopySourceIfMatch: '"no"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('tags can be changed without touching the body', async () => {
    await s3.put('k', 'body');
    await s3.client.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    );
    expect((await s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet).toEqual([
      { Key: 'a', Value: 'b' },
    ]);
    expect(await s3.get('k')).toBe('body');
  });

  test('refuses by name what it would have to ignore', async () => {
    await expect(s3.put('k', 'b', { ObjectLockLegalHoldStatus: 'ON' })).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
    await expect(s3.put('k', 'b', { ACL: 'public-read' })).rejects.toMatchObject({
      name: 'AccessControlListNotSupported',
    });
    const part = new UploadPartCommand({ Bucket, Key: 'k', UploadId: 'none', PartNumber: 1, Body: 'b' });
    await expect(s3.client.send(part)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect(bodies()).toEqual([]);
  });

  test('in process, bodies are text, bytes or streams', async () => {
    await s3.aws.cloud.invoke('s3', 'PutObject', { Bucket, Key: 'k', Body: 'text' });
    const { Body } = await s3.aws.cloud.invoke<{ Body: Readable }>('s3', 'GetObject', { Bucket, Key: 'k' });
    expect(Buffer.concat(await Body.toArray()).toString()).toBe('text');
    await expect(s3.aws.cloud.invoke('s3', 'GetObject', { Bucket, Key: 'none' })).rejects.toMatchObject({
      name: 'NoSuchKey',
      status: 404,
    });
  });
});
