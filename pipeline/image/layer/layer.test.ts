import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Entry } from './entries.ts';
import { fitsInMemory, type LayerFile, packInMemory, packLayer, readLayer } from './layer.ts';

const ENTRIES: readonly Entry[] = [{ type: 'file', path: 'a/b', content: Buffer.alloc(3_000_000, 'slipway ') }];
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-layer-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function paths(layer: LayerFile, diffId = layer.diffId): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of readLayer(createReadStream(layer.file), { mediaType: layer.mediaType, diffId })) {
    found.push(path);
  }
  return found;
}

test('digests and sizes are those of the bytes', async () => {
  const layer = await packLayer(ENTRIES, { folder });
  const bytes = readFileSync(layer.file);
  const plain = gunzipSync(bytes);
  expect(layer).toMatchObject({
    digest: sha256(bytes),
    size: bytes.length,
    diffId: sha256(plain),
    unpackedSize: plain.length,
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  });
  expect(execFileSync('tar', ['-tzf', layer.file], { encoding: 'utf8' })).toBe('a/\na/b\n');
});

test('gzip and zstd carry the same content', async () => {
  const [gzip, zstd] = await Promise.all([
    packLayer(ENTRIES, { folder }),
    packLayer(ENTRIES, { folder, compression: 'zstd' }),
  ]);
  expect(zstd.diffId).toBe(gzip.diffId);
  expect(zstd.mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd');
  expect(await paths(gzip)).toEqual(['a', 'a/b']);
  expect(await paths(zstd)).toEqual(['a', 'a/b']);
});

test('a layer that is not what the configuration names is refused', async () => {
  const layer = await packLayer(ENTRIES, { folder });
  await expect(paths(layer, sha256(Buffer.from('other')))).rejects.toThrow('the unpacked layer is not sha256:');
});

test('whoever stops reading early gets no error and leaves nothing open', async () => {
  const layer = await packLayer(ENTRIES, { folder });
  for await (const { path } of readLayer(createReadStream(layer.file), layer)) {
    expect(path).toBe('a');
    break;
  }
});

test('a file that cannot be read leaves nothing behind', async () => {
  const missing: Entry = { type: 'file', path: 'x', content: { file: join(folder, 'missing'), size: 1 } };
  await expect(packLayer([missing], { folder })).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual([]);
});

test.each(['gzip', 'zstd'] as const)(
  'few bytes at hand are packed in memory, with %s to the same archive',
  async (compression) => {
    const entries: readonly Entry[] = [{ type: 'file', path: 'a/b', content: Buffer.alloc(300_000, 'slipway ') }];
    expect([fitsInMemory(entries), fitsInMemory(ENTRIES)]).toEqual([true, false]);
    const { bytes, ...small } = await packInMemory(entries, { compression });
    const { file, ...large } = await packLayer(entries, { folder, compression });
    expect(small).toMatchObject({ diffId: large.diffId, mediaType: large.mediaType, unpackedSize: large.unpackedSize });
    expect(small).toMatchObject({ digest: sha256(bytes), size: bytes.length });
    if (compression === 'gzip') expect(readFileSync(file).equals(bytes)).toBe(true);
  },
);
