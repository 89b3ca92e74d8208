import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { DigestError, isTransient, RegistryError } from './errors.ts';
import { waitBefore } from './retry.ts';
import type { Session } from './session.ts';

export interface BlobAddress {
  readonly repository: string;
  readonly digest: string;
  /** When known, more bytes are refused while they come. */
  readonly size?: number;
}

/**
 * The blob's bytes. A connection that breaks is resumed where it broke; at the end the digest has been verified, or the stream fails
 * with `DigestError`: bytes must not be used before it has ended.
 */
export function openBlob(session: Session, address: BlobAddress): Readable {
  return Readable.from(blobChunks(session, address), { objectMode: false, highWaterMark: 1 << 20 });
}

/** For small blobs, such as an image's configuration. */
export async function readBlob(session: Session, address: BlobAddress): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobChunks(session, address)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* blobChunks(session: Session, address: BlobAddress): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let offset = 0;
  for (let failures = 0; ; ) {
    try {
      for await (const chunk of await bodyFrom(session, address, offset)) {
        hash.update(chunk);
        offset += chunk.length;
        failures = 0;
        if (address.size !== undefined && offset > address.size) throw mismatch(address, 'is longer than announced');
        yield chunk;
      }
      break;
    } catch (cause) {
      const error = cause instanceof DigestError || cause instanceof RegistryError ? cause : broken(address, cause);
      failures += 1;
      // A connection may break when nothing but its end is missing; a range that is empty is none.
      if (!(error instanceof DigestError) && `sha256:${hash.copy().digest('hex')}` === address.digest) break;
      if (!isTransient(error) || failures >= session.retry.attempts) throw error;
      await session.retry.sleep(waitBefore(failures, session.retry, error));
    }
  }
  if (`sha256:${hash.digest('hex')}` !== address.digest)
    throw mismatch(address, 'has other content than its digest says');
}

const broken = ({ digest }: BlobAddress, cause: unknown): RegistryError =>
  new RegistryError(`the connection broke while ${digest} was read`, { cause });
const mismatch = ({ repository, digest }: BlobAddress, problem: string): DigestError =>
  new DigestError(`${repository}@${digest} ${problem}; nothing of it was used`);

async function bodyFrom(session: Session, address: BlobAddress, offset: number): Promise<AsyncIterable<Buffer>> {
  const { repository, digest } = address;
  const response = await session.request<IncomingMessage>({
    method: 'GET',
    url: `/v2/${repository}/blobs/${digest}`,
    scope: `repository:${repository}:pull`,
    headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    once: true,
    expect: [200, 206],
    read: (answer) => answer,
  });
  return response.statusCode === 206 || offset === 0 ? response : skip(response, offset);
}

/** A registry that ignores `Range` starts from the beginning. */
async function* skip(body: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of body) {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}
