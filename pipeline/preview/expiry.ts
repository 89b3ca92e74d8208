import type { PullRequest } from '../ports/github.ts';
import type { Release } from '../release/types.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface PreviewState {
  readonly pullRequest: PullRequest | undefined;
  /** The newest release of the preview, failed or not: a push, seen from here. */
  readonly newest: Release | undefined;
  readonly now: number;
  readonly expiryDays: number;
}

/** Why a preview should not exist any more; undefined: it should. Pure. */
export function reasonToDestroy({ pullRequest, newest, now, expiryDays }: PreviewState): string | undefined {
  if (pullRequest === undefined) return 'there is no such pull request';
  if (!pullRequest.open) return 'the pull request is closed';
  // A preview that is only just being made has no release yet, and is younger than any expiry.
  if (newest === undefined || Date.parse(newest.createdAt) + expiryDays * DAY_MS > now) return undefined;
  return `no push for ${expiryDays} days`;
}

/** Day on which a preview ends unless someone pushes. */
export const expiryDay = (now: number, expiryDays: number): string =>
  new Date(now + expiryDays * DAY_MS).toISOString().slice(0, 10);
