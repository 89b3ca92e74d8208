import type * as dynamodb from '@aws-sdk/client-dynamodb';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { tagPairs, tagsOf, withoutTags } from '../kit/tags.ts';
import { type DynamoContext, NO_SETTINGS, type TableSettings, tableName } from './context.ts';

/** Operations on what is kept beside a table: time to live, point-in-time recovery, tags. */
export function settingOperations(context: DynamoContext) {
  const { engine, settings, cloud } = context;
  const read = async (reference: unknown): Promise<TableSettings> => {
    const { TableName } = await engine.table(tableName(reference));
    return settings.get(TableName) ?? NO_SETTINGS;
  };
  const change = async (reference: unknown, edit: (before: TableSettings) => TableSettings) => {
    const changed = edit(await read(reference));
    settings.set(tableName(reference), changed);
    return changed;
  };
  return {
    async UpdateTimeToLive(input: Input<dynamodb.UpdateTimeToLiveInput>): Promise<dynamodb.UpdateTimeToLiveOutput> {
      const { AttributeName: attribute, Enabled: enabled } = input.TimeToLiveSpecification;
      await change(input.TableName, (before) => {
        if ((before.timeToLive?.enabled ?? false) === enabled) {
          throw new AwsError('ValidationException', `TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
        }
        return { ...before, timeToLive: { attribute, enabled } };
      });
      return { TimeToLiveSpecification: input.TimeToLiveSpecification };
    },
    async DescribeTimeToLive(
      input: Input<dynamodb.DescribeTimeToLiveInput>,
    ): Promise<dynamodb.DescribeTimeToLiveOutput> {
      const { timeToLive } = await read(input.TableName);
      return {
        TimeToLiveDescription: timeToLive?.enabled
          ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute }
          : { TimeToLiveStatus: 'DISABLED' },
      };
    },
    async UpdateContinuousBackups(
      input: Input<dynamodb.UpdateContinuousBackupsInput>,
    ): Promise<dynamodb.UpdateContinuousBackupsOutput> {
      const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days = 35 } =
        input.PointInTimeRecoverySpecification;
      const changed = await change(input.TableName, ({ recovery, ...before }) =>
        enabled ? { ...before, recovery: { since: recovery?.since ?? cloud.now(), days } } : before,
      );
      return describeBackups(changed, cloud.now());
    },
    DescribeContinuousBackups: async (
      input: Input<dynamodb.DescribeContinuousBackupsInput>,
    ): Promise<dynamodb.DescribeContinuousBackupsOutput> => describeBackups(await read(input.TableName), cloud.now()),
    async TagResource(input: Input<dynamodb.TagResourceInput>) {
      await change(input.ResourceArn, (before) => ({ ...before, tags: { ...before.tags, ...tagsOf(input.Tags) } }));
      return {};
    },
    async UntagResource(input: Input<dynamodb.UntagResourceInput>) {
      await change(input.ResourceArn, (before) => ({ ...before, tags: withoutTags(before.tags, input.TagKeys) }));
      return {};
    },
    ListTagsOfResource: async (
      input: Input<dynamodb.ListTagsOfResourceInput>,
    ): Promise<dynamodb.ListTagsOfResourceOutput> => ({ Tags: tagPairs((await read(input.ResourceArn)).tags) }),
  };
}

/** Says what the settings are; the local cloud keeps no backups and cannot restore to a point in time. */
function describeBackups({ recovery }: TableSettings, now: number): dynamodb.DescribeContinuousBackupsOutput {
  const day = 24 * 60 * 60 * 1000;
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: recovery
        ? {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: recovery.days,
            EarliestRestorableDateTime: new Date(Math.max(recovery.since, now - recovery.days * day)),
            LatestRestorableDateTime: new Date(now),
          }
        : { PointInTimeRecoveryStatus: 'DISABLED' },
    },
  };
}
