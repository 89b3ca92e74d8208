import { sha256 } from './digest.ts';
import { listReferrers } from './lists.ts';
import { pullManifest, pushManifest } from './manifests.ts';
import { type Descriptor, type ImageManifest, isIndex, MEDIA } from './oci.ts';
import type { Session } from './session.ts';

/** Where a registry without the referrers API keeps the list: a tag made from the digest (distribution specification 1.1). */
const fallbackTag = (digest: string): string => digest.replace(':', '-');

/** What refers to `digest`, of one artifact type or of all. */
export async function referrersOf(
  session: Session,
  repository: string,
  digest: string,
  artifactType?: string,
): Promise<Descriptor[]> {
  const all = (await listReferrers(session, repository, digest)) ?? (await readFallback(session, repository, digest));
  return artifactType === undefined ? all : all.filter((one) => one.artifactType === artifactType);
}

async function readFallback(session: Session, repository: string, digest: string): Promise<Descriptor[]> {
  const pulled = await pullManifest(session, repository, fallbackTag(digest));
  return pulled && isIndex(pulled.document) ? [...pulled.document.manifests] : [];
}

/** Stores a manifest that has a subject, and sees to it that it can be found from there. Returns its digest. */
export async function pushReferrer(session: Session, repository: string, manifest: ImageManifest): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = sha256(bytes);
  const pushed = await pushManifest(session, { repository, target: digest }, { bytes, mediaType: MEDIA.manifest });
  if (pushed.listed || manifest.subject === undefined) return digest;
  const { artifactType = manifest.config.mediaType, annotations } = manifest;
  const entry: Descriptor = {
    mediaType: MEDIA.manifest,
    digest,
    size: bytes.length,
    artifactType,
    ...(annotations && { annotations }),
  };
  await addToFallback(session, { repository, subject: manifest.subject.digest, entry });
  return digest;
}

async function addToFallback(
  session: Session,
  request: { repository: string; subject: string; entry: Descriptor },
): Promise<void> {
  const { repository, subject, entry } = request;
  const listed = await readFallback(session, repository, subject);
  if (listed.some(({ digest }) => digest === entry.digest)) return;
  const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [...listed, entry] };
  const bytes = Buffer.from(JSON.stringify(index));
  await pushManifest(session, { repository, target: fallbackTag(subject) }, { bytes, mediaType: MEDIA.index });
}
