import type { Kind, Manifest } from '../../manifest/types.ts';
import type { Bundle } from './bundle.ts';
import { packagePathOf } from './lockfile.ts';
import { BuildError } from './types.ts';

const MIB = 1 << 20;

/**
 * Bytes that an image may have when it is unpacked: Lambda's quota for container images
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and what Fargate gives a task for image and files together
 * unless it is asked for more (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html).
 */
const LIMITS: Readonly<Record<Kind, { readonly bytes: number; readonly whose: string }>> = {
  function: { bytes: 10_240 * MIB, whose: 'Lambda' },
  web: { bytes: 20_480 * MIB, whose: 'Fargate' },
  worker: { bytes: 20_480 * MIB, whose: 'Fargate' },
  job: { bytes: 20_480 * MIB, whose: 'Fargate' },
};

/** What Node itself needs before any code of ours has run. */
const NODE_BYTES = 64 * MIB;

/** Something in the image, and how large it is. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

export interface ImageSize {
  /** Bytes of the base; compressed ones, so the truth is larger. */
  readonly base: number;
  readonly bundle: readonly Part[];
  /** What is loaded into memory beside the bundle. */
  readonly native: readonly Part[];
  readonly assets: readonly Part[];
}

/** Throws `BuildError` when the image is larger than its kind may be, or its libraries do not fit into the service's memory. */
export function requireFits(manifest: Pick<Manifest, 'name' | 'kind' | 'memory'>, size: ImageSize): void {
  const { name, kind, memory } = manifest;
  const own = [...size.bundle, ...size.native, ...size.assets];
  const unpacked = size.base + total(own);
  const { bytes, whose } = LIMITS[kind];
  if (unpacked > bytes) {
    throw new BuildError(
      `${name} (${kind}) has ${mib(unpacked)} and ${whose} takes ${mib(bytes)}; largest parts: ${largest(own)}`,
      'Make the largest part smaller, or load it at run time from a bucket',
    );
  }
  const loaded = [...size.bundle, ...size.native];
  const needed = NODE_BYTES + total(loaded);
  if (needed <= memory * MIB) return;
  throw new BuildError(
    `${name} (${kind}) has "memory": ${memory} and needs ${mib(needed)} for Node and its libraries alone; largest parts: ${largest(loaded)}`,
    `Set "memory" in services/${name}/service.json to at least ${Math.ceil((2 * needed) / MIB / 128) * 128}, or drop the package`,
  );
}

const total = (parts: readonly Part[]): number => parts.reduce((sum, { bytes }) => sum + bytes, 0);
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

function largest(parts: readonly Part[]): string {
  const sorted = [...parts].sort((a, b) => b.bytes - a.bytes);
  return sorted
    .slice(0, 3)
    .map(({ name, bytes }) => `${name} ${mib(bytes)}`)
    .join(', ');
}

/** Share of each package in the bundle; the service's own code is one part. */
export function partsOf({ inputs }: Bundle): Part[] {
  const bytes = new Map<string, number>();
  for (const [path, size] of inputs) {
    const name = packagePathOf(path)?.replace(/^.*node_modules\//, '') ?? 'own code';
    bytes.set(name, (bytes.get(name) ?? 0) + size);
  }
  return [...bytes].map(([name, size]) => ({ name, bytes: size }));
}
