import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { until } from '../../runtime/testing/cloud.ts';
import { startTestCloud, type TestCloud } from '../kit/test-cloud.ts';
import { createSqsService } from '../sqs/service.ts';
import { createSchedulerService } from './service.ts';

describe('EventBridge Scheduler', () => {
  let aws: TestCloud;
  let client: SchedulerClient;
  const queue = 'arn:aws:sqs:us-east-1:000000000000:inbox';
  const schedule = (change: object = {}) => ({
    Name: 'nightly',
    ScheduleExpression: 'cron(0 3 * * ? *)',
    FlexibleTimeWindow: { Mode: 'OFF' as const },
    Target: { Arn: queue, RoleArn: 'arn:aws:iam::000000000000:role/r', Input: '{"tenant":"a"}' },
    ...change,
  });
  const soon = (milliseconds: number) => `at(${new Date(Date.now() + milliseconds).toISOString().slice(0, 19)})`;
  const inbox = async () => {
    const input = { QueueUrl: 'inbox', MaxNumberOfMessages: 10 };
    const answer = await aws.cloud.invoke<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', input);
    return (answer.Messages ?? []).map(({ Body }) => Body);
  };
  const names = async () => (await client.send(new ListSchedulesCommand({}))).Schedules?.map(({ Name }) => Name) ?? [];

  beforeEach(async () => {
    aws = await startTestCloud((cloud) => [createSqsService(cloud), createSchedulerService(cloud)]);
    client = new SchedulerClient(aws.client);
    await aws.cloud.invoke('sqs', 'CreateQueue', { QueueName: 'inbox' });
  });
  afterEach(() => aws.remove());

  test('a schedule fires when it is due, once, and goes away if it says so', async () => {
    const change = { ScheduleExpression: soon(1100), ActionAfterCompletion: 'DELETE' };
    await client.send(new CreateScheduleCommand(schedule(change) as ReturnType<typeof schedule>));
    const bodies = await until('the schedule fires', async () => {
      const received = await inbox();
      return received.length > 0 && received;
    });
    expect(bodies).toEqual(['{"tenant":"a"}']);
    expect(await names()).toEqual([]);
  });

  test('one that is disabled does not fire; what a target refuses is logged', async () => {
    const disabled = schedule({ Name: 'off', ScheduleExpression: soon(1000), State: 'DISABLED' });
    await client.send(new CreateScheduleCommand(disabled));
    const Target = { Arn: `${queue}-gone`, RoleArn: 'arn:aws:iam::000000000000:role/r' };
    await client.send(new CreateScheduleCommand(schedule({ Name: 'lost', ScheduleExpression: soon(1000), Target })));
    await until('the failure is logged', () => aws.events.some(({ message }) => message === 'schedule lost failed'));
    expect(await inbox()).toEqual([]);
  });

  test('schedules of a group; an update replaces all settings', async () => {
    await client.send(new CreateScheduleGroupCommand({ Name: 'tenants' }));
    await client.send(new CreateScheduleCommand(schedule({ GroupName: 'tenants', Description: 'first' })));
    const again = client.send(new CreateScheduleCommand(schedule({ GroupName: 'tenants' })));
    await expect(again).rejects.toMatchObject({ name: 'ConflictException' });
    await client.send(new UpdateScheduleCommand(schedule({ GroupName: 'tenants', ScheduleExpression: 'rate(1 day)' })));
    const found = await client.send(new GetScheduleCommand({ Name: 'nightly', GroupName: 'tenants' }));
    expect(found).toMatchObject({
      ScheduleExpression: 'rate(1 day)',
      State: 'ENABLED',
      Target: { Input: '{"tenant":"a"}' },
    });
    expect(found.Description).toBeUndefined();
    await client.send(new DeleteScheduleGroupCommand({ Name: 'tenants' }));
    expect(await names()).toEqual([]);
    const groups = await client.send(new ListScheduleGroupsCommand({}));
    expect(groups.ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default']);
  });

  test.each([
    ['an expression that says nothing', { ScheduleExpression: 'often' }, 'ValidationException'],
    ['a time zone that does not exist', { ScheduleExpressionTimezone: 'Mars/Base' }, 'ValidationException'],
    ['a bad name', { Name: 'a b' }, 'ValidationException'],
    ['a group that does not exist', { GroupName: 'none' }, 'ResourceNotFoundException'],
  ])('%s is refused', async (_what, change, name) => {
    await expect(client.send(new CreateScheduleCommand(schedule(change)))).rejects.toMatchObject({ name });
    const missing = client.send(new DeleteScheduleCommand({ Name: 'none' }));
    await expect(missing).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
