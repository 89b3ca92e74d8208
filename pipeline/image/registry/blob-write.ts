import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { DigestError, isTransient, PROTOCOL, RegistryError } from './errors.ts';
import { waitBefore } from './retry.ts';
import { discard, type Session } from './session.ts';

export interface Blob {
  readonly digest: string;
  readonly size: number;
  /** Bytes from `start` up to but not including `end`. Called again when an upload is resumed. */
  open(start: number, end: number): Readable | Uint8Array;
}

/** How a blob came to be in its repository. */
export type Arrival = 'present' | 'mounted' | 'uploaded';

export interface UploadOptions {
  /** Repositories of the same registry that hold the blob already. */
  readonly from?: readonly string[];
  /** Bytes per request; the rest of the blob in one by default. */
  readonly chunkSize?: number;
  /** The registry is not asked whether it has the blob: it was made just now, and is so small that sending costs no more than asking. */
  readonly unseen?: boolean;
}

/** Up to here one request carries the whole blob. */
const SMALL_BYTES = 1 << 16;
/** The registry knows nothing of the upload, or something else than we do. */
const LOST_UPLOAD: readonly number[] = [404, 416];
/** How a registry says that it cannot tell how far an upload got. */
const SILENT: readonly number[] = [400, 404, 405, 501];
const pushScope = (repository: string): string => `repository:${repository}:pull,push`;

export async function hasBlob(session: Session, repository: string, digest: string): Promise<boolean> {
  return session.request({
    method: 'HEAD',
    url: `/v2/${repository}/blobs/${digest}`,
    scope: pushScope(repository),
    expect: [200, 404],
    read: async (response) => {
      await discard(response);
      return response.statusCode === 200;
    },
  });
}

/** Makes sure that the repository holds the blob, with as little traffic as the registry allows: look, mount, upload. */
export async function ensureBlob(
  session: Session,
  repository: string,
  blob: Blob,
  options: UploadOptions = {},
): Promise<Arrival> {
  const unseen = options.unseen === true && blob.size <= SMALL_BYTES;
  if (!unseen && (await hasBlob(session, repository, blob.digest))) return 'present';
  let started: string | undefined;
  for (const from of options.from ?? []) {
    const answer = await mount(session, { repository, digest: blob.digest, from });
    if (answer === 'mounted') return answer;
    started = answer;
  }
  await uploadBlob(session, { repository, blob, chunkSize: options.chunkSize ?? blob.size }, started);
  return 'uploaded';
}

