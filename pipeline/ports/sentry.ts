import type { HttpResponse, SendHttp } from './http.ts';
import { type Announcement, type ReleaseTracker, silentTracker } from './tracker.ts';

export interface SentrySettings {
  readonly url: string;
  readonly token: string;
  readonly organization: string;
  /** Slugs of the projects that the services report to. */
  readonly projects: readonly string[];
  /** `owner/name`, as Sentry knows the repository. */
  readonly repository?: string;
}

/** Longest that telling Sentry may take, all calls together. */
export const SENTRY_PATIENCE_MS = 5_000;

/**
 * Sentry's release API: https://docs.sentry.io/api/releases/create-a-new-release-for-an-organization/ and
 * https://docs.sentry.io/api/releases/create-a-deploy/. Creating a release that exists answers 208 and is no error.
 */
export function createSentry(
  settings: SentrySettings | undefined,
  send: SendHttp,
  patienceMs: number = SENTRY_PATIENCE_MS,
): ReleaseTracker {
  if (settings === undefined) return silentTracker;
  const { projects } = settings;
  return {
    async announce(deployment: Announcement) {
      const deadline = Date.now() + patienceMs;
      const post = async (url: string, body: unknown): Promise<HttpResponse> => {
        const timeoutMs = deadline - Date.now();
        if (timeoutMs <= 0) throw new Error(`no answer within ${patienceMs} ms`);
        return send({ method: 'POST', url, headers: authorization(settings), body, timeoutMs });
      };
      try {
        const release = { version: deployment.version, projects };
        const refs = refsOf(deployment, settings);
        const created = await post(releasesUrl(settings), { ...release, ...refs });
        // A Sentry that is not connected to the repository takes the commit itself.
        if (created.status === 400 && 'refs' in refs) {
          check(await post(releasesUrl(settings), { ...release, commits: [{ id: deployment.version }] }));
        } else check(created);
        check(
          await post(`${releasesUrl(settings)}${encodeURIComponent(deployment.version)}/deploys/`, {
            environment: deployment.environment,
            name: deployment.name.slice(0, 64),
            url: deployment.url,
            dateStarted: deployment.startedAt,
            dateFinished: deployment.finishedAt,
          }),
        );
        return undefined;
      } catch (error) {
        return `Sentry was not told about this release: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}

export const releasesUrl = ({ url, organization }: SentrySettings): string =>
  `${url.replace(/\/$/, '')}/api/0/organizations/${encodeURIComponent(organization)}/releases/`;

export const authorization = ({ token }: SentrySettings) => ({ authorization: `Bearer ${token}` });

/** Sentry reads the commits between two refs from the repository that it is connected to. */
function refsOf({ version, brings }: Announcement, { repository }: SentrySettings): object {
  if (repository === undefined || brings === undefined) return {};
  return { refs: [{ repository, commit: version, ...(brings.since && { previousCommit: brings.since }) }] };
}

function check({ status, body }: HttpResponse): void {
  if (status >= 300) throw new Error(`Sentry answered ${status}: ${body.slice(0, 200)}`);
}
