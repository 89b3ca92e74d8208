import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startTestCloud, type TestCloud } from '../../../local/aws/kit/test-cloud.ts';
import { createS3Service } from '../../../local/aws/s3/service.ts';
import { hungryModel, inBucket, loopingModel } from '../../../services/inference/src/test-models.ts';
import { type Computer, type ComputerSettings, createComputer } from '../../../services/kit/transform/computer.ts';
import { sumModel } from '../../../services/kit/transform/test-models.ts';

const MIB = 2 ** 20;
const SMALL_MIB = 64;
const LARGE_MIB = 448;

describe('the process in which models compute', () => {
  let aws: TestCloud;
  let s3: S3Client;
  const computers: Computer[] = [];
  const put = (Bucket: string, Key: string, Body: string | Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const open = (more: Partial<ComputerSettings> = {}): Computer => {
    const computer = createComputer({
      program: join(import.meta.dirname, '../../../services/predictor/main.ts'),
      argument: 'compute',
      patience: 120_000,
      memoryBytes: 2048 * MIB,
      files: 'files',
      models: 'models',
      prefix: '',
      ...more,
    });
    computers.push(computer);
    return computer;
  };
  beforeAll(async () => {
    aws = await startTestCloud((cloud) => [createS3Service(cloud)]);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws.client.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    s3 = new S3Client({ ...aws.client, forcePathStyle: true });
    for (const Bucket of ['models', 'files']) await s3.send(new CreateBucketCommand({ Bucket }));
    const models = [
      sumModel({ name: 'sum', columns: 64 }),
      loopingModel({ name: 'loops' }),
      hungryModel({ name: 'takes-all' }),
    ];
    for (const [key, bytes] of inBucket(models)) await put('models', key, bytes);
  });
  afterAll(async () => {
    await Promise.all(computers.map((computer) => computer.close()));
    await aws.remove();
  });

  test('holds a file of hundreds of megabytes never whole', async () => {
    const computer = open({ rowsPerRun: 1024 });
    const peaks: number[] = [];
    for (const size of [SMALL_MIB, LARGE_MIB]) {
      const [input, output] = [`${size}.f32`, `${size}.out`];
      await put('files', input, new Uint8Array(size * MIB));
      const outcome = await computer.compute({ tenant: '', model: 'sum', input, output, format: 'float32' });
      expect(outcome).toMatchObject({ kind: 'done', rows: (size * MIB) / 256, failed: 0 });
      const status = readFileSync(`/proc/${computer.pid}/status`, 'utf8');
      peaks.push(Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024));
    }
    const [small = 0, large = Number.NaN] = peaks;
    console.log(`${SMALL_MIB} MiB: at most ${small} MiB resident; ${LARGE_MIB} MiB: ${large}`);
    expect(large - small).toBeLessThan((LARGE_MIB - SMALL_MIB) / 3);
  }, 120_000);

  test.each([
    ['loops', '[1000000000000]', { patience: 3_000 }, /gave no answer within 3000 ms/],
    [
      'takes-all',
      '[100000000000]',
      { memoryBytes: 512 * MIB },
      /took more than 512 MiB|cannot be computed|ended by itself/,
    ],
  ])(
    'ends with the model that %s, and the next one has its turn',
    async (model, row, limits, reason) => {
      const computer = open(limits);
      await put('files', 'row.jsonl', row);
      const outcome = await computer.compute({
        tenant: '',
        model,
        input: 'row.jsonl',
        output: `${model}.out`,
        format: 'jsonl',
      });
      console.log(model, JSON.stringify(outcome));
      if (outcome.kind === 'broken') expect(outcome.reason).toMatch(reason);
      else expect(outcome).toMatchObject({ kind: 'done', rows: 1, failed: 1 });
      await put('files', 'good.jsonl', JSON.stringify(new Array(64).fill(1)));
      const next = await computer.compute({
        tenant: '',
        model: 'sum',
        input: 'good.jsonl',
        output: `${model}.good.out`,
        format: 'jsonl',
      });
      expect(next).toMatchObject({ kind: 'done', rows: 1, failed: 0 });
    },
    120_000,
  );
});
