import type * as cwl from '@aws-sdk/client-cloudwatch-logs';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { AwsService } from '../kit/service.ts';
import { withoutTags } from '../kit/tags.ts';
import { type LogEvents, openLogEvents } from './events.ts';
import {
  alreadyExists,
  groupArn,
  groupName,
  invalid,
  type LogGroup,
  type LogStore,
  type LogStream,
  openLogStore,
} from './groups.ts';
import { readingOperations } from './reading.ts';

const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** CloudWatch Logs. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/ */
export function createLogsService(cloud: Cloud): AwsService {
  const logs = openLogStore(cloud);
  const events = openLogEvents(cloud, logs);
  return {
    name: 'logs',
    operations: {
      ...groupOperations(cloud, logs, events),
      ...settingOperations(logs),
      ...streamOperations(cloud, logs, events),
      ...readingOperations(logs, events),
    },
    start: async () => events.expire(),
  };
}

function groupOperations(cloud: Cloud, logs: LogStore, events: LogEvents) {
  return {
    CreateLogGroup(input: Input<cwl.CreateLogGroupRequest>) {
      if (!/^[\w./#-]{1,512}$/.test(input.logGroupName)) throw invalid(`Invalid log group name: ${input.logGroupName}`);
      if (logs.groups.get(input.logGroupName)) throw alreadyExists('log group');
      logs.groups.set(input.logGroupName, {
        name: input.logGroupName,
        created: cloud.now(),
        groupClass: input.logGroupClass ?? 'STANDARD',
        tags: input.tags ?? {},
        ...(input.kmsKeyId ? { keyId: input.kmsKeyId } : {}),
      });
      return {};
    },
    DeleteLogGroup(input: Input<cwl.DeleteLogGroupRequest>) {
      const { name } = logs.group(input.logGroupName);
      for (const stream of logs.streams(name)) removeStream(logs, events, stream);
      logs.groups.delete(name);
      return {};
    },
    DescribeLogGroups(input: Input<cwl.DescribeLogGroupsRequest>): cwl.DescribeLogGroupsResponse {
      const groups = logs.groups.entries(input.logGroupNamePrefix).map(([, group]) => group);
      const wanted = groups.filter(({ name }) =>
        name.toLowerCase().includes(input.logGroupNamePattern?.toLowerCase() ?? ''),
      );
      const { items, next } = page(wanted, {
        key: ({ name }) => name,
        after: input.nextToken,
        limit: input.limit ?? 50,
      });
      return { logGroups: items.map((group) => describeGroup(cloud, group)), nextToken: next };
    },
  };
}

function describeGroup(cloud: Cloud, group: LogGroup): cwl.LogGroup {
  const arn = groupArn(cloud, group.name);
  return {
    logGroupName: group.name,
    creationTime: group.created,
    retentionInDays: group.retentionInDays,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    storedBytes: 0,
    kmsKeyId: group.keyId,
    logGroupClass: group.groupClass as cwl.LogGroupClass,
  };
}

function settingOperations(logs: LogStore) {
  const change = (name: string, edit: (group: LogGroup) => LogGroup) => {
    logs.groups.set(name, edit(logs.group(name)));
    return {};
  };
  return {
    PutRetentionPolicy(input: Input<cwl.PutRetentionPolicyRequest>) {
      const { retentionInDays } = input;
      if (!RETENTIONS.includes(retentionInDays))
        throw invalid(`Invalid retentionInDays: ${retentionInDays}; one of ${RETENTIONS.join(', ')}`);
      return change(input.logGroupName, (group) => ({ ...group, retentionInDays }));
    },
    DeleteRetentionPolicy: (input: Input<cwl.DeleteRetentionPolicyRequest>) =>
      change(input.logGroupName, ({ retentionInDays: _dropped, ...group }) => group),
    AssociateKmsKey: (input: Input<cwl.AssociateKmsKeyRequest>) =>
      change(groupName(input.resourceIdentifier ?? input.logGroupName ?? ''), (group) => ({
        ...group,
        keyId: input.kmsKeyId,
      })),
    DisassociateKmsKey: (input: Input<cwl.DisassociateKmsKeyRequest>) =>
      change(groupName(input.resourceIdentifier ?? input.logGroupName ?? ''), ({ keyId: _dropped, ...group }) => group),
    TagResource: (input: Input<cwl.TagResourceRequest>) =>
      change(groupName(input.resourceArn), (group) => ({ ...group, tags: { ...group.tags, ...input.tags } })),
    UntagResource: (input: Input<cwl.UntagResourceRequest>) =>
      change(groupName(input.resourceArn), (group) => ({ ...group, tags: withoutTags(group.tags, input.tagKeys) })),
    ListTagsForResource: (input: Input<cwl.ListTagsForResourceRequest>): cwl.ListTagsForResourceResponse => ({
      tags: { ...logs.group(groupName(input.resourceArn)).tags },
    }),
  };
}

function streamOperations(cloud: Cloud, logs: LogStore, events: LogEvents) {
  return {
    CreateLogStream(input: Input<cwl.CreateLogStreamRequest>) {
      const { name: group } = logs.group(input.logGroupName);
      if (/[:*]|^$/.test(input.logStreamName)) throw invalid(`Invalid log stream name: ${input.logStreamName}`);
      if (logs.streams(group).some(({ name }) => name === input.logStreamName)) throw alreadyExists('log stream');
      logs.saveStream({ group, name: input.logStreamName, created: cloud.now() });
      return {};
    },
    DeleteLogStream(input: Input<cwl.DeleteLogStreamRequest>) {
      removeStream(logs, events, logs.stream(input.logGroupName, input.logStreamName));
      return {};
    },
    DescribeLogStreams(input: Input<cwl.DescribeLogStreamsRequest>): cwl.DescribeLogStreamsResponse {
      const { name } = logs.group(groupName(input.logGroupIdentifier ?? input.logGroupName ?? ''));
      const streams = logs.streams(name).filter((stream) => stream.name.startsWith(input.logStreamNamePrefix ?? ''));
      const ordered =
        input.orderBy === 'LastEventTime' ? streams.toSorted((a, b) => (a.last ?? 0) - (b.last ?? 0)) : streams;
      const listed = input.descending ? ordered.toReversed() : ordered;
      const start = Number(input.nextToken ?? 0);
      const end = start + (input.limit ?? 50);
      const nextToken = end < listed.length ? String(end) : undefined;
      return { logStreams: listed.slice(start, end).map((stream) => describeStream(cloud, stream)), nextToken };
    },
    PutLogEvents: (input: Input<cwl.PutLogEventsRequest>): cwl.PutLogEventsResponse =>
      events.append(logs.stream(input.logGroupName, input.logStreamName), input.logEvents),
  };
}

function removeStream(logs: LogStore, events: LogEvents, stream: LogStream): void {
  events.removeAll(stream);
  logs.removeStream(stream);
}

function describeStream(cloud: Cloud, stream: LogStream): cwl.LogStream {
  return {
    logStreamName: stream.name,
    creationTime: stream.created,
    firstEventTimestamp: stream.first,
    lastEventTimestamp: stream.last,
    lastIngestionTime: stream.ingested,
    arn: `${groupArn(cloud, stream.group)}:log-stream:${stream.name}`,
    storedBytes: 0,
  };
}
