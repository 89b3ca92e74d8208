import { type Documents, previewEnvironment } from './ports.ts';

/** Everything that is known about a preview besides what exists of it: its one comment is made of this alone. */
export interface PreviewRecord {
  readonly number: number;
  readonly commit: string;
  /** `waking`: somebody asked for it, and its services are starting. */
  readonly state: 'opening' | 'open' | 'failed' | 'asleep' | 'waking';
  /** Services that it runs itself; all others are staging's. */
  readonly services: readonly string[];
  /** Those that the pull request changes; the others run because they work together with them. Absent: all. */
  readonly changed?: readonly string[];
  /** Label `preview-full`: made from the pull request's own stacks. */
  readonly full: boolean;
  readonly place: number;
  readonly url: string;
  /** Link to the run that made it what it is. */
  readonly run: string;
  /** Milliseconds since the epoch, as are all times here. */
  readonly pushedAt: number;
  readonly visitedAt?: number;
  readonly extendedAt?: number;
  /** Since when its services run; absent while they do not. */
  readonly awakeSince?: number;
  /** Seconds that they ran before that. */
  readonly awakeSeconds: number;
  /** Dollars for each hour that they run. */
  readonly hourlyCost: number;
  /** Dollars that it cost before an hour cost that much. */
  readonly spent?: number;
  /** Seconds from push to first answer. */
  readonly seconds?: number;
  /** Markdown: what its models answer differently from staging's. */
  readonly predictions?: string;
  /** Markdown: why it failed. */
  readonly failure?: string;
  /** Times that it was woken by a request or a person. */
  readonly wakes?: number;
}

export interface Known {
  readonly version: number;
  readonly value: PreviewRecord;
}

export const readRecord = (number: number, documents: Documents): Promise<Known | undefined> =>
  documents.read<PreviewRecord>(previewEnvironment(number), 'preview');

export const forgetRecord = (number: number, documents: Documents): Promise<void> =>
  documents.remove(previewEnvironment(number), 'preview');

/** Changes the record by what `change` makes of the newest one; resolves to it. `change` may say undefined: nothing to do. */
export async function updateRecord(
  number: number,
  documents: Documents,
  change: (record: PreviewRecord | undefined) => PreviewRecord | undefined,
): Promise<PreviewRecord | undefined> {
  for (;;) {
    const known = await readRecord(number, documents);
    const value = change(known?.value);
    if (value === undefined) return undefined;
    if (await documents.write(previewEnvironment(number), 'preview', { from: known?.version ?? 0, value }))
      return value;
  }
}

/** Seconds that the services of a preview have run. */
export const awakeSeconds = ({ awakeSince, awakeSeconds: before }: PreviewRecord, now: number): number =>
  before + (awakeSince === undefined ? 0 : Math.max(0, now - awakeSince) / 1000);

/** The services stop running. */
export function stopped(record: PreviewRecord, now: number): PreviewRecord {
  const { awakeSince: _, ...rest } = record;
  return { ...rest, awakeSeconds: awakeSeconds(record, now) };
}

/** The services start running, if they did not. */
export const started = (record: PreviewRecord, now: number): PreviewRecord => ({ awakeSince: now, ...record });

export const costSoFar = (record: PreviewRecord, now: number): number =>
  (record.spent ?? 0) + (record.hourlyCost * awakeSeconds(record, now)) / 3600;

/** What an hour costs changes, as when a push changes one more service: what has been spent stays. */
export function repriced(record: PreviewRecord, hourlyCost: number, now: number): PreviewRecord {
  if (record.hourlyCost === hourlyCost) return record;
  const spent = costSoFar(record, now);
  return { ...record, hourlyCost, spent, awakeSeconds: 0, ...(record.awakeSince !== undefined && { awakeSince: now }) };
}
