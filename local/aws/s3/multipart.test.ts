import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { startTestS3, type TestS3 } from './test-s3.ts';

const MIB = 1024 * 1024;

describe('S3 multipart uploads', () => {
  let s3: TestS3;
  let UploadId: string | undefined;
  const target = { Bucket: 'bucket', Key: 'big' };
  beforeEach(async () => {
    s3 = await startTestS3();
    ({ UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ ...target, ContentType: 'text/big' })));
  });
  afterEach(() => s3.aws.remove());
  const bodies = () => readdirSync(join(s3.aws.cloud.home, 's3', 'bodies'));
  const upload = async (PartNumber: number, Body: Uint8Array) => {
    const { ETag } = await s3.client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[], more: object = {}) =>
    s3.client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts }, ...more }));

  test('parts are joined in order, also after a restart', async () => {
    const second = await upload(2, Buffer.alloc(10, 'b'));
    await upload(1, Buffer.alloc(10, 'x'));
    const first = await upload(1, Buffer.alloc(5 * MIB, 'a'));
    s3 = await s3.restart();
    const listed = await s3.client.send(new ListPartsCommand({ ...target, UploadId }));
    expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MIB],
      [2, 10],
    ]);
    const done = await complete([first, second]);
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const found = await s3.client.send(new HeadObjectCommand(target));
    expect(found).toMatchObject({ ContentLength: 5 * MIB + 10, ContentType: 'text/big', ETag: done.ETag });
    expect((await s3.get('big')).endsWith('abbbbbbbbbb')).toBe(true);
    expect(bodies()).toHaveLength(1);
    await expect(complete([first])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('parts are checked', async () => {
    const first = await upload(1, Buffer.from('small'));
    const second = await upload(2, Buffer.from('last'));
    await expect(complete([first, second])).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete([second, first])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([{ PartNumber: 3, ETag: '"x"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await expect(complete([])).rejects.toMatchObject({ name: 'MalformedXML' });
    await complete([second]);
    expect(await s3.get('big')).toBe('last');
  });

  test('completion can ask for a new object', async () => {
    await s3.put('big', 'already there');
    const part = await upload(1, Buffer.from('new'));
    await expect(complete([part], { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await s3.get('big')).toBe('already there');
  });

  test('parts can be copied', async () => {
    await s3.put('from', '0123456789');
    const source = { CopySource: 'bucket/from', CopySourceRange: 'bytes=2-5' };
    const { CopyPartResult } = await s3.client.send(
      new UploadPartCopyCommand({ ...target, UploadId, PartNumber: 1, ...source }),
    );
    await complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    expect(await s3.get('big')).toBe('2345');
  });

  test('an aborted upload leaves nothing', async () => {
    await upload(1, Buffer.from('x'));
    const listing = () => s3.client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket' }));
    expect((await listing()).Uploads).toMatchObject([{ Key: 'big', UploadId }]);
    await s3.client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    expect((await listing()).Uploads ?? []).toEqual([]);
    expect(bodies()).toEqual([]);
  });
});
