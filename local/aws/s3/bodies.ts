import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFileBody } from '../kit/file-body.ts';
import { currentRequest } from '../kit/request.ts';
import {
  ALGORITHMS,
  type Algorithm,
  type Checksums,
  checkDigests,
  createDigesting,
  type Digests,
  type Expected,
} from './checksums.ts';

/** Bodies as callers give them: a stream over HTTP, anything of these in process. */
export type Body = Readable | Uint8Array | string | undefined;

export interface StoredBody extends Digests {
  /** File name under `<home>/s3/bodies`. */
  readonly id: string;
}

export interface Bodies {
  /** Writes a body to disk and checks it; nothing is left behind if that fails. */
  write(body: Body, expected?: Expected): Promise<StoredBody>;
  /** `end` is inclusive. */
  read(id: string, range?: { start: number; end: number }): Readable;
  remove(id: string | undefined): Promise<void>;
  /** Removes every body that no record names: what a crash left between body and record. */
  keepOnly(ids: ReadonlySet<string>): number;
}

/** A body has its own name from the start, appears only when it is complete and is never changed. */
export function openBodies(home: string): Bodies {
  const folder = join(home, 's3', 'bodies');
  const incoming = join(home, 's3', 'incoming');
  rmSync(incoming, { recursive: true, force: true });
  for (const path of [folder, incoming]) mkdirSync(path, { recursive: true });
  const file = (id: string) => join(folder, id);
  return {
    async write(body, expected = { algorithms: [], values: {} }) {
      const id = randomUUID();
      const path = join(incoming, id);
      const digesting = createDigesting(expected.algorithms, expected.sha256 !== undefined);
      try {
        await pipeline(asStream(body), passing(digesting.update), createWriteStream(path));
        const digests = await digesting.finish();
        checkDigests(digests, expected, currentRequest()?.trailers ?? {});
        await rename(path, file(id));
        return { id, ...digests };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    read: (id, range) => createFileBody(file(id), range),
    remove: async (id) => void (id && (await rm(file(id), { force: true }))),
    keepOnly(ids) {
      const orphans = readdirSync(folder).filter((id) => !ids.has(id));
      for (const id of orphans) rmSync(file(id));
      return orphans.length;
    },
  };
}

function asStream(body: Body): Readable {
  if (body instanceof Readable) return body;
  return Readable.from(body === undefined ? [] : [Buffer.from(body)], { objectMode: false });
}

function passing(look: (part: Uint8Array) => void) {
  return async function* (source: AsyncIterable<Uint8Array>) {
    for await (const part of source) {
      look(part);
      yield part;
    }
  };
}

/** What an input and the headers of its request say about its body. */
export function expectedBody(input: object): Expected {
  const request = currentRequest();
  const members = input as Readonly<Record<string, string | undefined>>;
  const trailer = request?.headers['x-amz-trailer']?.toLowerCase() ?? '';
  const values = checksumsOf(members);
  const inTrailer = (algorithm: Algorithm) =>
    trailer.split(',').some((name) => name.trim() === `x-amz-checksum-${algorithm.toLowerCase()}`);
  const asked = members['ChecksumAlgorithm'];
  const signed = request?.headers['x-amz-content-sha256'];
  return {
    algorithms: ALGORITHMS.filter((algorithm) => values[algorithm] || inTrailer(algorithm) || asked === algorithm),
    values,
    ...(signed && /^[0-9a-f]{64}$/.test(signed) ? { sha256: signed } : {}),
    ...(members['ContentMD5'] ? { md5: members['ContentMD5'] } : {}),
  };
}

function checksumsOf(members: Readonly<Record<string, string | undefined>>): Checksums {
  const values = ALGORITHMS.map((algorithm) => [algorithm, members[`Checksum${algorithm}`]]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** Checksums as members of an output. */
export function checksumMembers(checksums: Checksums): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([algorithm, value]) => [`Checksum${algorithm}`, value]));
}
