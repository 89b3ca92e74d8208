import type { BuiltImages, Release } from '../release/types.ts';

/**
 * Services whose image is not the one that staging runs: those that a preview has to run itself. Equal digests are equal content, the
 * manifest's included. Before staging's first release that is every service.
 */
export const changedServices = (images: BuiltImages, staging: Release | undefined): readonly string[] =>
  Object.entries(images)
    .filter(([service, { digest }]) => staging?.services[service]?.digest !== digest)
    .map(([service]) => service)
    .sort();
