/** Who is told about releases (Sentry). Telling never fails a deployment: problems come back as words. */
export interface ReleaseTracker {
  /** Resolves to why it could not be told, or to undefined. */
  announce(deployment: Announcement): Promise<string | undefined>;
}

export interface Announcement {
  /** Version of the release: the commit. */
  readonly version: string;
  /** The commits that it brings, since the one that served before; absent for a rollback, which brings none. */
  readonly brings?: { readonly since?: string };
  readonly environment: string;
  /** Shown beside the deployment: `deploy`, or `rollback: <reason>`. */
  readonly name: string;
  readonly url: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export const silentTracker: ReleaseTracker = { announce: async () => undefined };
