import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authorization, releasesUrl, type SentrySettings } from './sentry.ts';

/** What a service's bundle is called, in the folder of source maps and in its container. */
const MAP_FILE = 'main.mjs.map';
const IN_CONTAINER = '/app/main.mjs.map';

export interface SourceMaps {
  /** Folder with `<service>/main.mjs.map`. */
  readonly folder: string;
  /** Version of the release: the commit. */
  readonly version: string;
  /** Longest that all uploads together may take. */
  readonly patienceMs: number;
}

/**
 * Gives Sentry the source maps of what was built, so that it shows our lines instead of the bundle's. Services share a release and a file name, so
 * each has its own `dist`, which the services' SDK names as well. Resolves to what went wrong, in words.
 * https://docs.sentry.io/api/releases/upload-a-new-organization-release-file/
 */
export async function uploadSourceMaps(settings: SentrySettings, maps: SourceMaps): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(maps.patienceMs);
  const services = await readdir(maps.folder).catch(() => []);
  if (services.length === 0) return [];
  try {
    const release = { version: maps.version, projects: settings.projects };
    await send(releasesUrl(settings), { body: JSON.stringify(release), type: 'application/json' }, settings, signal);
    const results = await Promise.allSettled(services.map((service) => upload(service, maps, settings, signal)));
    return results.flatMap((result, index) =>
      result.status === 'rejected'
        ? [`Sentry has no source map of ${services[index]}: ${words(result.reason, maps)}`]
        : [],
    );
  } catch (error) {
    return [`Sentry has no source maps of this build: ${words(error, maps)}`];
  }
}

async function upload(service: string, maps: SourceMaps, settings: SentrySettings, signal: AbortSignal): Promise<void> {
  const form = new FormData();
  form.set('name', IN_CONTAINER);
  form.set('dist', service);
  form.set('file', new Blob([await readFile(join(maps.folder, service, MAP_FILE))]), MAP_FILE);
  const url = `${releasesUrl(settings)}${encodeURIComponent(maps.version)}/files/`;
  await send(url, { body: form }, settings, signal);
}

interface Content {
  readonly body: string | FormData;
  readonly type?: string;
}

async function send(
  url: string,
  { body, type }: Content,
  settings: SentrySettings,
  signal: AbortSignal,
): Promise<void> {
  const headers = { ...authorization(settings), ...(type === undefined ? {} : { 'content-type': type }) };
  const answer = await fetch(url, { method: 'POST', headers, body, signal });
  const text = await answer.text();
  // 409: this very file is there already, because the build runs again.
  if (!answer.ok && answer.status !== 409) throw new Error(`Sentry answered ${answer.status}: ${text.slice(0, 200)}`);
}

const words = (error: unknown, { patienceMs }: SourceMaps): string => {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'TimeoutError' ? `no answer within ${patienceMs} ms` : error.message;
};
