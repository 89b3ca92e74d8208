import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Blob } from './blob-write.ts';
import type { BlobAddress, RegistryClient } from './client.ts';

/** Bytes at hand, as something to upload. */
export function bytesBlob({ digest, bytes }: { readonly digest: string; readonly bytes: Uint8Array }): Blob {
  return { digest, size: bytes.byteLength, open: (start, end) => bytes.subarray(start, end) };
}

/** A file, as something to upload. */
export function fileBlob({
  digest,
  size,
  file,
}: {
  readonly digest: string;
  readonly size: number;
  readonly file: string;
}): Blob {
  return {
    digest,
    size,
    open: (start, end) => createReadStream(file, { start, end: end - 1, highWaterMark: 1 << 20 }),
  };
}

/** A blob of another repository or registry, verified on its way. */
export function remoteBlob(client: RegistryClient, address: BlobAddress & { readonly size: number }): Blob {
  const { digest, size } = address;
  return {
    digest,
    size,
    open: (start, end) => Readable.from(slice(client.openBlob(address), start, end), { objectMode: false }),
  };
}

/** Reads to the end even when only a part is wanted: the digest is known to be right only then. */
async function* slice(source: AsyncIterable<Buffer>, start: number, end: number): AsyncGenerator<Buffer> {
  let offset = 0;
  for await (const chunk of source) {
    const part = chunk.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
    offset += chunk.length;
    if (part.length > 0) yield part;
  }
}
