import type { Check } from '../manifest/types.ts';

/** What `actions/build` says about one service, and what a deployment is given. */
export interface BuiltImage {
  /** `sha256:...` of the manifest (one platform) or index (several). */
  readonly digest: string;
  readonly tag: string;
  /** Content key: hash of everything that goes into the image. */
  readonly key: string;
  /** False when the registry already held an image with this content key. */
  readonly changed: boolean;
  readonly bytesPushed: number;
  readonly seconds: number;
}

export type BuiltImages = Readonly<Record<string, BuiltImage>>;

/** One service inside a release. */
export interface ReleasedService {
  readonly digest: string;
  readonly key?: string;
  /** SHA-256 of the template's JSON. */
  readonly templateVersion: string;
  /** Task definition ARN or Lambda version that serves this release once it is live. */
  readonly revision?: string;
  /** The requests that proved this service; a rollback to this release is proven by the same ones. */
  readonly checks?: readonly Check[];
}

export type ReleaseStatus = 'deploying' | 'live' | 'failed' | 'superseded' | 'interrupted';

/** One immutable set {service -> digest, template version} for one environment. */
export interface Release {
  /** Sortable id: time first. */
  readonly id: string;
  readonly environment: string;
  readonly commit: string;
  readonly actor: string;
  readonly kind: 'deploy' | 'rollback';
  readonly reason: string;
  readonly createdAt: string;
  readonly services: Readonly<Record<string, ReleasedService>>;
  readonly status: ReleaseStatus;
  /** The release that was live before. */
  readonly previous?: string;
  /** Of a rollback: the deployed (never itself a rollback) release whose revisions it brings back. */
  readonly restores?: string;
  readonly finishedAt?: string;
  readonly seconds?: number;
  /** Why it failed, in words. */
  readonly failure?: string;
}
