import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../kit/service.ts';
import type { ServiceRecord } from './records.ts';

/** The alarm for which a deployment that is under way has to be taken back, in words; undefined when there is none. */
export async function raisedAlarm(cloud: Cloud, { settings, deployments }: ServiceRecord): Promise<string | undefined> {
  const { alarmNames = [], enable, rollback } = settings.deploymentConfiguration?.alarms ?? {};
  if (!enable || !rollback || alarmNames.length === 0 || deployments[0]?.rolloutState !== 'IN_PROGRESS')
    return undefined;
  const asked = cloud.invoke<{ MetricAlarms?: { AlarmName?: string }[] }>('monitoring', 'DescribeAlarms', {
    AlarmNames: alarmNames,
    StateValue: 'ALARM',
  });
  const { MetricAlarms = [] } = await asked.catch((error: unknown) => {
    // A local cloud that is composed without CloudWatch has no alarms.
    if (error instanceof AwsError && error.name === 'UnsupportedOperation') return { MetricAlarms: [] };
    throw error;
  });
  const names = MetricAlarms.map(({ AlarmName }) => AlarmName).join(', ');
  return names === '' ? undefined : `Service deployment rolled back because of alarms: ${names}.`;
}
