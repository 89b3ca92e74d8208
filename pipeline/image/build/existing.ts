import { type Annotations, type ImageConfig, isIndex } from '../registry/oci.ts';
import { ANNOTATION } from './annotations.ts';
import { commitTag, keepImage, keyTag, previewTag, tagCommit } from './tags.ts';
import { BuildError, type ServiceBuild } from './types.ts';

export interface ExistingImage {
  readonly digest: string;
  readonly key: string;
  readonly note?: string;
}

/** The digest that the commit's tag points to; it does not take the content key to find out. */
export async function findByCommit({ client, repository, request }: ServiceBuild): Promise<string | undefined> {
  return (await client.resolveManifest(repository, commitTag(request.commit)))?.digest;
}

/**
 * The image that the registry holds for this content or this commit, tagged with the commit; undefined when it has to be built.
 * `keyOn` tells the content key on another base. Throws `BuildError` when the commit's tag is another image's.
 *
 * Rules expire a preview's image by its age, so an image whose age is not known is kept for good before it is used again. Known is the
 * age of what has this month's tag: younger than the month.
 */
export async function findExisting(
  build: ServiceBuild,
  baseDigest: string,
  keyOn: (baseDigest: string) => string,
  imageOfCommit = findByCommit(build),
): Promise<ExistingImage | undefined> {
  const { client, repository, request } = build;
  const { lifetime = 'release', now = () => new Date() } = request;
  const key = keyOn(baseDigest);
  const resolve = async (tag: string): Promise<string | undefined> =>
    (await client.resolveManifest(repository, tag))?.digest;
  const [kept, thisMonth, byCommit] = await Promise.all([
    resolve(keyTag(key)),
    resolve(previewTag(key, now())),
    imageOfCommit,
  ]);
  const digest = kept ?? thisMonth;
  if (byCommit !== undefined && byCommit !== digest) return acceptCommit(build, byCommit, { key, keyOn });
  if (digest === undefined) return undefined;
  if (kept === undefined && lifetime === 'release') await keepImage(build, digest, key);
  const note = byCommit === undefined ? await tagCommit(build, digest) : undefined;
  return { digest, key, ...(note !== undefined && { note }) };
}

/** The commit was built before. That image counts if it has the same content, be it on the base of that time. */
async function acceptCommit(
  build: ServiceBuild,
  digest: string,
  { key, keyOn }: { key: string; keyOn: (baseDigest: string) => string },
): Promise<ExistingImage> {
  const { repository, request } = build;
  const { [ANNOTATION.key]: builtKey = '', [ANNOTATION.baseDigest]: builtOn = '' } = await notesOf(build, digest);
  if (builtKey === key || (builtKey !== '' && builtKey === keyOn(builtOn))) {
    await keepImage(build, digest, builtKey);
    const note = `the base image has moved since this commit was built; the image of then (${builtOn}) stays`;
    return { digest, key: builtKey, ...(builtKey !== key && { note }) };
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
