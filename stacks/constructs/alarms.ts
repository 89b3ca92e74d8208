import { CloudwatchMetricAlarm, Construct, SnsTopic } from '../cdktf.ts';

interface AlarmProperties {
  readonly name: string;
  readonly keyArn: string;
  /** Part of the load balancer's ARN that CloudWatch calls its metrics by. */
  readonly loadBalancer: string;
}

const ALARMS = [
  {
    id: 'service-errors',
    metricName: 'HTTPCode_Target_5XX_Count',
    threshold: 10,
    description: 'Services answer with errors',
  },
  {
    id: 'no-target',
    metricName: 'HTTPCode_ELB_5XX_Count',
    threshold: 10,
    description: 'The load balancer has no healthy target',
  },
] as const;

/** Name of the alarm for which a canary or blue/green deployment is taken back. */
export const serviceErrorsAlarm = (app: string, environment: string): string => `${app}-${environment}-service-errors`;

/** Two alarms on what users notice, and the topic that people subscribe to. */
export class Alarms extends Construct {
  /** The topic that people subscribe to. */
  readonly topicArn: string;

  constructor(scope: Construct, id: string, { name, keyArn, loadBalancer }: AlarmProperties) {
    super(scope, id);
    const topic = new SnsTopic(this, 'topic', { name: `${name}-alarms`, kmsMasterKeyId: keyArn });
    this.topicArn = topic.arn;
    for (const { id: alarm, metricName, threshold, description } of ALARMS) {
      new CloudwatchMetricAlarm(this, alarm, {
        alarmName: `${name}-${alarm}`,
        alarmDescription: description,
        namespace: 'AWS/ApplicationELB',
        metricName,
        dimensions: { LoadBalancer: loadBalancer },
        statistic: 'Sum',
        period: 60,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        threshold,
        comparisonOperator: 'GreaterThanOrEqualToThreshold',
        treatMissingData: 'notBreaching',
        alarmActions: [topic.arn],
        okActions: [topic.arn],
      });
    }
  }
}
