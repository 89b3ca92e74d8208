import { setTimeout as sleep } from 'node:timers/promises';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { localProject } from '../../../local/cli/cloud/project.ts';
import { bucketName } from '../../../pipeline/manifest/names.ts';
import { createSchedules } from '../../../services/batch/src/schedules.ts';
import { awsOptions } from '../../support/aws.ts';
import { send } from '../../support/front-door.ts';
import { cloudLog, createHome } from '../../support/home.ts';

const home = createHome();
const MINUTES = 60_000;

afterAll(() => home.remove(), 2 * MINUTES);

test(
  'staging takes an asynchronous prediction, starts a worker for it from none, and runs a batch on a schedule of its tenant',
  async () => {
    const up = await home.json(['up'], { environment: { SLIPWAY_APPROVAL: 'comment' } });
    expect({ code: up.code, log: up.code === 0 ? '' : cloudLog(home) }).toEqual({ code: 0, log: '' });
    const ecs = new ECSClient(awsOptions(home));
    const workers = async () =>
      ((await ecs.send(new ListTasksCommand({ cluster: 'staging', serviceName: 'staging-predictor' }))).taskArns ?? [])
        .length;
    // A release starts one task, which goes once nothing has waited for it for a while.
    while ((await workers()) > 0) await sleep(500);

    const rows = [
      [4, 97, 67, 2065, 17.8, 1980, 2],
      [8, 400, 175, 4464, 11.5, 1971, 0],
    ];
    const asked = await send(home, {
      environment: 'staging',
      path: '/v1/predictions',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify({ model: 'fuel-economy', rows }),
    });
    expect(asked).toMatchObject({ status: 202, text: expect.stringContaining('waiting') });
    const { id } = JSON.parse(asked.text) as { id: string };
    const s3 = new S3Client({ ...awsOptions(home), forcePathStyle: true });
    const Bucket = bucketName(localProject(home.cloud().ports), 'staging', 'batches');
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'acme/fuel-economy/cars.csv',
        Body: rows.map((row) => row.join()).join('\n'),
      }),
    );
    const schedules = createSchedules('staging', new SchedulerClient(awsOptions(home)), ecs);
    expect(await schedules.put({ tenant: 'acme' }, 'rate(1 minute)')).toEqual({
      ok: true,
      value: 'staging-batch-acme',
    });

    const show = async () =>
      JSON.parse((await send(home, { environment: 'staging', path: `/v1/predictions/${id}` })).text);
    for (let shown = await show(); shown.state !== 'done'; shown = await show()) {
      expect(shown.state).not.toBe('failed');
      await sleep(500);
    }
    expect(await workers()).toBeGreaterThan(0);
    const result = await (await fetch((await show()).result.url)).text();
    const answers = result
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).outputs.miles_per_gallon);
    expect(answers).toEqual([expect.closeTo(35, -1), expect.closeTo(13, -1)]);

    const read = () =>
      s3.send(new GetObjectCommand({ Bucket, Key: 'acme/fuel-economy/cars.csv.out' })).then(
        ({ Body }) => Body?.transformToString(),
        () => undefined,
      );
    let batch = await read();
    for (; batch === undefined; batch = await read()) await sleep(500);
    expect(batch).toBe(result);
  },
  8 * MINUTES,
);
