import type { Target } from '@aws-sdk/client-scheduler';
import type { Cloud } from '../../cloud.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

/** A schedule as it is kept. Times are milliseconds since the epoch. */
export interface Schedule {
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly timezone: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly target: Target;
  readonly flexibleTimeWindow: { readonly Mode: 'OFF' | 'FLEXIBLE'; readonly MaximumWindowInMinutes?: number };
  readonly description?: string;
  readonly keyArn?: string;
  readonly start?: number;
  readonly end?: number;
  readonly afterCompletion: 'NONE' | 'DELETE';
  readonly created: number;
  readonly modified: number;
  /** When it fired last; what was due while the local cloud was down is not made up for. */
  readonly fired?: number;
}

export interface ScheduleGroup {
  readonly name: string;
  readonly tags: Tags;
  readonly created: number;
}

export const DEFAULT_GROUP = 'default';

export interface Schedules {
  all(group?: string): Schedule[];
  get(group: string, name: string): Schedule | undefined;
  /** @throws AwsError ResourceNotFoundException */
  find(group: string | undefined, name: string): Schedule;
  save(schedule: Schedule): void;
  remove(schedule: Schedule): void;
  groups(): ScheduleGroup[];
  /** @throws AwsError ResourceNotFoundException */
  findGroup(name: string): ScheduleGroup;
  saveGroup(group: ScheduleGroup): void;
  /** The group and every schedule in it. */
  removeGroup(name: string): void;
}

export function openSchedules(cloud: Cloud): Schedules {
  const schedules = cloud.store.collection<Schedule>('scheduler/schedules');
  const groups = cloud.store.collection<ScheduleGroup>('scheduler/groups');
  const all = (group?: string) =>
    schedules.entries(group === undefined ? '' : `${group}/`).map(([, schedule]) => schedule);
  const getGroup = (name: string): ScheduleGroup | undefined =>
    groups.get(name) ?? (name === DEFAULT_GROUP ? { name, tags: {}, created: 0 } : undefined);
  return {
    all,
    get: (group, name) => schedules.get(`${group}/${name}`),
    find(group = DEFAULT_GROUP, name) {
      const schedule = schedules.get(`${group}/${name}`);
      if (!schedule) throw notFound(`Schedule ${name} does not exist.`);
      return schedule;
    },
    save: (schedule) => schedules.set(`${schedule.group}/${schedule.name}`, schedule),
    remove: (schedule) => void schedules.delete(`${schedule.group}/${schedule.name}`),
    groups: () => [
      { name: DEFAULT_GROUP, tags: {}, created: 0 },
      ...groups.entries().flatMap(([name, group]) => (name === DEFAULT_GROUP ? [] : [group])),
    ],
    findGroup(name) {
      const group = getGroup(name);
      if (!group) throw notFound(`Schedule group ${name} does not exist.`);
      return group;
    },
    saveGroup: (group) => groups.set(group.name, group),
    removeGroup(name) {
      for (const schedule of all(name)) schedules.delete(`${schedule.group}/${schedule.name}`);
      groups.delete(name);
    },
  };
}

export const scheduleArn = (cloud: Cloud, { group, name }: Pick<Schedule, 'group' | 'name'>): string =>
  arn(cloud, 'scheduler', `schedule/${group}/${name}`);
export const groupArn = (cloud: Cloud, name: string): string => arn(cloud, 'scheduler', `schedule-group/${name}`);

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
export const conflict = (message: string): AwsError => new AwsError('ConflictException', message, { status: 409 });
const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, { status: 404 });
