import type * as scheduler from '@aws-sdk/client-scheduler';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import type { AwsService } from '../kit/service.ts';
import { tagPairs, tagsOf, withoutTags } from '../kit/tags.ts';
import { parseExpression } from './expression.ts';
import { type Clock, startClock } from './firing.ts';
import {
  conflict,
  DEFAULT_GROUP,
  groupArn,
  invalid,
  openSchedules,
  type Schedule,
  type ScheduleGroup,
  type Schedules,
  scheduleArn,
} from './schedules.ts';

const PAGE = 100;

/** EventBridge Scheduler; schedules fire in real time. https://docs.aws.amazon.com/scheduler/latest/APIReference/ */
export function createSchedulerService(cloud: Cloud): AwsService {
  const schedules = openSchedules(cloud);
  let clock: Clock | undefined;
  return {
    name: 'scheduler',
    operations: { ...scheduleOperations(cloud, schedules, () => clock?.reset()), ...groupOperations(cloud, schedules) },
    start: async () => {
      clock = startClock(cloud, schedules);
    },
    stop: async () => clock?.close(),
  };
}

function scheduleOperations(cloud: Cloud, schedules: Schedules, changed: () => void) {
  const save = (schedule: Schedule): { ScheduleArn: string } => {
    schedules.save(schedule);
    changed();
    return { ScheduleArn: scheduleArn(cloud, schedule) };
  };
  return {
    CreateSchedule(input: Input<scheduler.CreateScheduleInput>): scheduler.CreateScheduleOutput {
      const group = schedules.findGroup(input.GroupName ?? DEFAULT_GROUP).name;
      if (schedules.get(group, input.Name)) throw conflict(`Schedule ${input.Name} already exists.`);
      const now = cloud.now();
      return save({ ...settingsOf(input), name: input.Name, group, created: now, modified: now });
    },
    UpdateSchedule(input: Input<scheduler.UpdateScheduleInput>): scheduler.UpdateScheduleOutput {
      const { name, group, created, fired } = schedules.find(input.GroupName, input.Name);
      const kept = { name, group, created, modified: cloud.now(), ...(fired === undefined ? {} : { fired }) };
      return save({ ...settingsOf(input), ...kept });
    },
    GetSchedule: (input: Input<scheduler.GetScheduleInput>): scheduler.GetScheduleOutput =>
      describeSchedule(cloud, schedules.find(input.GroupName, input.Name)),
    DeleteSchedule(input: Input<scheduler.DeleteScheduleInput>) {
      schedules.remove(schedules.find(input.GroupName, input.Name));
      changed();
      return {};
    },
    ListSchedules(input: Input<scheduler.ListSchedulesInput>): scheduler.ListSchedulesOutput {
      const wanted = schedules
        .all(input.GroupName)
        .filter(({ name, state }) => name.startsWith(input.NamePrefix ?? '') && state === (input.State ?? state));
      const { items, next } = page(wanted, {
        key: ({ group, name }) => `${group}/${name}`,
        after: input.NextToken,
        limit: input.MaxResults ?? PAGE,
      });
      return { Schedules: items.map((schedule) => summary(cloud, schedule)), NextToken: next };
    },
  };
}

