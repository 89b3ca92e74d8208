import { DIGEST, sha256 } from './digest.ts';
import { DigestError, PROTOCOL, RegistryError } from './errors.ts';
import { ACCEPTED_MANIFESTS, type Descriptor, type ImageIndex, type ImageManifest } from './oci.ts';
import { discard, type Session } from './session.ts';
import { parseJson, readAll } from './transport.ts';

/** The largest manifest that the distribution specification asks registries to accept. */
const MANIFEST_BYTES = 4 << 20;

export interface PulledManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly document: ImageManifest | ImageIndex;
}

export interface PushedManifest {
  readonly digest: string;
  /** The registry lists it as a referrer of its subject. */
  readonly listed: boolean;
}

/** Digest, size and media type of a tag or digest without its content; undefined when there is none. */
export async function resolveManifest(
  session: Session,
  repository: string,
  target: string,
): Promise<Descriptor | undefined> {
  const descriptor = await session.request({
    method: 'HEAD',
    url: `/v2/${repository}/manifests/${target}`,
    scope: `repository:${repository}:pull`,
    headers: { accept: ACCEPTED_MANIFESTS },
    expect: [200, 404],
    read: async (response) => {
      await discard(response);
      if (response.statusCode === 404) return undefined;
      const {
        'docker-content-digest': digest,
        'content-type': mediaType = '',
        'content-length': size,
      } = response.headers;
      return { digest: String(digest ?? ''), mediaType, size: Number(size ?? 0) };
    },
  });
  if (descriptor === undefined || DIGEST.test(descriptor.digest)) return descriptor;
  const pulled = await pullManifest(session, repository, target);
  return pulled && { digest: pulled.digest, mediaType: pulled.mediaType, size: pulled.bytes.length };
}

/** The manifest with its bytes as they are stored; undefined when there is none. Asked for by digest, it is verified. */
export async function pullManifest(
  session: Session,
  repository: string,
  target: string,
): Promise<PulledManifest | undefined> {
  const answer = await session.request({
    method: 'GET',
    url: `/v2/${repository}/manifests/${target}`,
    scope: `repository:${repository}:pull`,
    headers: { accept: ACCEPTED_MANIFESTS },
    expect: [200, 404],
    read: async (response) => {
      const bytes = await readAll(response, MANIFEST_BYTES);
      return response.statusCode === 404 ? undefined : { bytes, type: response.headers['content-type'] };
    },
  });
  if (answer === undefined) return undefined;
  const { bytes, type } = answer;
  const digest = sha256(bytes);
  if (DIGEST.test(target) && digest !== target)
    throw new DigestError(`${repository}@${target} came as ${digest}; it was not used`);
  const document = parse(bytes, `${repository}:${target}`);
  return { digest, bytes, document, mediaType: document.mediaType ?? String(type).split(';')[0] ?? '' };
}

function parse(bytes: Buffer, name: string): ImageManifest | ImageIndex {
  const document = parseJson(bytes, name);
  const { manifests, config, layers } = document;
  const known = Array.isArray(manifests) || (Array.isArray(layers) && typeof config === 'object');
  if (known) return document as unknown as ImageManifest | ImageIndex;
  throw new RegistryError(`${name} is neither an image manifest nor an index`, { code: PROTOCOL });
}

/** Stores the manifest under a tag or its digest. What it names has to be in the repository. */
export async function pushManifest(
  session: Session,
  address: { readonly repository: string; readonly target: string },
  manifest: { readonly bytes: Uint8Array; readonly mediaType: string },
): Promise<PushedManifest> {
  const digest = sha256(manifest.bytes);
  const answer = await session.request({
    method: 'PUT',
    url: `/v2/${address.repository}/manifests/${address.target}`,
    scope: `repository:${address.repository}:pull,push`,
    headers: { 'content-type': manifest.mediaType, 'content-length': String(manifest.bytes.byteLength) },
    body: manifest.bytes,
    expect: [201],
    read: async (response) => {
      await discard(response);
      return { stored: response.headers['docker-content-digest'], subject: response.headers['oci-subject'] };
    },
  });
  if (answer.stored !== undefined && answer.stored !== digest) {
    throw new DigestError(
      `${session.base.host}/${address.repository} stored ${String(answer.stored)} instead of ${digest}`,
    );
  }
  return { digest, listed: answer.subject !== undefined };
}

/** Deletes a manifest by digest, or a tag. False when there was none. */
export async function deleteManifest(session: Session, repository: string, target: string): Promise<boolean> {
  return session.request({
    method: 'DELETE',
    url: `/v2/${repository}/manifests/${target}`,
    scope: `repository:${repository}:delete`,
    expect: [202, 404],
    read: async (response) => {
      await discard(response);
      return response.statusCode === 202;
    },
  });
}
