import type * as cwl from '@aws-sdk/client-cloudwatch-logs';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { LogEvent, LogEvents } from './events.ts';
import { groupName, invalid, type LogStore, type LogStream } from './groups.ts';
import { compilePattern } from './pattern.ts';

const MOST_EVENTS = 10_000;

/** Operations that read log events. */
export function readingOperations(logs: LogStore, events: LogEvents) {
  return {
    GetLogEvents(input: Input<cwl.GetLogEventsRequest>): cwl.GetLogEventsResponse {
      const name = groupName(input.logGroupIdentifier ?? input.logGroupName ?? '');
      const all = events.read(logs.stream(name, input.logStreamName)).filter(between(input.startTime, input.endTime));
      const { start, end } = window(all, input);
      return {
        events: all
          .slice(start, end)
          .map((event) => ({ timestamp: event.timestamp, message: event.message, ingestionTime: event.ingested })),
        nextForwardToken: `f/${all[end - 1]?.id ?? input.nextToken?.slice(2) ?? ''}`,
        nextBackwardToken: `b/${all[start]?.id ?? input.nextToken?.slice(2) ?? ''}`,
      };
    },
    FilterLogEvents(input: Input<cwl.FilterLogEventsRequest>): cwl.FilterLogEventsResponse {
      const name = groupName(input.logGroupIdentifier ?? input.logGroupName ?? '');
      const matches = compilePattern(input.filterPattern);
      const inTime = between(input.startTime, input.endTime);
      const found = chosenStreams(logs, logs.group(name).name, input)
        .flatMap((stream) => events.read(stream))
        .filter((event) => inTime(event) && matches(event.message))
        .sort((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1));
      const limit = input.limit ?? MOST_EVENTS;
      const { items, next } = page(found, { key: orderKey, after: input.nextToken, limit });
      return { events: items.map(filtered), searchedLogStreams: [], nextToken: next };
    },
  };
}

function chosenStreams(logs: LogStore, group: string, input: cwl.FilterLogEventsRequest): readonly LogStream[] {
  const { logStreamNames, logStreamNamePrefix } = input;
  if (logStreamNames && logStreamNamePrefix) {
    throw invalid('logStreamNames and logStreamNamePrefix cannot be used together.');
  }
  if (logStreamNames) return logStreamNames.map((name) => logs.stream(group, name));
  return logs.streams(group).filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ''));
}

/** `startTime` is inclusive, `endTime` exclusive (milliseconds since the epoch). */
function between(startTime: number | undefined, endTime: number | undefined): (event: LogEvent) => boolean {
  return ({ timestamp }) => timestamp >= (startTime ?? 0) && timestamp < (endTime ?? Number.POSITIVE_INFINITY);
}

/** Part of the events that one page shows: from a token onwards or backwards, else the head or the tail. */
function window(all: readonly LogEvent[], input: cwl.GetLogEventsRequest): { start: number; end: number } {
  const limit = input.limit ?? MOST_EVENTS;
  const [direction, id = ''] = input.nextToken?.split('/') ?? [];
  if (direction === 'b') {
    const end = all.filter((event) => event.id < id).length;
    return { start: Math.max(0, end - limit), end };
  }
  if (direction === 'f' || input.startFromHead) {
    const start = all.filter((event) => event.id <= id).length;
    return { start, end: Math.min(all.length, start + limit) };
  }
  if (direction !== undefined) throw invalid('The specified nextToken is invalid.');
  return { start: Math.max(0, all.length - limit), end: all.length };
}

function orderKey(event: LogEvent): string {
  return `${event.id}/${event.stream}`;
}

function filtered(event: LogEvent): cwl.FilteredLogEvent {
  return {
    logStreamName: event.stream,
    timestamp: event.timestamp,
    message: event.message,
    ingestionTime: event.ingested,
    eventId: event.id,
  };
}
