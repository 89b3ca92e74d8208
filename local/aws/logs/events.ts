import type { InputLogEvent, PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import { invalid, type LogGroup, type LogStore, type LogStream } from './groups.ts';

/** One line of a log. `id` is unique in its stream and orders by timestamp, then by arrival. */
export interface LogEvent {
  readonly id: string;
  readonly stream: string;
  readonly timestamp: number;
  readonly ingested: number;
  readonly message: string;
}

type StoredEvent = Omit<LogEvent, 'id' | 'stream'>;

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

export interface LogEvents {
  /** Events of one stream that have not expired, oldest first. */
  read(stream: LogStream): LogEvent[];
  append(stream: LogStream, events: readonly InputLogEvent[]): PutLogEventsResponse;
  removeAll(stream: LogStream): void;
  /** Removes what the groups' retention no longer allows. */
  expire(): void;
}

/** Every stream has its own collection, so that reading one does not touch the others. */
export function openLogEvents(cloud: Cloud, logs: LogStore): LogEvents {
  const collection = ({ group, name }: LogStream): Collection<StoredEvent> =>
    cloud.store.collection(`logs/events/${group}\n${name}`);
  const oldest = (group: LogGroup | undefined) =>
    group?.retentionInDays ? cloud.now() - group.retentionInDays * DAY : Number.NEGATIVE_INFINITY;
  let sequence = 0;

  function append(stream: LogStream, events: readonly InputLogEvent[]): PutLogEventsResponse {
    checkEvents(events);
    const now = cloud.now();
    const start = Math.max(now - 14 * DAY, oldest(logs.groups.get(stream.group)));
    const accepted = events.filter(({ timestamp = 0 }) => timestamp >= start && timestamp <= now + 2 * HOUR);
    const target = collection(stream);
    cloud.store.transaction(() => {
      for (const { timestamp = now, message = '' } of accepted) {
        target.set(eventId(timestamp, now, sequence++), { timestamp, ingested: now, message });
      }
      if (accepted.length > 0) logs.saveStream(grown(stream, accepted, now));
    });
    return { nextSequenceToken: String(sequence), ...rejected(events, { now, start }) };
  }

  return {
    append,
    read(stream) {
      const start = oldest(logs.groups.get(stream.group));
      const entries = collection(stream).entries();
      return entries.flatMap(([id, event]) => (event.timestamp < start ? [] : [{ id, stream: stream.name, ...event }]));
    },
    removeAll(stream) {
      const events = collection(stream);
      for (const [id] of events.entries()) events.delete(id);
    },
    expire() {
      for (const [name, group] of logs.groups.entries()) {
        for (const stream of group.retentionInDays ? logs.streams(name) : []) {
          const events = collection(stream);
          for (const [id, event] of events.entries()) if (event.timestamp < oldest(group)) events.delete(id);
        }
      }
    },
  };
}

function eventId(timestamp: number, now: number, sequence: number): string {
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  return pad(timestamp, 15) + pad(now, 15) + pad(sequence, 12);
}

function checkEvents(events: readonly InputLogEvent[]): void {
  if (events.length === 0 || events.length > 10_000) throw invalid('A batch has 1 to 10000 log events.');
  if (events.some(({ message }) => !message)) throw invalid('Log event message must not be empty.');
  if (events.some(({ timestamp = 0 }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
}

function grown(stream: LogStream, events: readonly InputLogEvent[], now: number): LogStream {
  const times = events.map(({ timestamp = now }) => timestamp);
  return {
    ...stream,
    first: Math.min(stream.first ?? Number.POSITIVE_INFINITY, times[0] ?? now),
    last: Math.max(stream.last ?? 0, times.at(-1) ?? now),
    ingested: now,
  };
}

/** AWS takes what it can and says which events were too old or too far in the future. */
function rejected(
  events: readonly InputLogEvent[],
  { now, start }: { now: number; start: number },
): PutLogEventsResponse {
  const old = events.filter(({ timestamp = 0 }) => timestamp < start).length;
  const tooNew = events.findIndex(({ timestamp = 0 }) => timestamp > now + 2 * HOUR);
  if (old === 0 && tooNew < 0) return {};
  return {
    rejectedLogEventsInfo: {
      ...(old > 0 ? { tooOldLogEventEndIndex: old } : {}),
      ...(tooNew >= 0 ? { tooNewLogEventStartIndex: tooNew } : {}),
    },
  };
}
