import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOOTSTRAP_TAG } from '../../manifest/names.ts';
import { ANNOTATION } from '../build/annotations.ts';
import { findExisting } from '../build/existing.ts';
import { wantedPlatforms } from '../build/platform.ts';
import { commitTag, contentTag, pullImage, requireCommitTag, tagImage, tagParts } from '../build/tags.ts';
import { BuildError, type PlatformName, type ServiceBuild, type ServiceImage } from '../build/types.ts';
import { sha256 } from '../registry/digest.ts';
import { isIndex } from '../registry/oci.ts';
import { attestEngineImage } from './attest.ts';
import { run } from './command.ts';
import { buildCommands, buildsSeveral, type DockerfileBuild, type StepsCache } from './commands.ts';
import { contextKey, requireNoSecretsIn } from './context.ts';
import { withCredentials } from './credentials.ts';
import { BUILDKIT, type Engine, exportsCache, exportsSteps, findEngine } from './engine.ts';
import { requireImageFits } from './size.ts';

/** Builds one service from its Dockerfile, or finds that there is nothing to do. Throws `BuildError`, `RegistryError`. */
export async function buildDockerfileService(root: string, build: ServiceBuild): Promise<ServiceImage> {
  const { manifest, request, repository, client } = build;
  const platforms = wantedPlatforms(request, manifest.kind);
  const context = join(root, 'services', manifest.name);
  const key = contextKey(context, manifest.name, platforms);
  const tag = commitTag(request.commit);
  // The base is the Dockerfile's business: the key is the same on any.
  const existing = await findExisting(build, '', () => key);
  if (existing !== undefined) {
    build.report('unchanged');
    await requireImageFits(build, existing.digest);
    await tagFirst(build, existing.digest);
    await attestEngineImage(build, { digest: existing.digest, key, platforms, context });
    return {
      digest: existing.digest,
      tag,
      key,
      changed: false,
      bytesPushed: 0,
      notes: existing.note === undefined ? [] : [existing.note],
    };
  }
  requireNoSecretsIn(context, manifest.name);
  const engine = await requireEngine(manifest.name, platforms);
  build.report(`changed; building with ${engine}`);
  const target = contentTag(key, request);
  await buildAndPush(build, { engine, context, platforms, key, target });
  const digest = (await client.resolveManifest(repository, target))?.digest ?? '';
  await requireImageFits(build, digest);
  await tagFirst(build, digest);
  await tagParts(build, digest, target);
  await attestEngineImage(build, { digest, key, platforms, context });
  await requireCommitTag(build, await pullImage(build, digest), digest);
  build.report(`pushed ${digest}`);
  const notes = [`${engine} does not say how many bytes it sent; the number is the size of the image`];
  return { digest, tag, key, changed: true, bytesPushed: await sizeOfImage(build, digest), notes };
}

/** What Terraform creates the service with; an earlier build may have been killed before it came to that. */
async function tagFirst(build: ServiceBuild, digest: string): Promise<void> {
  if ((await build.client.resolveManifest(build.repository, BOOTSTRAP_TAG)) !== undefined) return;
  await tagImage(build, digest, BOOTSTRAP_TAG);
  await tagParts(build, digest, BOOTSTRAP_TAG);
}

async function requireEngine(service: string, platforms: readonly PlatformName[]): Promise<Engine> {
  const engine = await findEngine();
  if (engine === undefined) {
    throw new BuildError(
      `${service} has a Dockerfile and no engine works here`,
      'Install and start Docker, Podman or Buildah',
    );
  }
  if (platforms.length === 1 || buildsSeveral(engine)) return engine;
  throw new BuildError(
    `${engine} builds ${service} for one platform only, not for ${platforms.join(' and ')}`,
    'Install docker buildx',
  );
}

interface Step {
  readonly engine: Engine;
  readonly context: string;
  readonly platforms: readonly PlatformName[];
  readonly key: string;
  /** Tag to push to. */
  readonly target: string;
}

async function buildAndPush(
  { request, repository, client }: ServiceBuild,
  { engine, context, platforms, key, target }: Step,
): Promise<void> {
  const image = `${request.registry.host}/${repository}`;
  const [reference, cache] = [`${image}:${target}`, `${image}:${BOOTSTRAP_TAG}`];
  const labels = {
    [ANNOTATION.key]: key,
    [ANNOTATION.revision]: request.commit,
    // Engines may yield the digest of an old image; a preview's has to be as young as its tag says.
    ...(request.lifetime === 'preview' && { [ANNOTATION.preview]: target.slice(0, 'preview-yyyy-mm'.length) }),
    ...(request.source !== undefined && { [ANNOTATION.source]: request.source }),
  };
  const stepsCache = await findStepsCache({ repository, client }, { engine, context, image });
  await withCredentials(request.registry, async (credentials) => {
    const login = credentials === undefined ? {} : { credentials };
    const common = { engine, context, reference, cache, platforms, labels, ...login };
    const failure = await runAll({ ...common, ...(stepsCache && { stepsCache }) });
    // Another build of the same content was faster; its image counts.
    if (failure === undefined || (await client.resolveManifest(repository, target)) !== undefined) return;
    // Nobody's build fails because its cache is not taken: two of them may do the same step at once.
    const problem = stepsCache?.in === 'repository' ? await runAll(common) : failure;
    if (problem !== undefined)
      throw new BuildError(problem, 'Correct the Dockerfile, or what the engine complains about');
  });
}

/** Builds and pushes; what went wrong, if something did. */
async function runAll(build: DockerfileBuild): Promise<string | undefined> {
  const { engine, credentials } = build;
  const environment = {
    ...(engine === 'buildkit' && BUILDKIT),
    ...(credentials !== undefined && { DOCKER_CONFIG: credentials }),
  };
  for (const command of buildCommands(build)) {
    const { ok, output } = await run({ command, environment });
    if (!ok) return `"${command.slice(0, 2).join(' ')}" failed: ${output}`;
  }
  return undefined;
}

/**
 * Tags never move, so what buildx leaves is written once for each content of the Dockerfile: with the first build that has it. Podman and
 * Buildah name each step by its content. Undefined when the engine leaves its cache in images only.
 */
async function findStepsCache(
  { repository, client }: Pick<ServiceBuild, 'repository' | 'client'>,
  { engine, context, image }: { readonly engine: Engine; readonly context: string; readonly image: string },
): Promise<StepsCache | undefined> {
  if (engine === 'podman' || engine === 'buildah')
    return (await exportsSteps(engine)) ? { in: 'repository', reference: image } : undefined;
  if (engine !== 'buildx' || !(await exportsCache())) return undefined;
  if (process.env['ACTIONS_RUNTIME_TOKEN'] !== undefined) return { in: 'github' };
  const tag = `cache-${sha256(readFileSync(join(context, 'Dockerfile'))).slice('sha256:'.length)}`;
  const isThere = (await client.resolveManifest(repository, tag)) !== undefined;
  return { in: 'registry', reference: `${image}:${tag}`, isThere };
}

async function sizeOfImage(build: Pick<ServiceBuild, 'client' | 'repository'>, digest: string): Promise<number> {
  const pulled = await build.client.pullManifest(build.repository, digest);
  if (pulled === undefined) return 0;
  if (!isIndex(pulled.document))
    return pulled.document.layers.reduce((sum, { size }) => sum + size, pulled.bytes.length);
  const sizes = await Promise.all(pulled.document.manifests.map((one) => sizeOfImage(build, one.digest)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
