import type { Store } from '../state/store.ts';
import type { EnvelopeItem } from './envelope.ts';

export interface ReceivedEvent {
  readonly id: string;
  readonly project: string;
  readonly receivedAt: string;
  readonly release?: string;
  readonly environment?: string;
  readonly server?: string;
  readonly message: string;
}

export interface SentryRelease {
  readonly version: string;
  readonly projects: readonly string[];
  readonly dateCreated: string;
  /** The commits that the release is made of, or the range of a repository that holds them. */
  readonly refs?: readonly unknown[];
  readonly commits?: readonly unknown[];
}

/** An uploaded file, a source map for instance. */
export interface SentryFile {
  readonly release: string;
  readonly name: string;
  /** Tells files of the same name apart: the service. */
  readonly dist: string;
  readonly bytes: number;
}

export interface SentryDeploy {
  readonly id: string;
  readonly release: string;
  readonly environment: string;
  readonly name?: string;
  readonly dateFinished: string;
}

/** What the Sentry stand-in knows; everything survives a restart of the local cloud. */
export interface SentryRecords {
  events(): ReceivedEvent[];
  releases(): SentryRelease[];
  deploys(): SentryDeploy[];
  files(): SentryFile[];
}

interface SentryWriter extends SentryRecords {
  receive(project: string, items: readonly EnvelopeItem[]): { id: string };
  createRelease(body: Record<string, unknown>): SentryRelease;
  createDeploy(release: string, body: Record<string, unknown>): SentryDeploy;
  addFile(file: SentryFile): SentryFile;
}

export function sentryRecords(store: Store, now: () => number): SentryWriter {
  const events = store.collection<ReceivedEvent>('sentry/events');
  const releases = store.collection<SentryRelease>('sentry/releases');
  const deploys = store.collection<SentryDeploy>('sentry/deploys');
  const files = store.collection<SentryFile>('sentry/files');
  const values = <Value>(entries: [string, Value][]): Value[] => entries.map(([, value]) => value);
  return {
    events: () => values(events.entries()),
    releases: () => values(releases.entries()),
    deploys: () => values(deploys.entries()),
    files: () => values(files.entries()),
    receive(project, items) {
      let last = '';
      for (const item of items.filter(({ type }) => type === 'event')) {
        const event = readEvent(item.payload, project, new Date(now()).toISOString());
        events.set(`${event.receivedAt}#${event.id}`, event);
        last = event.id;
      }
      return { id: last };
    },
    createRelease(body) {
      const version = requiredText(body, 'version');
      const projects = Array.isArray(body['projects']) ? body['projects'].map(String) : [];
      const known = releases.get(version);
      const release = {
        version,
        projects: [...new Set([...(known?.projects ?? []), ...projects])].sort(),
        dateCreated: known?.dateCreated ?? new Date(now()).toISOString(),
        ...listOf('refs', body, known),
        ...listOf('commits', body, known),
      };
      releases.set(version, release);
      return release;
    },
    addFile(file) {
      if (!releases.get(file.release)) throw new Error(`There is no release ${file.release}; create it first`);
      files.set(`${file.release} ${file.dist} ${file.name}`, file);
      return file;
    },
    createDeploy(release, body) {
      if (!releases.get(release)) throw new Error(`There is no release ${release}; create it first`);
      const name = typeof body['name'] === 'string' ? { name: body['name'] } : {};
      const dateFinished = new Date(now()).toISOString();
      const id = String(deploys.entries().length + 1).padStart(8, '0');
      const deploy = { id, release, environment: requiredText(body, 'environment'), ...name, dateFinished };
      deploys.set(id, deploy);
      return deploy;
    },
  };
}

/** What a request says about commits, or what was known before. */
function listOf(name: 'refs' | 'commits', body: Record<string, unknown>, known: SentryRelease | undefined) {
  const list = Array.isArray(body[name]) ? (body[name] as unknown[]) : known?.[name];
  return list === undefined ? {} : { [name]: list };
}

function readEvent(payload: unknown, project: string, receivedAt: string): ReceivedEvent {
  const event = (payload ?? {}) as Record<string, unknown>;
  const text = (key: string): string | undefined => (typeof event[key] === 'string' ? event[key] : undefined);
  return {
    id: text('event_id') ?? 'unknown',
    project,
    receivedAt,
    message: describe(event),
    ...(text('release') ? { release: text('release') } : {}),
    ...(text('environment') ? { environment: text('environment') } : {}),
    ...(text('server_name') ? { server: text('server_name') } : {}),
  } as ReceivedEvent;
}

function describe(event: Record<string, unknown>): string {
  const exception = event['exception'] as { values?: { type?: string; value?: string }[] } | undefined;
  const first = exception?.values?.[0];
  if (first) return `${first.type ?? 'Error'}: ${first.value ?? ''}`;
  return typeof event['message'] === 'string' ? event['message'] : 'event without a message';
}

function requiredText(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value !== 'string' || value === '') throw new Error(`${field} has to be a non-empty string`);
  return value;
}
