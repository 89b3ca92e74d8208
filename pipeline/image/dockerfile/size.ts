import { type Part, requireFits } from '../build/size-guard.ts';
import type { ServiceBuild } from '../build/types.ts';
import { type ImageConfig, type ImageManifest, isIndex } from '../registry/oci.ts';

type Place = Pick<ServiceBuild, 'client' | 'repository'>;

/**
 * Throws `BuildError` when an image that an engine has pushed is larger than its kind may be, with the step that is to blame. Its layers are
 * compressed, so the truth is larger.
 */
export async function requireImageFits(build: ServiceBuild, digest: string): Promise<void> {
  for (const assets of await partsOf(build, digest)) {
    requireFits(build.manifest, { base: 0, bundle: [], native: [], assets });
  }
}

/** What each step of the Dockerfile, and of its base, has added; once for each platform. */
async function partsOf(place: Place, digest: string): Promise<Part[][]> {
  const document = (await place.client.pullManifest(place.repository, digest))?.document;
  if (document === undefined) return [];
  if (!isIndex(document)) return [await stepsOf(place, document)];
  return (await Promise.all(document.manifests.map((one) => partsOf(place, one.digest)))).flat();
}

async function stepsOf({ client, repository }: Place, { config, layers }: ImageManifest): Promise<Part[]> {
  const { history = [] } = JSON.parse((await client.readBlob({ repository, ...config })).toString()) as ImageConfig;
  const steps = history.filter((step) => step.empty_layer !== true);
  // History may be missing, or that of the base.
  const names = steps.length === layers.length ? steps.map((step) => step.created_by) : [];
  return layers.map(({ size }, index) => ({ name: shorten(names[index] ?? `layer ${index + 1}`), bytes: size }));
}

const shorten = (step: string): string => `"${step.replaceAll(/\s+/g, ' ').slice(0, 60)}"`;
