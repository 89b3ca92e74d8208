import { DIGEST } from '../../pipeline/image/registry/digest.ts';
import { MEDIA } from '../../pipeline/image/registry/oci.ts';
import { DistributionError } from './errors.ts';
import { answer, answerJson, type Exchange, unsupported } from './exchange.ts';

/** The limit that the specification asks registries to accept at least. */
const MANIFEST_BYTES = 4 << 20;

/** HEAD, GET, PUT and DELETE of a manifest by tag or digest. */
export async function serveManifest(exchange: Exchange, repository: string, target: string): Promise<void> {
  const { request, storage } = exchange;
  if (request.method === 'PUT') return storeManifest(exchange, repository, target);
  if (request.method === 'DELETE') {
    if (!storage.images.delete(repository, target)) throw unknown(repository, target);
    return answer(exchange, 202);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw unsupported(exchange);
  const found = storage.images.find(repository, target);
  if (found === undefined) throw unknown(repository, target);
  const { mediaType, digest, bytes } = found;
  const headers = { 'content-type': mediaType, 'docker-content-digest': digest, 'content-length': bytes.length };
  answer(exchange, 200, { ...headers, etag: `"${digest}"` }, bytes);
}

async function storeManifest(exchange: Exchange, repository: string, target: string): Promise<void> {
  const { request, storage } = exchange;
  const bytes = await readBody(exchange);
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim();
  const { digest, document } = storage.images.put(repository, target, { bytes, ...(mediaType && { mediaType }) });
  const subject = document.subject?.digest;
  answer(exchange, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject && { 'oci-subject': subject }),
  });
}

async function readBody({ request }: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MANIFEST_BYTES) throw new DistributionError(413, 'SIZE_INVALID', 'a manifest may have 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const unknown = (repository: string, target: string): DistributionError =>
  new DistributionError(
    404,
    'MANIFEST_UNKNOWN',
    `${repository} has no ${DIGEST.test(target) ? target : `tag ${target}`}`,
  );

/** Tags in order, page by page (`n`, `last`). */
export function serveTags(exchange: Exchange, repository: string): void {
  const { request, query, storage } = exchange;
  if (request.method !== 'GET') throw unsupported(exchange);
  if (!storage.repositories().includes(repository)) {
    throw new DistributionError(404, 'NAME_UNKNOWN', `there is no repository ${repository}`);
  }
  const last = query.get('last') ?? '';
  const rest = storage.images.tags(repository).filter((tag) => tag > last);
  const n = query.get('n');
  const tags = n === null ? rest : rest.slice(0, pageSize(n));
  const next = `</v2/${repository}/tags/list?n=${n}&last=${tags.at(-1)}>; rel="next"`;
  answerJson(exchange, { name: repository, tags }, tags.length > 0 && tags.length < rest.length ? { link: next } : {});
}

function pageSize(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new DistributionError(400, 'PAGINATION_NUMBER_INVALID', `n=${text} is no number`);
}

/** What refers to a manifest, present or not, as an index. */
export function serveReferrers(exchange: Exchange, repository: string, digest: string): void {
  const { request, query, storage } = exchange;
  if (request.method !== 'GET') throw unsupported(exchange);
  const type = query.get('artifactType');
  const all = storage.images.referrers(repository, digest);
  const manifests = type === null ? all : all.filter(({ artifactType }) => artifactType === type);
  const headers = { 'content-type': MEDIA.index, ...(type !== null && { 'oci-filters-applied': 'artifactType' }) };
  answerJson(exchange, { schemaVersion: 2, mediaType: MEDIA.index, manifests }, headers);
}
