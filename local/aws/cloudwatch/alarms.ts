import type { DescribeAlarmsInput, MetricAlarm, SetAlarmStateInput } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { AwsError, type Operation } from '../kit/service.ts';

interface AlarmState {
  readonly value: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
  readonly since: number;
}

const STATES: readonly (string | undefined)[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/**
 * Alarms that Terraform made. Nothing local raises one: SetAlarmState does, which AWS has for the same purpose, and who watches alarms (a
 * deployment of ECS) sees it. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
 */
export function alarmOperations({ store, now }: Pick<Cloud, 'store' | 'now'>): Record<string, Operation> {
  const made = store.collection<{ id: string; attributes: Record<string, unknown> }>(
    'terraform/aws_cloudwatch_metric_alarm',
  );
  const states = store.collection<AlarmState>('cloudwatch/alarm-states');
  const describe = (name: string, attributes: Record<string, unknown>): MetricAlarm => {
    const { value, reason, since } = states.get(name) ?? { value: 'OK', reason: 'Nothing was set', since: 0 };
    return {
      AlarmName: name,
      AlarmArn: String(attributes['arn'] ?? ''),
      AlarmDescription: String(attributes['alarm_description'] ?? ''),
      MetricName: String(attributes['metric_name'] ?? ''),
      Namespace: String(attributes['namespace'] ?? ''),
      StateValue: value,
      StateReason: reason,
      StateUpdatedTimestamp: new Date(since),
    };
  };
  return {
    DescribeAlarms({ AlarmNames, AlarmNamePrefix = '', StateValue }: Input<DescribeAlarmsInput>) {
      const MetricAlarms = made
        .entries()
        .map(([, { id, attributes }]) => describe(id, attributes))
        .filter(({ AlarmName = '' }) =>
          AlarmNames ? AlarmNames.includes(AlarmName) : AlarmName.startsWith(AlarmNamePrefix),
        )
        .filter((alarm) => !StateValue || alarm.StateValue === StateValue);
      return { MetricAlarms, CompositeAlarms: [] };
    },
    SetAlarmState({ AlarmName = '', StateValue, StateReason = '' }: Input<SetAlarmStateInput>) {
      if (!made.entries().some(([, { id }]) => id === AlarmName))
        throw new AwsError('ResourceNotFound', `There is no alarm ${AlarmName}`, { status: 404 });
      if (!STATES.includes(StateValue))
        throw new AwsError('ValidationError', `StateValue has to be OK, ALARM or INSUFFICIENT_DATA, not ${StateValue}`);
      states.set(AlarmName, { value: StateValue as AlarmState['value'], reason: StateReason, since: now() });
      return {};
    },
  };
}
