import { type Accessing, serviceAccess } from '../manifest/access.ts';
import { previewRules } from '../manifest/preview-rules.ts';
import { isShifted } from '../manifest/rollout.ts';
import type { BuiltImages, Release } from '../release/types.ts';
import type { PreviewManifest } from './ports.ts';

/**
 * Services whose image is not the one that staging runs: those that a preview has to run itself. Equal digests are equal content, the
 * manifest's included. Before staging's first release that is every service.
 */
export const changedServices = (images: BuiltImages, staging: Release | undefined): readonly string[] =>
  Object.entries(images)
    .filter(([service, { digest }]) => staging?.services[service]?.digest !== digest)
    .map(([service]) => service)
    .sort();

/** What has to run for the preview to be a whole product: what changed, and what would not work together with it from staging. */
export function wholeProduct(services: readonly string[], manifests: readonly PreviewManifest[]): readonly string[] {
  const all = withPartners(withShifted(services, manifests), manifests);
  return all.length === services.length ? services : wholeProduct(all, manifests);
}

/**
 * Requests to a service of staging that is rolled out by weight are led by one rule alone, so no preview can have another that leads there: it
 * runs such a service itself if a wider path of its own would take its requests.
 */
function withShifted(services: readonly string[], manifests: readonly PreviewManifest[]): readonly string[] {
  const shifted = previewRules(manifests, services)
    .filter(({ own, service }) => !own && isShifted(manifests.find(({ name }) => name === service)?.rollout))
    .map(({ service }) => service);
  return shifted.length === 0 ? services : withShifted([...new Set([...services, ...shifted])].sort(), manifests);
}

type Partner = Accessing & { readonly name: string };

/**
 * `services`, and all that share a queue with one of them, however far that leads. A preview has queues of its own, so what one of its services sends would
 * never be worked on by staging's worker, and a worker of its own would get nothing from staging's services.
 */
export function withPartners(services: readonly string[], manifests: readonly Partner[]): readonly string[] {
  const queues = new Map(manifests.map((manifest) => [manifest.name, queuesOf(manifest, manifests)]));
  const running = new Set(services);
  for (let before = -1; before !== running.size; ) {
    before = running.size;
    const theirs = new Set([...running].flatMap((service) => queues.get(service) ?? []));
    for (const [name, own] of queues) if (own.some((queue) => theirs.has(queue))) running.add(name);
  }
  return [...running].sort();
}

/** Queues that it sends to or receives from, by itself or through a topic. */
const queuesOf = (manifest: Partner, manifests: readonly Partner[]): readonly string[] =>
  serviceAccess(manifest, manifests).flatMap(({ type, declaration: { name } }) => {
    if (type === 'queue') return [name];
    return type === 'topic' ? listeners(name, manifests) : [];
  });

const listeners = (topic: string, manifests: readonly Partner[]): readonly string[] =>
  manifests.flatMap(({ owns }) =>
    (owns?.queues ?? []).flatMap(({ name, topics }) => (topics?.includes(topic) ? [name] : [])),
  );
