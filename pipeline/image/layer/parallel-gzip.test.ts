import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { gzipBlock, ParallelGzip } from './parallel-gzip.ts';

const MIB = 1 << 20;

async function gzip(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const packer = new ParallelGzip(4);
  const [packed] = await Promise.all([buffer(packer), pipeline(Readable.from(chunks), packer)]);
  return packed;
}

/** Half noise, half text, so that blocks differ in length and look back into each other. */
function sample(bytes: number): Buffer {
  const noise = randomBytes(Math.min(bytes, 20_000));
  return Buffer.concat([
    noise,
    Buffer.alloc(bytes - noise.length, Buffer.concat([noise, Buffer.from('slipway '.repeat(900))])),
  ]);
}

test.each([0, 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 21 * MIB])(
  '%d bytes come back, here and from GNU gzip',
  async (bytes) => {
    const content = sample(bytes);
    const packed = await gzip(bytes === 0 ? [] : [content]);
    expect(gunzipSync(packed).equals(content)).toBe(true);
    expect(execFileSync('gzip', ['-dc'], { input: packed, maxBuffer: 64 * MIB }).equals(content)).toBe(true);
  },
);

test('however the bytes arrive, the result is the same: it is part of an image', async () => {
  const content = sample(5 * MIB);
  const pieces = Array.from({ length: Math.ceil(content.length / 70_001) }, (_, index) =>
    content.subarray(index * 70_001, (index + 1) * 70_001),
  );
  expect((await gzip(pieces)).equals(await gzip([content]))).toBe(true);
});

test('blocks look back into the one before: what repeats across their border is not stored twice', async () => {
  const noise = randomBytes(30_000);
  const filler = Buffer.alloc(2 * MIB - noise.length);
  const packed = await gzip([filler, noise, noise]);
  expect(packed.length).toBeLessThan(1.3 * noise.length);
});

test('whoever stops reading leaves nothing that waits', async () => {
  const packer = new ParallelGzip(4);
  const writing = pipeline(Readable.from([sample(6 * MIB)]), packer);
  packer.destroy();
  await expect(writing).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
});

test.each([0, 1, 200_000, 2 * MIB])('a block of %d bytes is packed alike in one piece', async (bytes) => {
  const content = bytes === 0 ? Buffer.alloc(0) : sample(bytes);
  expect((await gzipBlock(content, 4)).equals(await gzip(bytes === 0 ? [] : [content]))).toBe(true);
});
