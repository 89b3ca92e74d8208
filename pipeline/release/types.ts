import type { Check, Migration } from '../manifest/types.ts';
import type { GoldenModel } from '../predictions/types.ts';

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
  /** The schema level that this code was made for; see the manifest. */
  readonly migration?: Migration;
  /** Environment variable -> version of its secret that was current when the release was made. Versions only, never values. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The requests that proved this service; a rollback to this release is proven by the same ones. */
  readonly checks?: readonly Check[];
  /** Its models' golden requests, with what this release answered; a rollback to this release is held to them. */
  readonly models?: readonly GoldenModel[];
}

export type ReleaseStatus = 'deploying' | 'live' | 'failed' | 'superseded' | 'interrupted';

/** Somebody's consent to releasing a commit to an environment. */
export interface Approval {
  readonly commit: string;
  readonly by: string;
  /** ISO time. */
  readonly at: string;
  /** Where it was given: the URL of a comment, or the review of a GitHub environment. */
  readonly how: string;
}

/** One immutable set {service -> digest, template version} for one environment. */
export interface Release {
  /** Sortable id: time first. */
  readonly id: string;
  readonly environment: string;
  readonly commit: string;
  readonly actor: string;
  /** What started it: `push`, `workflow_dispatch`, ... */
  readonly trigger?: string;
  readonly kind: 'deploy' | 'rollback';
  readonly reason: string;
  readonly createdAt: string;
  readonly services: Readonly<Record<string, ReleasedService>>;
  readonly status: ReleaseStatus;
  /** The release that was live before. */
  readonly previous?: string;
  /** Who let it into an environment that asks for approval. */
  readonly approval?: Approval;
  /** Of a rollback of some services only: which. The others stayed on the release before. */
  readonly partial?: readonly string[];
  /** Of a rollback: the deployed (never itself a rollback) release whose revisions it brings back. */
  readonly restores?: string;
  readonly finishedAt?: string;
  readonly seconds?: number;
  /** Why it failed, in words. */
  readonly failure?: string;
}
