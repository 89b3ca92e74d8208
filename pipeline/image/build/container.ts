import type { Manifest } from '../../manifest/types.ts';
import type { ContainerConfig } from '../registry/oci.ts';
import { ANNOTATION } from './annotations.ts';
import { BUNDLE_FILE } from './own-code.ts';

const NODE = '/usr/local/bin/node';

export interface ContainerRequest {
  readonly manifest: Pick<Manifest, 'name' | 'port' | 'labels'>;
  /** Configuration of the base. */
  readonly base: ContainerConfig;
  readonly baseDigest: string;
  readonly source?: string;
  readonly commit: string;
  /** Content key of the image. */
  readonly key: string;
}

/** What a container of a `node` image is started with: as user 1000, in /app, with the base's node. */
export function containerConfig({
  manifest,
  base,
  baseDigest,
  source,
  commit,
  key,
}: ContainerRequest): ContainerConfig {
  return {
    User: '1000',
    ...(manifest.port !== undefined && { ExposedPorts: { [`${manifest.port}/tcp`]: {} } }),
    Env: mergeEnvironment(base.Env ?? [], ['NODE_ENV=production']),
    Entrypoint: [nodeOf(base), BUNDLE_FILE],
    Cmd: [],
    WorkingDir: '/app',
    Labels: {
      ...manifest.labels,
      [ANNOTATION.title]: manifest.name,
      [ANNOTATION.version]: key,
      [ANNOTATION.revision]: commit,
      [ANNOTATION.baseDigest]: baseDigest,
      ...(source !== undefined && { [ANNOTATION.source]: source }),
    },
    ...(base.StopSignal !== undefined && { StopSignal: base.StopSignal }),
  };
}

/** Distroless images start node from elsewhere and say so in their entry point. */
function nodeOf({ Entrypoint }: ContainerConfig): string {
  const first = Entrypoint?.[0] ?? '';
  return first.endsWith('/node') ? first : NODE;
}

function mergeEnvironment(base: readonly string[], own: readonly string[]): string[] {
  const byName = new Map([...base, ...own].map((pair) => [pair.slice(0, pair.indexOf('=')), pair]));
  return [...byName.values()];
}
