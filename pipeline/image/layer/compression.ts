import { PassThrough, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGunzip, createZstdCompress, createZstdDecompress, zstdCompress } from 'node:zlib';
import { gzipBlock, ParallelGzip } from './parallel-gzip.ts';

/** How a layer is compressed. Lambda documents gzip only; zstd is for ECS. */
export const COMPRESSIONS = ['gzip', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const CHUNK_BYTES = 1 << 18;
/** Native libraries at gzip's own default, 6, would be 2.6 % smaller and take 1.7 times as long. */
const DEFAULT_LEVEL = { gzip: 4, zstd: 3 } as const;

export function compressor(compression: Compression, level: number = DEFAULT_LEVEL[compression]): Transform {
  if (compression === 'gzip') return new ParallelGzip(level);
  return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level }, chunkSize: CHUNK_BYTES });
}

const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: DEFAULT_LEVEL.zstd } };

/** The same for what fits into one block. */
export const compressBlock = (bytes: Uint8Array, compression: Compression): Promise<Buffer> =>
  compression === 'gzip' ? gzipBlock(bytes, DEFAULT_LEVEL.gzip) : promisify(zstdCompress)(bytes, ZSTD);

/** The transform that undoes what a layer's media type says. Throws on a media type that is no layer. */
export function decompressor(mediaType: string): Transform {
  if (/[.+]gzip$/.test(mediaType)) return createGunzip({ chunkSize: CHUNK_BYTES });
  if (/[.+]zstd$/.test(mediaType)) return createZstdDecompress({ chunkSize: CHUNK_BYTES });
  if (/[.]tar$/.test(mediaType)) return new PassThrough();
  throw new Error(`${mediaType} is not a layer that can be unpacked`);
}
