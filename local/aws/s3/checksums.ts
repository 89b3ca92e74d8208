import { createHash } from 'node:crypto';
import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { s3Error } from './errors.ts';

/** Checksum algorithms, by their names in S3's members (`ChecksumCRC32`) and headers (`x-amz-checksum-crc32`). */
export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Values in base64. */
export type Checksums = Readonly<Partial<Record<Algorithm, string>>>;

export interface Digests {
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  /** Hexadecimal; only if it was asked for. */
  readonly sha256?: string;
  readonly checksums: Checksums;
}

interface Summing {
  update(part: Uint8Array): void;
  /** base64 */
  digest(): Promise<string>;
}

function summing(algorithm: Algorithm): Summing {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') {
    const hash = createHash(algorithm.toLowerCase());
    return { update: (part) => void hash.update(part), digest: async () => hash.digest('base64') };
  }
  const crc = algorithm === 'CRC32' ? new Crc32() : algorithm === 'CRC32C' ? new Crc32c() : new Crc64Nvme();
  return { update: (part) => crc.update(part), digest: async () => Buffer.from(await crc.digest()).toString('base64') };
}

export interface Digesting {
  update(part: Uint8Array): void;
  finish(): Promise<Digests>;
}

/** Computes size, MD5 and the given checksums of a body while it passes. */
export function createDigesting(algorithms: readonly Algorithm[], withSha256: boolean): Digesting {
  const md5 = createHash('md5');
  const sha256 = withSha256 ? createHash('sha256') : undefined;
  const sums = algorithms.map((algorithm) => ({ algorithm, sum: summing(algorithm) }));
  let size = 0;
  return {
    update(part) {
      size += part.length;
      md5.update(part);
      sha256?.update(part);
      for (const { sum } of sums) sum.update(part);
    },
    async finish() {
      const entries = await Promise.all(sums.map(async ({ algorithm, sum }) => [algorithm, await sum.digest()]));
      const hex = sha256 ? { sha256: sha256.digest('hex') } : {};
      return { size, md5: md5.digest('hex'), ...hex, checksums: Object.fromEntries(entries) };
    },
  };
}

/** What a client says about a body that it sends. */
export interface Expected {
  readonly algorithms: readonly Algorithm[];
  readonly values: Checksums;
  /** Hexadecimal SHA-256 of the payload that was signed. */
  readonly sha256?: string;
  /** base64 */
  readonly md5?: string;
}

/** Refuses a body that is not what its sender said. */
export function checkDigests(digests: Digests, expected: Expected, trailers: Readonly<Record<string, string>>): void {
  for (const algorithm of expected.algorithms) {
    const sent = expected.values[algorithm] ?? trailers[`x-amz-checksum-${algorithm.toLowerCase()}`];
    if (sent !== undefined && sent !== digests.checksums[algorithm]) {
      throw s3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
    }
  }
  if (expected.sha256 && expected.sha256 !== digests.sha256) throw s3Error('XAmzContentSHA256Mismatch');
  if (expected.md5 && expected.md5 !== Buffer.from(digests.md5, 'hex').toString('base64')) {
    throw s3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}
