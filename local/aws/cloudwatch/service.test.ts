import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createCloudWatchService } from './service.ts';

describe('CloudWatch', () => {
  let aws: TestCloud;
  let client: CloudWatchClient;
  const start = Date.parse('2026-01-01T00:00:00Z');
  beforeAll(async () => {
    aws = await startTestCloud((cloud) => [createCloudWatchService(cloud)], { now: () => start });
    client = new CloudWatchClient(aws.client);
  });
  afterAll(() => aws.remove());

  test('what is put is gathered by period; dimensions in any order name one metric', async () => {
    const version = { Name: 'ExecutedVersion', Value: '2' };
    const name = { Name: 'FunctionName', Value: 'scorer' };
    const put = (Value: number, minute: number, Dimensions = [version, name]) =>
      client.send(
        new PutMetricDataCommand({
          Namespace: 'AWS/Lambda',
          MetricData: [{ MetricName: 'Errors', Value, Dimensions, Timestamp: new Date(start + minute * 60_000) }],
        }),
      );
    await put(1, 0);
    await put(3, 1, [name, version]);
    await put(8, 7);
    const answer = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [name, version],
        StartTime: new Date(start),
        EndTime: new Date(start + 5 * 60_000),
        Period: 300,
        Statistics: ['Sum', 'Average'],
      }),
    );
    expect(answer.Datapoints).toMatchObject([{ Sum: 4, Average: 2 }]);
  });

  test('an alarm that Terraform made has the state that somebody set', async () => {
    const alarms = aws.cloud.store.collection('terraform/aws_cloudwatch_metric_alarm');
    alarms.set('staging-service-errors', { id: 'staging-service-errors', attributes: { arn: 'arn:alarm' } });
    const raised = async () =>
      (await client.send(new DescribeAlarmsCommand({ AlarmNames: ['staging-service-errors'], StateValue: 'ALARM' })))
        .MetricAlarms;
    expect(await raised()).toEqual([]);
    const state = { StateValue: 'ALARM', StateReason: 'drill' } as const;
    await client.send(new SetAlarmStateCommand({ AlarmName: 'staging-service-errors', ...state }));
    expect(await raised()).toMatchObject([{ AlarmArn: 'arn:alarm', StateReason: 'drill' }]);
    await expect(client.send(new SetAlarmStateCommand({ AlarmName: 'nobody', ...state }))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
  });
});
