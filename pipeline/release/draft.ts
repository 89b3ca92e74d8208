import type { ReleasePorts } from './ports.ts';
import type { Release } from './types.ts';

export interface Draft
  extends Pick<Release, 'environment' | 'commit' | 'actor' | 'kind' | 'reason' | 'trigger' | 'approval' | 'partial'> {
  readonly previous: string | undefined;
  readonly restores?: string | undefined;
}

/** A release's id starts with its time, so that ids sort as releases do; the lock makes it unique. */
export function draftRelease(draft: Draft, now: number): Omit<Release, 'status' | 'services'> {
  const createdAt = new Date(now).toISOString();
  const { environment, commit, actor, kind, reason, previous, restores, trigger, approval, partial } = draft;
  return {
    id: `${createdAt.replaceAll(/[-:.]/g, '')}-${commit.slice(0, 7)}`,
    environment,
    commit,
    actor,
    kind,
    reason,
    createdAt,
    ...(trigger === undefined ? {} : { trigger }),
    ...(approval === undefined ? {} : { approval }),
    ...(partial === undefined ? {} : { partial }),
    ...(previous === undefined ? {} : { previous }),
    ...(restores === undefined ? {} : { restores }),
  };
}

/** Tells Sentry which release serves; resolves to warnings. */
export async function announce(
  release: Release,
  url: string,
  { tracker, ledger }: ReleasePorts,
): Promise<readonly string[]> {
  const { environment, previous } = release;
  const before =
    previous === undefined ? undefined : await ledger.release(environment, previous).catch(() => undefined);
  const warning = await tracker.announce({
    version: release.commit,
    ...(release.kind === 'deploy' && { brings: before ? { since: before.commit } : {} }),
    environment: release.environment,
    name: release.kind === 'rollback' ? `rollback: ${release.reason}` : 'deploy',
    url,
    startedAt: release.createdAt,
    finishedAt: release.finishedAt ?? release.createdAt,
  });
  return warning === undefined ? [] : [warning];
}
