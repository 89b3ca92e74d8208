import { absentOn } from '../engine/context.ts';
import type { Backend, Context, ResourceDefinition } from '../engine/definition.ts';
import { newName } from '../resources/make.ts';
import { number, requireText, text, type Values } from '../schema/value.ts';
import { allTags, changed, changeTags, orNull } from './common.ts';

const SERVICE = 'logs';

interface LogGroup {
  readonly logGroupName: string;
  readonly arn?: string;
  readonly logGroupArn?: string;
  readonly retentionInDays?: number;
  readonly kmsKeyId?: string;
  readonly logGroupClass?: string;
}

const backend: Backend = {
  async create(planned, context) {
    const logGroupName = text(planned, 'name') ?? newName(planned);
    await context.call(SERVICE, 'CreateLogGroup', {
      logGroupName,
      kmsKeyId: text(planned, 'kms_key_id'),
      logGroupClass: text(planned, 'log_group_class'),
      tags: allTags(planned),
    });
    return { id: logGroupName, name: logGroupName };
  },
  complete: (created, context) => putRetention(requireText(created, 'id'), created, context),
  async read(state, context) {
    const group = await findLogGroup(requireText(state, 'id'), context);
    if (!group) return undefined;
    const arn = (group.logGroupArn ?? group.arn ?? '').replace(/:\*$/, '');
    const { tags = {} } = await context.call<{ tags?: Values }>(SERVICE, 'ListTagsForResource', { resourceArn: arn });
    return {
      name: group.logGroupName,
      arn,
      retention_in_days: group.retentionInDays ?? 0,
      kms_key_id: orNull(group.kmsKeyId),
      log_group_class: group.logGroupClass ?? 'STANDARD',
      deletion_protection_enabled: false,
      tags_all: tags,
    };
  },
  async update(prior, planned, context) {
    const logGroupName = requireText(prior, 'id');
    if (changed(prior, planned, ['retention_in_days'])) await putRetention(logGroupName, planned, context);
    if (changed(prior, planned, ['kms_key_id'])) {
      const kmsKeyId = text(planned, 'kms_key_id');
      if (kmsKeyId) await context.call(SERVICE, 'AssociateKmsKey', { logGroupName, kmsKeyId });
      else await context.call(SERVICE, 'DisassociateKmsKey', { logGroupName });
    }
    const resourceArn = requireText(prior, 'arn');
    await changeTags(prior, planned, {
      set: (_list, tags) => context.call(SERVICE, 'TagResource', { resourceArn, tags }),
      remove: (tagKeys) => context.call(SERVICE, 'UntagResource', { resourceArn, tagKeys }),
    });
    return {};
  },
  async delete(state, context) {
    if (state['skip_destroy'] === true) return;
    const logGroupName = requireText(state, 'id');
    await absentOn(['ResourceNotFoundException'], () => context.call(SERVICE, 'DeleteLogGroup', { logGroupName }));
  },
};

async function putRetention(logGroupName: string, planned: Values, context: Context): Promise<void> {
  const retentionInDays = number(planned, 'retention_in_days') ?? 0;
  if (retentionInDays > 0) await context.call(SERVICE, 'PutRetentionPolicy', { logGroupName, retentionInDays });
  else await context.call(SERVICE, 'DeleteRetentionPolicy', { logGroupName });
}

async function findLogGroup(name: string, context: Context): Promise<LogGroup | undefined> {
  const input = { logGroupNamePrefix: name };
  const { logGroups = [] } = await context.call<{ logGroups?: LogGroup[] }>(SERVICE, 'DescribeLogGroups', input);
  return logGroups.find(({ logGroupName }) => logGroupName === name);
}

const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logGroup: ResourceDefinition = {
  backend,
  defaults: { retention_in_days: 0, skip_destroy: false },
  forceNew: ['log_group_class', 'name', 'name_prefix'],
  oneOf: { log_group_class: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] },
  validate(config) {
    const days = number(config, 'retention_in_days');
    if (days === undefined || RETENTION_DAYS.includes(days)) return [];
    const summary = `expected retention_in_days to be one of ${JSON.stringify(RETENTION_DAYS)}, got ${days}`;
    return [{ path: ['retention_in_days'], summary, detail: '' }];
  },
};
