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

/** Stores manifests that have a subject, and sees to it that they can be found from there. Returns their digests. */
export async function pushReferrers(
  session: Session,
  repository: string,
  manifests: readonly ImageManifest[],
): Promise<string[]> {
  const pushed = await Promise.all(manifests.map((manifest) => pushOne(session, repository, manifest)));
  // One after the other: without the referrers API there is one list, and each would write its own.
  for (const { manifest, listed, bytes, digest } of pushed) {
    const { artifactType = manifest.config.mediaType, annotations, subject } = manifest;
    if (listed || subject === undefined) continue;
    const common = { mediaType: MEDIA.manifest, digest, size: bytes.length, artifactType };
    const entry: Descriptor = { ...common, ...(annotations && { annotations }) };
    await addToFallback(session, { repository, subject: subject.digest, entry });
  }
  return pushed.map(({ digest }) => digest);
}

async function pushOne(session: Session, repository: string, manifest: ImageManifest) {
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = sha256(bytes);
  const { listed } = await pushManifest(session, { repository, target: digest }, { bytes, mediaType: MEDIA.manifest });
  return { manifest, bytes, digest, listed };
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
