import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { DIGEST } from '../../pipeline/image/registry/digest.ts';
import { DistributionError } from './errors.ts';
import { answer, type Exchange, unsupported } from './exchange.ts';
import { sizeOfFile } from './files.ts';

/** HEAD, GET (whole or one range) and DELETE of a blob. */
export async function serveBlob(exchange: Exchange, repository: string, digest: string): Promise<void> {
  const { request, response, storage } = exchange;
  if (!storage.hasBlob(repository, digest))
    throw new DistributionError(404, 'BLOB_UNKNOWN', `${repository} has no ${digest}`);
  if (request.method === 'DELETE') {
    storage.deleteBlob(repository, digest);
    return answer(exchange, 202);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw unsupported(exchange);
  const file = storage.files.blob(digest);
  const size = sizeOfFile(file);
  const range = request.method === 'GET' ? parseRange(request.headers.range, size) : undefined;
  const [start, end] = range ?? [0, size - 1];
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }),
  };
  if (request.method === 'HEAD' || size === 0) return answer(exchange, 200, headers);
  response.writeHead(range ? 206 : 200, headers);
  await pipeline(createReadStream(file, { start, end, highWaterMark: 1 << 18 }), response);
}

/** First and last byte of a single range; undefined when the whole is wanted or the header is of another form (RFC 9110, 14.2). */
function parseRange(header: string | undefined, size: number): [number, number] | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return [start, end];
  throw new DistributionError(416, 'RANGE_INVALID', `the blob has ${size} bytes`, {
    'content-range': `bytes */${size}`,
  });
}

/** POST: mounts a blob of another repository, takes a whole blob at once, or starts an upload. */
export async function startUpload(exchange: Exchange, repository: string): Promise<void> {
  const { request, query, storage } = exchange;
  if (request.method !== 'POST') throw unsupported(exchange);
  const [mount, from, digest] = [query.get('mount'), query.get('from'), query.get('digest')];
  if (mount !== null && from !== null && DIGEST.test(mount) && storage.mountBlob(repository, mount, from)) {
    return created(exchange, repository, mount);
  }
  const id = storage.uploads.start(repository);
  if (digest === null) return progressed(exchange, { repository, id, size: 0 });
  await storage.uploads.append({ repository, id }, request);
  await storage.uploads.finish(repository, id, validDigest(digest));
  return created(exchange, repository, digest);
}

/** An upload that has been started: GET its progress, PATCH more, PUT the end, DELETE it. */
export async function serveUpload(exchange: Exchange, repository: string, id: string): Promise<void> {
  const { request, query, storage } = exchange;
  const { uploads } = storage;
  switch (request.method) {
    case 'GET':
      return progressed(exchange, { repository, id, size: await uploads.size(repository, id), status: 204 });
    case 'DELETE':
      await uploads.cancel(repository, id);
      return answer(exchange, 204);
    case 'PATCH':
      return progressed(exchange, { repository, id, size: await append(exchange, repository, id) });
    case 'PUT': {
      const digest = validDigest(query.get('digest'));
      await append(exchange, repository, id);
      await uploads.finish(repository, id, digest);
      return created(exchange, repository, digest);
    }
    default:
      throw unsupported(exchange);
  }
}

async function append({ request, storage }: Exchange, repository: string, id: string): Promise<number> {
  const start = /^(?:bytes )?(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
  try {
    return await storage.uploads.append({ repository, id, ...(start && { start: Number(start) }) }, request);
  } catch (error) {
    if (!(error instanceof DistributionError) || error.status !== 416) throw error;
    const size = await storage.uploads.size(repository, id);
    throw new DistributionError(416, error.code, error.message, progressHeaders({ repository, id, size }));
  }
}

interface UploadProgress {
  readonly repository: string;
  readonly id: string;
  readonly size: number;
  readonly status?: number;
}

const progressHeaders = ({ repository, id, size }: UploadProgress): Record<string, string> => ({
  location: `/v2/${repository}/blobs/uploads/${id}`,
  range: `0-${Math.max(0, size - 1)}`,
  'docker-upload-uuid': id,
});

function progressed(exchange: Exchange, progress: UploadProgress): void {
  answer(exchange, progress.status ?? 202, progressHeaders(progress));
}

function created(exchange: Exchange, repository: string, digest: string): void {
  answer(exchange, 201, { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest });
}

function validDigest(text: string | null): string {
  if (text !== null && DIGEST.test(text)) return text;
  throw new DistributionError(400, 'DIGEST_INVALID', `${text ?? 'nothing'} is no sha256 digest`);
}
