import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { until } from '../../runtime/testing/cloud.ts';
import type { Values } from '../../terraform/schema/value.ts';
import { createCloudWatchService } from '../cloudwatch/service.ts';
import type { AwsService } from '../kit/service.ts';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSqsService } from '../sqs/service.ts';
import { exactCapacity, readBacklogAlarm } from './alarm.ts';
import { type Autoscaling, startAutoscaling } from './scaling.ts';

const ARN = 'arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy';
const RESOURCE = 'service/staging/worker';

/** As the construct BacklogScaling makes it, for up to 3 tasks of 2 messages each. */
const policy = (id: 'busy' | 'idle', step_adjustment: Values[]): Values => ({
  arn: `${ARN}:${id}`,
  resource_id: RESOURCE,
  step_scaling_policy_configuration: [{ adjustment_type: 'ExactCapacity', step_adjustment }],
});
const BUSY = policy('busy', [
  { metric_interval_lower_bound: '0', metric_interval_upper_bound: '2', scaling_adjustment: 1 },
  { metric_interval_lower_bound: '2', metric_interval_upper_bound: '4', scaling_adjustment: 2 },
  { metric_interval_lower_bound: '4', metric_interval_upper_bound: '', scaling_adjustment: 3 },
]);
const IDLE = policy('idle', [
  { metric_interval_lower_bound: '', metric_interval_upper_bound: '0', scaling_adjustment: 0 },
]);
const metric = (id: string, metric_name: string): Values => ({
  id,
  expression: '',
  metric: [{ namespace: 'AWS/SQS', metric_name, dimensions: { QueueName: 'work' } }],
});
const alarm = (id: 'busy' | 'idle', change: Values): Values => ({
  alarm_name: `worker-${id}`,
  metric_query: [
    metric('visible', 'ApproximateNumberOfMessagesVisible'),
    metric('flying', 'ApproximateNumberOfMessagesNotVisible'),
    { id: 'backlog', expression: 'visible + flying', metric: [] },
  ],
  alarm_actions: [`${ARN}:${id}`],
  ...change,
});
const ALARMS = [
  alarm('busy', { comparison_operator: 'GreaterThanOrEqualToThreshold', threshold: 1, evaluation_periods: 1 }),
  alarm('idle', { comparison_operator: 'LessThanOrEqualToThreshold', threshold: 0, evaluation_periods: 3 }),
];

test.each([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 2],
  [5, 3],
  [500, 3],
])('%i messages need %i tasks', (backlog, tasks) => {
  expect(exactCapacity(BUSY, backlog - 1)).toBe(tasks);
});

test('alarms on anything but sums of queue numbers are not read', () => {
  const [busy = {}] = ALARMS;
  expect(readBacklogAlarm(busy)?.metrics).toHaveLength(2);
  const cpu = { namespace: 'AWS/ECS', metric_name: 'CPUUtilization', dimensions: { ServiceName: 'worker' } };
  expect(readBacklogAlarm({ ...busy, metric_query: [], ...cpu })).toBeUndefined();
  const quotient = [...(busy['metric_query'] as Values[]).slice(0, 2), { id: 'q', expression: 'visible / flying' }];
  expect(readBacklogAlarm({ ...busy, metric_query: quotient })).toBeUndefined();
});

describe('a worker', () => {
  let aws: TestCloud;
  let scaling: Autoscaling;
  let queue: SQSClient;
  let desiredCount: number;
  let counts: number[];
  const ecs: AwsService = {
    name: 'ecs',
    operations: {
      DescribeServices: () => ({ services: [{ status: 'ACTIVE', desiredCount }] }),
      UpdateService(input: { cluster: string; service: string; desiredCount: number }) {
        expect(input).toMatchObject({ cluster: 'staging', service: 'worker' });
        desiredCount = input.desiredCount;
        counts.push(desiredCount);
        return {};
      },
    },
  };
  beforeEach(async () => {
    desiredCount = 0;
    counts = [];
    aws = await startTestCloud((cloud) => [createSqsService(cloud), createCloudWatchService(cloud), ecs]);
    const put = (type: string, id: string, attributes: Values) =>
      aws.cloud.store.collection(`terraform/${type}`).set(id, { id, attributes });
    for (const each of ALARMS) put('aws_cloudwatch_metric_alarm', String(each['alarm_name']), each);
    for (const each of [BUSY, IDLE]) put('aws_appautoscaling_policy', String(each['arn']), each);
    put('aws_appautoscaling_target', RESOURCE, { resource_id: RESOURCE, min_capacity: 0, max_capacity: 3 });
    queue = new SQSClient(aws.client);
    await queue.send(new CreateQueueCommand({ QueueName: 'work', Attributes: { VisibilityTimeout: '60' } }));
    scaling = startAutoscaling(aws.cloud, 5);
  });
  afterEach(async () => {
    await scaling.close();
    await aws.remove();
  });

  test('grows with what waits, stays while something is in flight, and goes when nothing is left', async () => {
    const QueueUrl = 'work';
    for (let sent = 0; sent < 3; sent++) await queue.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
    await until('two tasks are wanted', () => desiredCount === 2);
    const { Messages = [] } = await queue.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(desiredCount).toBe(2);
    for (const { ReceiptHandle } of Messages) await queue.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await until('no task is wanted', () => desiredCount === 0);
    expect(counts.at(-1)).toBe(0);
    const answer = await aws.cloud.invoke<{ MetricAlarms: { AlarmName: string; StateValue: string }[] }>(
      'monitoring',
      'DescribeAlarms',
      { AlarmNames: ['worker-idle'] },
    );
    expect(answer.MetricAlarms).toMatchObject([{ StateValue: 'ALARM' }]);
  });
});
