import { type PulledManifest, type RegistryClient, RegistryError } from '../registry/client.ts';
import { isIndex, type Platform } from '../registry/oci.ts';
import { BuildError, type BuildRequest, type ServiceBuild } from './types.ts';

/** Under which an image is found by its content, and which the lifecycle rules never touch. */
export const keyTag = (key: string): string => `key-${key}`;
export const commitTag = (commit: string): string => `sha-${commit}`;
/** Under which a preview's image is found by its content while the month lasts. */
export const previewTag = (key: string, now: Date): string => `preview-${now.toISOString().slice(0, 7)}-${key}`;

/** Tag under which a new image is found by its content from now on. */
export function contentTag(key: string, { lifetime, now = () => new Date() }: TagRequest): string {
  return lifetime === 'preview' ? previewTag(key, now()) : keyTag(key);
}

type TagRequest = Pick<BuildRequest, 'lifetime' | 'now'>;

/** The same for an image that is about to be pushed. One that is there without that tag may be old, and is kept for good. */
export async function contentTagOf(build: ServiceBuild, digest: string, key: string): Promise<string> {
  if (build.request.lifetime !== 'preview') return keyTag(key);
  const isOld = (await build.client.resolveManifest(build.repository, digest)) !== undefined;
  return isOld ? keyTag(key) : contentTag(key, build.request);
}

type Place = Pick<ServiceBuild, 'client' | 'repository'>;

/** Points a tag to an image of the repository. What the tag points to already stays when tags are immutable: false then. */
export async function tagImage(place: Place, digest: string, tag: string): Promise<boolean> {
  return pushTag(place, tag, await pullImage(place, digest));
}

export async function pullImage({ client, repository }: Place, digest: string): Promise<PulledManifest> {
  const pulled = await client.pullManifest(repository, digest);
  if (pulled !== undefined) return pulled;
  throw new BuildError(`${repository}@${digest} has vanished while it was tagged`, 'Run the build again');
}

export async function pushTag(
  { client, repository }: Place,
  tag: string,
  manifest: Parameters<RegistryClient['pushManifest']>[1],
): Promise<boolean> {
  try {
    await client.pushManifest({ repository, target: tag }, manifest);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** ECR and ours answer TAG_INVALID for an immutable tag that points elsewhere. */
const isTaken = (error: unknown): boolean =>
  error instanceof RegistryError && (error.code === 'TAG_INVALID' || /immutable/i.test(error.message));

/**
 * Keeps an image for good: no rule expires what has a tag that begins with `key-`. When the key's own tag is another image's with the
 * same content, a second one is made. The parts of an index come first: it is not kept before they are.
 */
export async function keepImage(place: Place, digest: string, key: string): Promise<void> {
  await tagParts(place, digest, keyTag(key));
  await tagAnyhow(place, digest, keyTag(key));
}

/**
 * Tag of one platform's part of an index: rules expire by tag, so that a part has to be told to live as long as the index. Another
 * part of the same platform gets the variant along.
 */
export const partTag = (tag: string, { architecture, variant }: Platform): string =>
  [tag, architecture, variant].filter((one) => one !== undefined).join('-');

/** Tags the parts of an index; an image of one platform has none. */
export async function tagParts(place: Place, digest: string, tag: string): Promise<void> {
  const document = (await place.client.pullManifest(place.repository, digest))?.document;
  if (document === undefined || !isIndex(document)) return;
  await Promise.all(
    document.manifests.map(({ digest: part, platform }) =>
      platform === undefined ? undefined : tagAnyhow(place, part, partTag(tag, platform)),
    ),
  );
}

/** With the tag, or with one made of it when the tag is another image's. */
async function tagAnyhow(place: Place, digest: string, tag: string): Promise<void> {
  if (await tagImage(place, digest, tag)) return;
  await tagImage(place, digest, `${tag}-${digest.slice('sha256:'.length).slice(0, 12)}`);
}

/**
 * Gives an image the commit's tag. Throws `BuildError` when it is another image's: it is immutable, and what it names has been built of
 * other content meanwhile. Registries may refuse an immutable tag even for the image that has it, so they are asked.
 */
export async function requireCommitTag(
  build: ServiceBuild,
  manifest: Parameters<typeof pushTag>[2],
  digest: string,
): Promise<void> {
  const { client, repository, request } = build;
  const tag = commitTag(request.commit);
  if (await pushTag(build, tag, manifest)) return;
  const found = await client.resolveManifest(repository, tag);
  if (found?.digest === digest) return;
  throw new BuildError(
    `${repository}:${tag} is ${found?.digest ?? 'taken'}: another build of this commit has pushed other content meanwhile, and tags are immutable`,
    'Run the build again: it takes over what is there, or says what differs',
  );
}

/**
 * Tags an image that exists with a commit. A note when the registry has no room for another tag: ECR takes 1,000 per image and then
 * answers 403 (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html). The image is found by its content anyway.
 */
export async function tagCommit(build: ServiceBuild, digest: string): Promise<string | undefined> {
  const tag = commitTag(build.request.commit);
  try {
    await requireCommitTag(build, await pullImage(build, digest), digest);
    return undefined;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status < 400 || error.status >= 500) throw error;
    return `the registry refuses the tag ${tag} (status ${error.status}), probably because the image has as many tags as it takes; the digest counts`;
  }
}
