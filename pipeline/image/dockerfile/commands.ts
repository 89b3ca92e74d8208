import type { PlatformName } from '../build/types.ts';
import type { Engine } from './engine.ts';

export interface DockerfileBuild {
  readonly engine: Engine;
  /** Folder with the Dockerfile. */
  readonly context: string;
  /** `host/repository:tag` to push to. */
  readonly reference: string;
  readonly platforms: readonly PlatformName[];
  /** An earlier image of the service, whose layers are taken over where its steps did not change. It may be missing. */
  readonly cache: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Folder with a `config.json` that holds the registry's credentials. */
  readonly credentials?: string;
  /** Where the engine can leave its steps beside the image. */
  readonly stepsCache?: StepsCache;
}

/**
 * All steps of a build: in GitHub's cache, whose address and token are in the environment; in the registry under a tag, which is written
 * once; or in a repository, each step under a tag of its own that names its content.
 */
export type StepsCache =
  | { readonly in: 'github' }
  | { readonly in: 'registry'; readonly reference: string; readonly isThere: boolean }
  | { readonly in: 'repository'; readonly reference: string };

/** What has to be run, one after another, to build and push. Pure. */
export function buildCommands(build: DockerfileBuild): readonly (readonly string[])[] {
  const { engine, context, reference, platforms, credentials } = build;
  const labels = Object.entries(build.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  const target = ['--platform', platforms.join(','), ...labels, '--tag', reference];
  const login = credentials === undefined ? [] : ['--authfile', `${credentials}/config.json`];
  // Plain HTTP is spoken with this machine only; docker knows that by itself.
  const plain = /^(?:localhost|127\.)/.test(reference) ? ['--tls-verify=false'] : [];
  switch (engine) {
    case 'buildx':
      // Lambda takes no index, which an image with attestations is.
      return [
        [
          'docker',
          'buildx',
          'build',
          '--push',
          '--provenance=false',
          '--sbom=false',
          ...cacheOptions(build),
          ...target,
          context,
        ],
      ];
    case 'buildkit':
      return [
        ['docker', 'build', '--build-arg', 'BUILDKIT_INLINE_CACHE=1', '--cache-from', build.cache, ...target, context],
        ['docker', 'push', reference],
      ];
    case 'docker':
      return [
        ['docker', 'build', ...target, context],
        ['docker', 'push', reference],
      ];
    case 'podman':
      return [
        ['podman', 'build', '--format', 'oci', ...plain, ...login, ...stepOptions(build), ...target, context],
        ['podman', 'push', ...plain, ...login, reference],
      ];
    case 'buildah':
      return [
        [
          'buildah',
          'build',
          '--layers',
          '--format',
          'oci',
          ...plain,
          ...login,
          ...stepOptions(build),
          ...target,
          context,
        ],
        ['buildah', 'push', ...plain, ...login, reference, `docker://${reference}`],
      ];
  }
}

const stepOptions = ({ stepsCache }: DockerfileBuild): string[] =>
  stepsCache?.in === 'repository' ? ['--cache-from', stepsCache.reference, '--cache-to', stepsCache.reference] : [];

/** Only buildx builds for several platforms at once. */
export const buildsSeveral = (engine: Engine): boolean => engine === 'buildx';

/** The image carries its own cache, which lacks the stages that it was not made of; what else there is holds those as well. */
function cacheOptions({ stepsCache, reference, cache }: DockerfileBuild): string[] {
  const inline = ['--cache-from', `type=registry,ref=${cache}`, '--cache-to', 'type=inline'];
  if (stepsCache === undefined || stepsCache.in === 'repository') return inline;
  if (stepsCache.in === 'registry') {
    const steps = `type=registry,ref=${stepsCache.reference}`;
    // The form that ECR takes; nobody's build fails because its cache is not taken.
    const form = 'mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true';
    return [...inline, '--cache-from', steps, ...(stepsCache.isThere ? [] : ['--cache-to', `${steps},${form}`])];
  }
  const scope = reference.slice(0, reference.lastIndexOf(':')).replace(/^[^/]+\//, '');
  return ['--cache-from', `type=gha,scope=${scope}`, '--cache-to', `type=gha,mode=max,scope=${scope}`];
}
