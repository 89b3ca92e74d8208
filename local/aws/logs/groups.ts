import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

/** All times are milliseconds since the epoch. */
export interface LogGroup {
  readonly name: string;
  readonly created: number;
  readonly retentionInDays?: number;
  readonly keyId?: string;
  readonly groupClass: string;
  readonly tags: Tags;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly created: number;
  readonly first?: number;
  readonly last?: number;
  readonly ingested?: number;
}

export interface LogStore {
  readonly groups: Collection<LogGroup>;
  group(name: string): LogGroup;
  /** Streams of a group, ordered by name. */
  streams(group: string): LogStream[];
  stream(group: string, name: string): LogStream;
  saveStream(stream: LogStream): void;
  removeStream(stream: LogStream): void;
}

const SEPARATOR = '\n';

export function openLogStore(cloud: Cloud): LogStore {
  const groups = cloud.store.collection<LogGroup>('logs/groups');
  const streams = cloud.store.collection<LogStream>('logs/streams');
  const key = (group: string, name: string) => group + SEPARATOR + name;
  const group = (name: string) => {
    const found = groups.get(name);
    if (!found) throw notFound('log group');
    return found;
  };
  return {
    groups,
    group,
    streams: (name) => streams.entries(key(name, '')).map(([, stream]) => stream),
    stream(groupName, name) {
      const found = streams.get(key(group(groupName).name, name));
      if (!found) throw notFound('log stream');
      return found;
    },
    saveStream: (stream) => streams.set(key(stream.group, stream.name), stream),
    removeStream: (stream) => void streams.delete(key(stream.group, stream.name)),
  };
}

export function notFound(what: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceNotFoundException', `The specified ${what} does not exist.`);
}

export function alreadyExists(what: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function groupArn(cloud: Cloud, name: string): string {
  return arn(cloud, 'logs', `log-group:${name}`);
}

/** Name of a group that is given by name or by ARN, with or without the `:*` at its end. */
export function groupName(reference: string): string {
  return reference.replace(/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/, '').replace(/:\*$/, '');
}
