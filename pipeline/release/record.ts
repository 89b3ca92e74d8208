import { randomUUID } from 'node:crypto';
import type { Entry } from './ledger.ts';
import type { ReleasePorts } from './ports.ts';

/** Who wants something, and what started it. */
export interface Requester {
  readonly actor: string;
  /** `push`, `workflow_dispatch`, ...; absent when a person called us directly. */
  readonly trigger?: string;
}

type Line = Pick<Entry, 'environment' | 'kind' | 'outcome'> & Partial<Pick<Entry, 'commit' | 'release' | 'detail'>>;
type RecordPorts = Pick<ReleasePorts, 'ledger' | 'clock' | 'progress'>;

/** Adds a line to the environment's history. What was done counts more than its record: a record that cannot be written is said. */
export async function recordEntry(
  line: Line,
  { actor, trigger = 'direct' }: Requester,
  { ports, started }: { readonly ports: RecordPorts; readonly started: number },
): Promise<void> {
  const now = ports.clock.now();
  const at = new Date(now).toISOString();
  const seconds = Math.round((now - started) / 100) / 10;
  const id = `${at.replaceAll(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
  const { detail, ...rest } = line;
  const entry: Entry = { ...rest, ...(detail && { detail: detail.slice(0, 1000) }), id, at, seconds, actor, trigger };
  await ports.ledger.record(entry).catch((error: unknown) => {
    ports.progress.line(`The history could not be written: ${error instanceof Error ? error.message : String(error)}`);
  });
}
