import type { Manifest } from '../../pipeline/manifest/types.ts';
import { CloudwatchMetricAlarm, Construct } from '../cdktf.ts';
import { type Measured, type Metric, serviceMetrics } from './service-metrics.ts';

interface ServiceAlarmsProperties {
  readonly manifest: Manifest;
  readonly measured: Measured;
  /** Topic that hears of them. */
  readonly topicArn: string;
}

/** Alarms on what one service does: errors, missing tasks, too little CPU or memory. */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, { manifest, measured, topicArn }: ServiceAlarmsProperties) {
    super(scope, id);
    for (const metric of serviceMetrics(manifest, measured)) {
      if (metric.alarm !== undefined) createAlarm(this, { metric, alarm: metric.alarm, measured, topicArn });
    }
  }
}

interface AlarmInput extends Pick<ServiceAlarmsProperties, 'measured' | 'topicArn'> {
  readonly metric: Metric;
  readonly alarm: NonNullable<Metric['alarm']>;
}

function createAlarm(scope: Construct, { metric, alarm, measured, topicArn }: AlarmInput): void {
  new CloudwatchMetricAlarm(scope, metric.name, {
    alarmName: `${measured.serviceName}-${metric.name}`,
    alarmDescription: `${measured.serviceName}: ${alarm.meaning}`,
    namespace: metric.namespace,
    metricName: metric.metricName,
    dimensions: { ...metric.dimensions },
    statistic: metric.statistic,
    period: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    threshold: alarm.threshold,
    comparisonOperator: 'GreaterThanOrEqualToThreshold',
    treatMissingData: 'notBreaching',
    alarmActions: [topicArn],
    okActions: [topicArn],
  });
}