/** `mounted`, or the location of the upload that the registry offers instead. */
async function mount(session: Session, request: { repository: string; digest: string; from: string }): Promise<string> {
  const { repository, digest, from } = request;
  const url = `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
  return session.request({
    method: 'POST',
    url,
    scope: `${pushScope(repository)} repository:${from}:pull`,
    headers: { 'content-length': '0' },
    expect: [201, 202],
    read: async (response) => {
      await discard(response);
      return response.statusCode === 201 ? 'mounted' : session.resolve(response.headers.location, url);
    },
  });
}

/**
 * Uploads in chunks. After a failure the registry is asked how far it got, and the upload goes on there, or starts again when the
 * registry does not know. Throws `DigestError` when the registry received other bytes than the digest says.
 */
async function uploadBlob(session: Session, target: Target, started: string | undefined): Promise<void> {
  let state: Progress | undefined = started === undefined ? undefined : { location: started, offset: 0 };
  for (let failures = 0; ; ) {
    try {
      if (failures > 0 && state !== undefined) state = await progress(session, target.repository, state.location);
      state ??= await start(session, target.repository);
      for (const upload = { session, ...target }; state.offset < restAfter(upload); failures = 0) {
        state = await sendChunk(upload, state);
      }
      return await finish({ session, ...target }, state);
    } catch (error) {
      failures += 1;
      const lost = state !== undefined && error instanceof RegistryError && LOST_UPLOAD.includes(error.status);
      if (!(isTransient(error) || lost) || failures >= session.retry.attempts) throw error;
      if (lost && (await hasBlob(session, target.repository, target.blob.digest))) return;
      if (lost) state = undefined;
      await session.retry.sleep(waitBefore(failures, session.retry, error));
    }
  }
}

interface Progress {
  readonly location: string;
  /** Bytes that the registry has. */
  readonly offset: number;
}

interface Target {
  readonly repository: string;
  readonly blob: Blob;
  readonly chunkSize: number;
}

interface Upload extends Target {
  readonly session: Session;
}

/** Offset from which the closing request carries the rest. */
const restAfter = ({ blob, chunkSize }: Target): number =>
  blob.size <= Math.min(SMALL_BYTES, chunkSize) ? 0 : blob.size;

async function sendChunk({ session, repository, blob, chunkSize }: Upload, from: Progress): Promise<Progress> {
  const { location, offset } = from;
  const end = Math.min(offset + chunkSize, blob.size);
  const after = await session.request({
    method: 'PATCH',
    url: location,
    scope: pushScope(repository),
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(end - offset),
      // Docker leaves the range out when one request carries everything, and some registries insist on that.
      ...((offset > 0 || end < blob.size) && { 'content-range': `${offset}-${end - 1}` }),
    },
    body: blob.open(offset, end),
    once: true,
    expect: [201, 202],
    read: (response) => progressOf(session, location, response, end),
  });
  const { host } = session.base;
  if (after.offset > blob.size)
    throw new RegistryError(`${host} has more bytes of ${blob.digest} than there are`, { code: PROTOCOL });
  if (after.offset > offset) return after;
  throw new RegistryError(`${host} took no bytes of ${blob.digest}`);
}

/** Closes the upload; what was not sent before comes along. */
async function finish({ session, repository, blob }: Upload, { location, offset }: Progress): Promise<void> {
  const url = new URL(location);
  url.searchParams.set('digest', blob.digest);
  const bytes = blob.size - offset;
  const stored = await session.request({
    method: 'PUT',
    url: url.href,
    scope: pushScope(repository),
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes) },
    ...(bytes > 0 && { body: blob.open(offset, blob.size) }),
    once: true,
    expect: [201],
    read: async (response) => {
      await discard(response);
      return response.headers['docker-content-digest'];
    },
  });
  if (stored === undefined || stored === blob.digest) return;
  throw new DigestError(`${session.base.host}/${repository} stored ${String(stored)} instead of ${blob.digest}`);
}

async function start(session: Session, repository: string): Promise<Progress> {
  const url = `/v2/${repository}/blobs/uploads/`;
  const read = async (response: IncomingMessage): Promise<Progress> => {
    await discard(response);
    return { location: session.resolve(response.headers.location, url), offset: 0 };
  };
  return session.request({
    method: 'POST',
    url,
    scope: pushScope(repository),
    headers: { 'content-length': '0' },
    once: true,
    expect: [202],
    read,
  });
}

/** Throws with a status of `LOST_UPLOAD` where the registry does not know, or has no way to tell. */
async function progress(session: Session, repository: string, location: string): Promise<Progress> {
  const read = async (response: IncomingMessage): Promise<Progress> => {
    if (!SILENT.includes(response.statusCode ?? 0)) return progressOf(session, location, response, 0);
    await discard(response);
    throw new RegistryError(`${session.base.host} does not tell how far an upload got`, { status: 404 });
  };
  return session.request({
    method: 'GET',
    url: location,
    scope: pushScope(repository),
    once: true,
    expect: [200, 204, ...SILENT],
    read,
  });
}

async function progressOf(
  session: Session,
  location: string,
  response: IncomingMessage,
  sent: number,
): Promise<Progress> {
  await discard(response);
  const end = /^(?:bytes=)?0-(\d+)$/.exec(String(response.headers.range ?? ''))?.[1];
  // `0-0` is how registries write "nothing yet"; after a request it is one byte.
  const offset = end === undefined ? sent : end === '0' ? Math.min(sent, 1) : Number(end) + 1;
  return { location: session.resolve(response.headers.location ?? location, location), offset };
}
