import { useTerraform } from '../testing/fixture.ts';
import { ref } from '../testing/workspace.ts';

const terraform = useTerraform();
const { call, expectNoChanges } = terraform;

const configuration = (change: object = {}) => ({
  resource: {
    aws_sqs_queue: {
      dead: { name: 'dead' },
      work: {
        name: 'work',
        visibility_timeout_seconds: 60,
        redrive_policy: `{"deadLetterTargetArn":"${ref('aws_sqs_queue.dead.arn')}","maxReceiveCount":2}`,
        tags: { a: 'b' },
        ...change,
      },
    },
    aws_sns_topic: { news: { name: 'news', signature_version: 2, tracing_config: 'Active' } },
    aws_sns_topic_subscription: {
      work: {
        topic_arn: ref('aws_sns_topic.news.arn'),
        protocol: 'sqs',
        endpoint: ref('aws_sqs_queue.work.arn'),
        raw_message_delivery: true,
      },
    },
    aws_sns_topic_policy: {
      news: { arn: ref('aws_sns_topic.news.arn'), policy: '{"Version":"2012-10-17","Statement":[]}' },
    },
    aws_sqs_queue_policy: {
      work: { queue_url: ref('aws_sqs_queue.work.url'), policy: '{"Version":"2012-10-17","Statement":[]}' },
    },
  },
});

test('what is published to a topic that Terraform made arrives in its queue', async () => {
  await terraform.workspace.apply(configuration());
  await expectNoChanges();
  await call('sns', 'Publish', { TopicArn: 'arn:aws:sns:us-east-1:000000000000:news', Message: 'hello' });
  const { Messages } = await call<{ Messages: { Body: string }[] }>('sqs', 'ReceiveMessage', { QueueUrl: 'work' });
  expect(Messages.map(({ Body }) => Body)).toEqual(['hello']);
  expect(
    await terraform.workspace.apply(configuration({ visibility_timeout_seconds: 90, redrive_policy: null, tags: {} })),
  ).toContain('1 changed');
  await expectNoChanges();
  const { Attributes } = await call<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
    QueueUrl: 'work',
    AttributeNames: ['All'],
  });
  expect(Attributes).toMatchObject({ VisibilityTimeout: '90' });
});

test('a queue that somebody deleted shows as drift, one that somebody changed is put back', async () => {
  await terraform.workspace.apply(configuration());
  await call('sqs', 'SetQueueAttributes', { QueueUrl: 'work', Attributes: { VisibilityTimeout: '5' } });
  expect(await terraform.workspace.apply()).toContain('1 changed');
  await call('sqs', 'DeleteQueue', { QueueUrl: 'dead' });
  expect(await terraform.workspace.apply()).toContain('1 added');
  await expectNoChanges();
});

test('a schedule keeps what it starts, and its network', async () => {
  const job = (change: object = {}) => ({
    resource: {
      aws_scheduler_schedule_group: { tenants: { name: 'tenants', tags: { a: 'b' } } },
      aws_scheduler_schedule: {
        nightly: {
          name: 'nightly',
          group_name: ref('aws_scheduler_schedule_group.tenants.name'),
          schedule_expression: 'cron(0 3 * * ? *)',
          flexible_time_window: { mode: 'OFF' },
          target: {
            arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/staging',
            role_arn: 'arn:aws:iam::000000000000:role/schedule',
            input: '{}',
            ecs_parameters: {
              task_definition_arn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/job',
              task_count: 1,
              capacity_provider_strategy: [{ capacity_provider: 'FARGATE_SPOT', weight: 1 }],
              network_configuration: { subnets: ['subnet-1'], assign_public_ip: true },
            },
          },
          ...change,
        },
      },
    },
  });
  await terraform.workspace.apply(job());
  await expectNoChanges();
  const key = { Name: 'nightly', GroupName: 'tenants' };
  const { Target } = await call<{ Target: object }>('scheduler', 'GetSchedule', key);
  expect(Target).toMatchObject({
    EcsParameters: {
      CapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
      NetworkConfiguration: { awsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp: 'ENABLED' } },
    },
  });
  expect(await terraform.workspace.apply(job({ schedule_expression: 'rate(1 day)', state: 'DISABLED' }))).toContain(
    '1 changed',
  );
  await expectNoChanges();
});
