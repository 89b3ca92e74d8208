import type { SendHttp } from './http.ts';
import { type Announcement, type ReleaseTracker, silentTracker } from './tracker.ts';

export interface SentrySettings {
  readonly url: string;
  readonly token: string;
  readonly organization: string;
  /** Slugs of the projects that the services report to. */
  readonly projects: readonly string[];
}

/**
 * Sentry's release API: https://docs.sentry.io/api/releases/create-a-new-release-for-an-organization/ and
 * https://docs.sentry.io/api/releases/create-a-deploy/. Creating a release that exists answers 208 and is no error.
 */
export function createSentry(settings: SentrySettings | undefined, send: SendHttp): ReleaseTracker {
  if (settings === undefined) return silentTracker;
  const base = `${settings.url.replace(/\/$/, '')}/api/0/organizations/${encodeURIComponent(settings.organization)}/releases/`;
  const post = async (url: string, body: unknown): Promise<void> => {
    const headers = { authorization: `Bearer ${settings.token}` };
    const answer = await send({ method: 'POST', url, headers, body, timeoutMs: 5_000 });
    if (answer.status >= 300) throw new Error(`Sentry answered ${answer.status}: ${answer.body.slice(0, 200)}`);
  };
  return {
    async announce(deployment: Announcement) {
      try {
        await post(base, { version: deployment.version, projects: settings.projects });
        await post(`${base}${encodeURIComponent(deployment.version)}/deploys/`, {
          environment: deployment.environment,
          name: deployment.name.slice(0, 64),
          url: deployment.url,
          dateStarted: deployment.startedAt,
          dateFinished: deployment.finishedAt,
        });
        return undefined;
      } catch (error) {
        return `Sentry was not told about this release: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}
