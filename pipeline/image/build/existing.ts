import { RegistryError } from '../registry/client.ts';
import { type Annotations, type ImageConfig, isIndex } from '../registry/oci.ts';
import { ANNOTATION } from './annotations.ts';
import { BuildError, type ServiceBuild } from './types.ts';

export const keyTag = (key: string): string => `key-${key}`;
export const commitTag = (commit: string): string => `sha-${commit}`;

export interface ExistingImage {
  readonly digest: string;
  readonly key: string;
  readonly note?: string;
}

/**
 * The image that the registry holds for this content or this commit, tagged with the commit; undefined when it has to be built.
 * `keyOn` tells the content key on another base. Throws `BuildError` when the commit's tag is another image's.
 */
export async function findExisting(
  build: ServiceBuild,
  baseDigest: string,
  keyOn: (baseDigest: string) => string,
): Promise<ExistingImage | undefined> {
  const { client, repository, request } = build;
  const key = keyOn(baseDigest);
  const [byKey, byCommit] = await Promise.all([
    client.resolveManifest(repository, keyTag(key)),
    client.resolveManifest(repository, commitTag(request.commit)),
  ]);
  if (byCommit !== undefined && byCommit.digest === byKey?.digest) return { digest: byCommit.digest, key };
  if (byCommit !== undefined) return acceptCommit(build, byCommit.digest, { key, keyOn });
  if (byKey === undefined) return undefined;
  await tagImage(build, byKey.digest, commitTag(request.commit));
  return { digest: byKey.digest, key };
}

/** The commit was built before. That image counts if it has the same content, be it on the base of that time. */
async function acceptCommit(
  { client, repository, request }: ServiceBuild,
  digest: string,
  { key, keyOn }: { key: string; keyOn: (baseDigest: string) => string },
): Promise<ExistingImage> {
  const { [ANNOTATION.key]: builtKey = '', [ANNOTATION.baseDigest]: builtOn = '' } = await notesOf(
    { client, repository },
    digest,
  );
  if (builtKey === key) return { digest, key };
  if (builtKey !== '' && builtKey === keyOn(builtOn)) {
    return {
      digest,
      key: builtKey,
      note: `the base image has moved since this commit was built; the image of then (${builtOn}) stays`,
    };
  }
  const tag = commitTag(request.commit);
  throw new BuildError(
    `${repository}:${tag} is ${digest} with other content (content key ${builtKey || 'unknown'}, now ${key}), and tags are immutable`,
    'Build what is committed: commit your changes, and give the build the same sources, lock file, platforms and source label as before',
  );
}

/** What a build has written on its image: annotations, or the configuration's labels where another program has made the manifest. */
async function notesOf(
  { client, repository }: Pick<ServiceBuild, 'client' | 'repository'>,
  digest: string,
): Promise<Annotations> {
  const document = (await client.pullManifest(repository, digest))?.document;
  if (document === undefined) return {};
  if (document.annotations?.[ANNOTATION.key] !== undefined) return document.annotations;
  if (isIndex(document)) {
    const [first] = document.manifests;
    return first === undefined ? {} : notesOf({ client, repository }, first.digest);
  }
  const config = JSON.parse(
    (await client.readBlob({ repository, digest: document.config.digest })).toString(),
  ) as ImageConfig;
  return config.config?.Labels ?? {};
}

/** Points a tag to an image of the repository. What the tag points to already stays when tags are immutable: false then. */
export async function tagImage({ client, repository }: ServiceBuild, digest: string, tag: string): Promise<boolean> {
  const pulled = await client.pullManifest(repository, digest);
  if (pulled === undefined)
    throw new BuildError(`${repository}@${digest} has vanished while it was tagged`, 'Run the build again');
  return pushTag({ client, repository }, tag, pulled);
}

export async function pushTag(
  { client, repository }: Pick<ServiceBuild, 'client' | 'repository'>,
  tag: string,
  manifest: { readonly bytes: Uint8Array; readonly mediaType: string },
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
