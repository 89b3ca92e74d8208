import { sizeOf as contentSize } from '../layer/entries.ts';
import { allOver } from './all-over.ts';
import { ANNOTATION } from './annotations.ts';
import { pushArtifactBlobs } from './attestations.ts';
import type { Base } from './base.ts';
import { npmComponent } from './bill-of-materials.ts';
import { containerConfig } from './container.ts';
import { composeImage, composeIndex, type Document, describe } from './document.ts';
import { findByCommit, findExisting } from './existing.ts';
import { type Identity, identify } from './identity.ts';
import { type ImagePlan, lookForLayers, mapSources, NATIVE_LAYER, planImage } from './plan.ts';
import { wantedPlatforms } from './platform.ts';
import { isFirstImage, type PlatformImage, pushBlobs, pushManifests, pushTags } from './publish.ts';
import type { Run } from './run.ts';
import { requireNoSecrets } from './secrets.ts';
import { type ImageSize, requireFits } from './size-guard.ts';
import { statementsAbout } from './statements.ts';
import { commitTag, contentTagOf } from './tags.ts';
import type { PlatformName, ServiceBuild, ServiceImage } from './types.ts';

/** Builds one service with the `node` builder, or finds that there is nothing to do. Throws `BuildError`, `RegistryError`. */
export async function buildNodeService(run: Run, build: ServiceBuild): Promise<ServiceImage> {
  const identifying = identify(run, build);
  // Asked while the service is bundled, this also makes the connection that everything after it uses.
  const imageOfCommit = run.begin(findByCommit(build));
  const isFirst = run.begin(isFirstImage(build));
  for (const platform of wantedPlatforms(build.request, build.manifest.kind))
    run.begin(lookForBase(run, build, platform));
  const identity = await identifying;
  const seldomChanged = lookForLayers(run, build, identity);
  const base = await run.base;
  const existing = await findExisting(build, base.digest, identity.keyOn, imageOfCommit);
  const tag = commitTag(build.request.commit);
  if (existing !== undefined) {
    const { digest, key, note } = existing;
    build.report('unchanged');
    await mapSources(run, build, identity);
    return { digest, tag, key, changed: false, bytesPushed: 0, notes: note === undefined ? [] : [note] };
  }
  const key = identity.keyOn(base.digest);
  build.report('changed; bundling');
  const plan = await planImage(run, build, { identity, seldomChanged });
  requireNoSecrets(build.manifest.name, plan.bundle, identity.assets);
  build.report('packing');
  const assembling = identity.platforms.map((platform) =>
    assemble(run, build, { base, plan, platform, key, identity }),
  );
  const images = await Promise.all(assembling);
  const { source, commit } = build.request;
  const top = topDocument(images, {
    [ANNOTATION.key]: key,
    [ANNOTATION.baseDigest]: base.digest,
    [ANNOTATION.revision]: commit,
    ...(source !== undefined && { [ANNOTATION.source]: source }),
  });
  for (const image of images) requireFits(build.manifest, sizeOf(plan, identity, image));
  build.report('pushing');
  const packages = [...plan.packages, ...[...plan.native.values()].flat()];
  const artifacts = statementsAbout(build, describe(top), {
    buildType: 'node',
    key,
    platforms: identity.platforms,
    bases: [{ reference: build.request.base, digest: base.digest }],
    packages,
    components: packages.map(npmComponent),
  });
  const [contentTag, sent] = await Promise.all([
    contentTagOf(build, top.digest, key),
    run.begin(allOver(images.map((image) => pushBlobs(run, build, { base, image })))),
    run.begin(pushArtifactBlobs(build, artifacts)),
  ]);
  const publication = { images, top, contentTag, isFirst: await isFirst };
  await pushManifests(build, publication, artifacts);
  const digest = await pushTags(build, publication);
  const bytesPushed = sent.reduce((sum, bytes) => sum + bytes, top.bytes.length);
  build.report(`pushed ${digest}`);
  return { digest, tag, key, changed: true, bytesPushed, notes: [] };
}

/** Reads the base, once for all services of a run, and looks for what the repository has of it. */
async function lookForBase(run: Run, { repository }: ServiceBuild, platform: PlatformName): Promise<void> {
  const { manifest } = await (await run.base).image(platform);
  await run.layers.notice(
    repository,
    manifest.layers.map(({ digest }) => digest),
  );
}

interface Assembly {
  readonly base: Base;
  readonly plan: ImagePlan;
  readonly platform: PlatformName;
  readonly key: string;
  readonly identity: Identity;
}

async function assemble(
  run: Run,
  build: ServiceBuild,
  { base: { digest: baseDigest, image: baseImage }, plan, platform, key, identity }: Assembly,
): Promise<PlatformImage> {
  const { request, manifest, repository } = build;
  const [base, ...layers] = await Promise.all([
    baseImage(platform),
    ...(plan.layers.get(platform) ?? []).map((layer) => run.layers.obtain(layer, repository, identity.compression)),
  ]);
  const { source, commit } = request;
  const container = containerConfig({
    manifest,
    base: base.config.config ?? {},
    baseDigest,
    key,
    commit,
    ...(source !== undefined && { source }),
  });
  const image = composeImage({
    platform: {
      os: base.config.os,
      architecture: base.config.architecture,
      ...(base.config.variant && { variant: base.config.variant }),
    },
    base,
    layers: layers.map(({ layer }) => layer),
    container,
    annotations: { [ANNOTATION.key]: key, ...container.Labels },
  });
  return { platform, base, image, layers };
}

function sizeOf(plan: ImagePlan, { assets }: Identity, { platform, base, layers }: PlatformImage): ImageSize {
  const names = (plan.native.get(platform) ?? []).map(({ name }) => name).join(' + ');
  const native = layers.filter(({ layer }) => layer.name.startsWith(NATIVE_LAYER));
  return {
    base: base.manifest.layers.reduce((sum, { size }) => sum + size, 0),
    bundle: plan.parts,
    native: native.map(({ layer }) => ({ name: names, bytes: layer.unpackedSize })),
    assets: assets.map(({ entry }) => ({ name: entry.path, bytes: contentSize(entry.content) })),
  };
}

/** The manifest itself for one platform, an index for several. */
function topDocument(images: readonly PlatformImage[], annotations: Readonly<Record<string, string>>): Document {
  const [first, ...others] = images;
  if (first === undefined) throw new Error('an image needs a platform');
  return others.length === 0
    ? first.image.manifest
    : composeIndex(
        images.map(({ image }) => image),
        annotations,
      );
}
