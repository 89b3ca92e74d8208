import type { Manifest } from '../../manifest/types.ts';
import type { BuiltImage, BuiltImages } from '../../release/types.ts';
import type { Compression } from '../layer/compression.ts';
import type { CredentialsProvider, RegistryClient } from '../registry/client.ts';
import type { Ahead } from './ahead.ts';

/** Platforms that images are built for. */
export const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
export type PlatformName = (typeof PLATFORMS)[number];

export interface BuildRequest {
  /** The checkout. */
  readonly root: string;
  /** Checkout whose bundler is run, where `root` holds the code of somebody who is not trusted. Default: `root`. */
  readonly tools?: string;
  /** Bundling that has begun already. */
  readonly ahead?: Ahead;
  /** What to build. */
  readonly manifests: readonly Manifest[];
  readonly commit: string;
  /** Where to: `host` and how to log in. */
  readonly registry: { readonly host: string; readonly credentials?: CredentialsProvider };
  /** Prefix of the repositories: `<app>/<service>`. */
  readonly app: string;
  /** Reference of the image below ours; with its registry's host, with a digest if it must not move. */
  readonly base: string;
  /** `linux/amd64` by default. A function gets the first one only. */
  readonly platforms?: readonly PlatformName[];
  /** Services at a time; the number of cores by default. */
  readonly concurrency?: number;
  /** How layers are compressed; functions always get gzip. */
  readonly compression?: Compression;
  /** URL of the sources, for the image's label. */
  readonly source?: string;
  /** Folder that source maps are written to, as `<service>/main.mjs.map`; they are never part of an image. */
  readonly sourceMaps?: string;
  /** Attach a bill of materials and a provenance statement to every image that is built, functions excepted. Default: true. */
  readonly attestations?: boolean;
  /** Who builds, for the provenance statement: `https://github.com/<owner>/<repository>/.github/workflows/deploy.yml@refs/heads/main`. */
  readonly builder?: string;
  /** Which run of it: `https://github.com/<owner>/<repository>/actions/runs/1`. */
  readonly invocation?: string;
  /** What the images are for. Those of previews alone expire by the repository's lifecycle rules; `release` by default. */
  readonly lifetime?: Lifetime;
  /** For tests. */
  readonly now?: () => Date;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/** How long an image is wanted: as long as a release may go back to it, or as long as a preview. */
export const LIFETIMES = ['release', 'preview'] as const;
export type Lifetime = (typeof LIFETIMES)[number];

export interface BuildProgress {
  readonly service: string;
  /** One line for people. */
  readonly message: string;
  /** Since the build of this service began. */
  readonly seconds: number;
}

export type BuildResult =
  | { readonly ok: true; readonly service: string; readonly image: BuiltImage; readonly notes: readonly string[] }
  | {
      readonly ok: false;
      readonly service: string;
      readonly problem: string;
      /** The way out. */
      readonly fix: string;
    };

/** An expected failure on its way to a `BuildResult`. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly fix: string;

  constructor(problem: string, fix: string, options?: ErrorOptions) {
    super(problem, options);
    this.fix = fix;
  }
}

/** What a builder says about one service. */
export type ServiceImage = Omit<BuiltImage, 'seconds'> & { readonly notes: readonly string[] };

/** What one service's build is given. */
export interface ServiceBuild {
  readonly request: BuildRequest;
  readonly manifest: Manifest;
  /** `slipway/web`. */
  readonly repository: string;
  readonly client: RegistryClient;
  report(message: string): void;
}

/** The images of the services that were built: what a deployment is given. */
export function builtImages(results: readonly BuildResult[]): BuiltImages {
  return Object.fromEntries(results.flatMap((result) => (result.ok ? [[result.service, result.image]] : [])));
}
