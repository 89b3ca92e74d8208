import { absentOn } from '../engine/context.ts';
import type { Backend, ResourceDefinition } from '../engine/definition.ts';
import { conflicting } from '../engine/validate.ts';
import { newName } from '../resources/make.ts';
import { requireText, text, type Values } from '../schema/value.ts';
import { changeTags, tagList, tagsFrom } from './common.ts';
import { shapeOf } from './shape.ts';

const SERVICE = 'scheduler';
const GONE = ['ResourceNotFoundException'];
const DEFAULT_GROUP = 'default';
const DEFAULT_RETRIES = { MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185 };

const shape = shapeOf('aws_scheduler_schedule', {
  style: 'pascal',
  rename: { base: 'base', capacity_provider: 'capacityProvider', weight: 'weight' },
});
const SETTINGS = [
  'action_after_completion',
  'description',
  'flexible_time_window',
  'kms_key_arn',
  'schedule_expression',
  'schedule_expression_timezone',
  'state',
  'target',
];

type Sdk = Readonly<Record<string, unknown>>;
interface Network {
  readonly Subnets?: string[];
  readonly SecurityGroups?: string[];
  readonly AssignPublicIp?: unknown;
}

/** A schedule as the API takes it. Terraform leaves out a level of the network configuration and says yes or no where the API has words. */
function settingsOf(planned: Values): Sdk {
  const { Target, ...settings } = shape.toSdk(planned, SETTINGS) as Sdk & { readonly Target: Sdk };
  const dates = [
    ['StartDate', text(planned, 'start_date')],
    ['EndDate', text(planned, 'end_date')],
  ].flatMap(([name = '', date]) => (date === undefined ? [] : [[name, new Date(date)]]));
  return {
    ...settings,
    ...Object.fromEntries(dates),
    Target: withNetwork(Target, ({ AssignPublicIp, ...network }: Network) => ({
      awsvpcConfiguration: { ...network, AssignPublicIp: AssignPublicIp === true ? 'ENABLED' : 'DISABLED' },
    })),
  };
}

/** And as the API gives it. */
function valuesOf(answer: Sdk & { readonly Target: Sdk; readonly StartDate?: Date; readonly EndDate?: Date }): Values {
  const target = withNetwork(
    { RetryPolicy: DEFAULT_RETRIES, ...answer.Target },
    ({ awsvpcConfiguration = {} }: { readonly awsvpcConfiguration?: Network }) => ({
      ...awsvpcConfiguration,
      AssignPublicIp: awsvpcConfiguration.AssignPublicIp === 'ENABLED',
    }),
  );
  return {
    ...shape.fromSdk({ ...answer, Target: target }, SETTINGS),
    start_date: answer.StartDate?.toISOString().replace('.000Z', 'Z') ?? null,
    end_date: answer.EndDate?.toISOString().replace('.000Z', 'Z') ?? null,
  };
}

function withNetwork<Given extends object>(target: Sdk, translate: (network: Given) => object): Sdk {
  const parameters = target['EcsParameters'] as Sdk | undefined;
  const network = parameters?.['NetworkConfiguration'] as Given | undefined;
  if (!parameters || !network) return target;
  return { ...target, EcsParameters: { ...parameters, NetworkConfiguration: translate(network) } };
}

const keyOf = (state: Values): { GroupName: string; Name: string } => {
  const [GroupName = '', Name = ''] = requireText(state, 'id').split('/');
  return { GroupName, Name };
};

const scheduleBackend: Backend = {
  async create(planned, context) {
    const Name = text(planned, 'name') ?? newName(planned);
    const GroupName = text(planned, 'group_name') ?? DEFAULT_GROUP;
    await context.call(SERVICE, 'CreateSchedule', { ...settingsOf(planned), Name, GroupName });
    return { id: `${GroupName}/${Name}`, name: Name, group_name: GroupName };
  },
  async read(state, context) {
    const answer = await absentOn(GONE, () =>
      context.call<Parameters<typeof valuesOf>[0] & { readonly Arn: string }>(SERVICE, 'GetSchedule', keyOf(state)),
    );
    const { GroupName, Name } = keyOf(state);
    return answer && { ...valuesOf(answer), arn: answer.Arn, name: Name, group_name: GroupName };
  },
  async update(prior, planned, context) {
    await context.call(SERVICE, 'UpdateSchedule', { ...settingsOf(planned), ...keyOf(prior) });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteSchedule', keyOf(state)));
  },
};

const groupBackend: Backend = {
  async create(planned, context) {
    const Name = text(planned, 'name') ?? newName(planned);
    await context.call(SERVICE, 'CreateScheduleGroup', { Name, Tags: tagList(planned) });
    return { id: Name, name: Name };
  },
  async read(state, context) {
    const Name = requireText(state, 'id');
    const group = await absentOn(GONE, () =>
      context.call<{ Arn: string; State: string; CreationDate: Date; LastModificationDate: Date }>(
        SERVICE,
        'GetScheduleGroup',
        { Name },
      ),
    );
    if (!group) return undefined;
    const { Tags } = await context.call<{ Tags?: { Key: string; Value: string }[] }>(SERVICE, 'ListTagsForResource', {
      ResourceArn: group.Arn,
    });
    return {
      arn: group.Arn,
      name: Name,
      state: group.State,
      creation_date: group.CreationDate.toISOString(),
      last_modification_date: group.LastModificationDate.toISOString(),
      tags_all: tagsFrom(Tags),
    };
  },
  async update(prior, planned, context) {
    const ResourceArn = requireText(prior, 'arn');
    await changeTags(prior, planned, {
      set: (Tags) => context.call(SERVICE, 'TagResource', { ResourceArn, Tags }),
      remove: (TagKeys) => context.call(SERVICE, 'UntagResource', { ResourceArn, TagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    await absentOn(GONE, () => context.call(SERVICE, 'DeleteScheduleGroup', { Name: requireText(state, 'id') }));
  },
};

export const schedules: Readonly<Record<string, ResourceDefinition>> = {
  aws_scheduler_schedule: {
    backend: scheduleBackend,
    defaults: {
      schedule_expression_timezone: 'UTC',
      state: 'ENABLED',
      'target.ecs_parameters.network_configuration.assign_public_ip': false,
      'target.ecs_parameters.task_count': 1,
      'target.retry_policy.maximum_event_age_in_seconds': 86400,
      'target.retry_policy.maximum_retry_attempts': 185,
    },
    forceNew: ['group_name', 'name', 'name_prefix'],
    computedBlocks: ['target.retry_policy'],
    oneOf: { state: ['ENABLED', 'DISABLED'], 'flexible_time_window.mode': ['OFF', 'FLEXIBLE'] },
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
  },
  aws_scheduler_schedule_group: {
    backend: groupBackend,
    forceNew: ['name', 'name_prefix'],
    validate: (config) => conflicting(config, ['name', 'name_prefix']),
  },
};