function groupOperations(cloud: Cloud, schedules: Schedules) {
  const byArn = (arn: string): ScheduleGroup => schedules.findGroup(arn.split('/').at(-1) ?? '');
  return {
    CreateScheduleGroup(input: Input<scheduler.CreateScheduleGroupInput>): scheduler.CreateScheduleGroupOutput {
      checkName(input.Name);
      if (schedules.groups().some(({ name }) => name === input.Name)) {
        throw conflict(`Schedule group ${input.Name} already exists.`);
      }
      schedules.saveGroup({ name: input.Name, tags: tagsOf(input.Tags), created: cloud.now() });
      return { ScheduleGroupArn: groupArn(cloud, input.Name) };
    },
    GetScheduleGroup: (input: Input<scheduler.GetScheduleGroupInput>): scheduler.GetScheduleGroupOutput =>
      describeGroup(cloud, schedules.findGroup(input.Name)),
    DeleteScheduleGroup(input: Input<scheduler.DeleteScheduleGroupInput>) {
      const { name } = schedules.findGroup(input.Name);
      if (name === DEFAULT_GROUP) throw invalid('The default schedule group cannot be deleted.');
      schedules.removeGroup(name);
      return {};
    },
    ListScheduleGroups(input: Input<scheduler.ListScheduleGroupsInput>): scheduler.ListScheduleGroupsOutput {
      const wanted = schedules.groups().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const limit = input.MaxResults ?? PAGE;
      const { items, next } = page(wanted, { key: ({ name }) => name, after: input.NextToken, limit });
      return { ScheduleGroups: items.map((group) => describeGroup(cloud, group)), NextToken: next };
    },
    TagResource(input: Input<scheduler.TagResourceInput>) {
      const group = byArn(input.ResourceArn);
      schedules.saveGroup({ ...group, tags: { ...group.tags, ...tagsOf(input.Tags) } });
      return {};
    },
    UntagResource(input: Input<scheduler.UntagResourceInput>) {
      const group = byArn(input.ResourceArn);
      schedules.saveGroup({ ...group, tags: withoutTags(group.tags, input.TagKeys) });
      return {};
    },
    ListTagsForResource: (input: Input<scheduler.ListTagsForResourceInput>): scheduler.ListTagsForResourceOutput => ({
      Tags: tagPairs(byArn(input.ResourceArn).tags),
    }),
  };
}

function checkName(name: string): void {
  if (!/^[\w.-]{1,64}$/.test(name)) throw invalid(`Invalid name: ${JSON.stringify(name)}`);
}

/** What CreateSchedule and UpdateSchedule take; the latter leaves nothing of the former settings. */
function settingsOf(
  input: Input<scheduler.CreateScheduleInput>,
): Omit<Schedule, 'name' | 'group' | 'created' | 'modified' | 'fired'> {
  checkName(input.Name);
  if (!parseExpression(input.ScheduleExpression)) {
    throw invalid(`Invalid Schedule Expression ${input.ScheduleExpression}.`);
  }
  const timezone = input.ScheduleExpressionTimezone ?? 'UTC';
  if (!isTimezone(timezone)) throw invalid(`Invalid Schedule Expression Timezone ${timezone}.`);
  const { Mode, MaximumWindowInMinutes } = input.FlexibleTimeWindow;
  return {
    expression: input.ScheduleExpression,
    timezone,
    state: input.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
    target: input.Target,
    flexibleTimeWindow: {
      Mode: Mode === 'FLEXIBLE' ? 'FLEXIBLE' : 'OFF',
      ...(MaximumWindowInMinutes ? { MaximumWindowInMinutes } : {}),
    },
    afterCompletion: input.ActionAfterCompletion === 'DELETE' ? 'DELETE' : 'NONE',
    ...(input.Description ? { description: input.Description } : {}),
    ...(input.KmsKeyArn ? { keyArn: input.KmsKeyArn } : {}),
    ...(input.StartDate ? { start: input.StartDate.getTime() } : {}),
    ...(input.EndDate ? { end: input.EndDate.getTime() } : {}),
  };
}

function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }) !== undefined;
  } catch {
    return false;
  }
}

function describeSchedule(cloud: Cloud, schedule: Schedule): scheduler.GetScheduleOutput {
  return {
    Arn: scheduleArn(cloud, schedule),
    GroupName: schedule.group,
    Name: schedule.name,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timezone,
    State: schedule.state,
    Target: schedule.target,
    FlexibleTimeWindow: schedule.flexibleTimeWindow,
    ActionAfterCompletion: schedule.afterCompletion,
    Description: schedule.description,
    KmsKeyArn: schedule.keyArn,
    StartDate: dateOf(schedule.start),
    EndDate: dateOf(schedule.end),
    CreationDate: dateOf(schedule.created),
    LastModificationDate: dateOf(schedule.modified),
  };
}

const dateOf = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

function summary(cloud: Cloud, schedule: Schedule): scheduler.ScheduleSummary {
  const { Arn, GroupName, Name, State, CreationDate, LastModificationDate } = describeSchedule(cloud, schedule);
  return { Arn, GroupName, Name, State, CreationDate, LastModificationDate, Target: { Arn: schedule.target.Arn } };
}

function describeGroup(cloud: Cloud, { name, created }: ScheduleGroup): scheduler.ScheduleGroupSummary {
  const date = new Date(created);
  return { Arn: groupArn(cloud, name), Name: name, State: 'ACTIVE', CreationDate: date, LastModificationDate: date };
}
