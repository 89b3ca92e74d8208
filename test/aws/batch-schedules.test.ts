import { ECSClient } from '@aws-sdk/client-ecs';
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { startTestCloud, type TestCloud } from '../../local/aws/kit/test-cloud.ts';
import { createSchedulerService } from '../../local/aws/scheduler/service.ts';
import { createSchedules } from '../../services/batch/src/schedules.ts';

describe('schedules of single tenants', () => {
  let aws: TestCloud;
  let scheduler: SchedulerClient;
  beforeAll(async () => {
    aws = await startTestCloud((cloud) => [createSchedulerService(cloud)]);
    scheduler = new SchedulerClient(aws.client);
  });
  afterAll(() => aws.remove());

  const open = () => createSchedules('staging', scheduler, new ECSClient(aws.client));
  const scope = { tenant: 'acme', model: 'churn', input: '2026/' };

  test('before an environment is deployed there is nothing to copy from', async () => {
    expect(await open().put(scope, 'rate(1 day)')).toEqual({
      ok: false,
      error: 'there is no schedule staging-batch; deploy staging first',
    });
  });

  test('are those of all tenants, told whose files to predict', async () => {
    const Target = {
      Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/staging',
      RoleArn: 'arn:aws:iam::000000000000:role/demo-staging-batch-schedule',
      EcsParameters: {
        TaskDefinitionArn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/staging-batch',
        TaskCount: 1,
      },
    };
    const FlexibleTimeWindow = { Mode: 'OFF' as const };
    await scheduler.send(
      new CreateScheduleCommand({
        Name: 'staging-batch',
        ScheduleExpression: 'rate(1 day)',
        FlexibleTimeWindow,
        Target,
      }),
    );
    expect(await open().put(scope, 'rate(2 hours)')).toEqual({ ok: true, value: 'staging-batch-acme.churn' });
    expect(await open().put(scope, 'cron(0 3 * * ? *)')).toMatchObject({ ok: true });
    const made = await scheduler.send(new GetScheduleCommand({ Name: 'staging-batch-acme.churn' }));
    expect(made).toMatchObject({ ScheduleExpression: 'cron(0 3 * * ? *)', Target });
    const environment = [
      { name: 'TENANT', value: 'acme' },
      { name: 'MODEL', value: 'churn' },
      { name: 'INPUT', value: '2026/' },
    ];
    expect(JSON.parse(made.Target?.Input ?? '')).toEqual({ containerOverrides: [{ name: 'batch', environment }] });
    expect(await open().list()).toEqual(['staging-batch-acme.churn']);
    expect(await open().remove(scope)).toMatchObject({ ok: true });
    expect(await open().remove(scope)).toEqual({ ok: false, error: 'there is no schedule staging-batch-acme.churn' });
  });

  test('of tenants and models whose names look alike are different ones, and all of them are listed', async () => {
    const long = 'a'.repeat(60);
    const scopes = [
      { tenant: 'a', model: 'b-c' },
      { tenant: 'a-b', model: 'c' },
      { tenant: 'a-b-c' },
      { tenant: long, model: 'one' },
      { tenant: long, model: 'two' },
      ...Array.from({ length: 100 }, (_, number) => ({ tenant: `tenant-${number}` })),
    ];
    const names = new Set<string>();
    for (const one of scopes) {
      const put = await open().put(one, 'rate(1 day)');
      if (put.ok) names.add(put.value);
    }
    expect(names.size).toBe(scopes.length);
    expect((await open().list()).sort()).toEqual([...names].sort());
  });

  test('no name of a tenant becomes anything else', async () => {
    expect(await open().put({ tenant: '../x' }, 'rate(1 day)')).toMatchObject({ ok: false });
  });
});
